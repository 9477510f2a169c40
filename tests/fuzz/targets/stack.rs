//! Where it was when it broke: without a sanitizer, libFuzzer cannot say, and a stack without end kills it unheard.

use std::backtrace::Backtrace;
use std::ptr;

use nix::libc::{SA_ONSTACK, SIG_DFL, SIGSEGV, sigaction, sigaltstack, stack_t};

/// Room for a handler that runs when the stack is full, 1 MiB.
const ROOM: usize = 1 << 20;

/// Lines of a backtrace; one of a stack without end has as many as it likes.
const LINES: usize = 120;

/// Prints the stack; libFuzzer calls it when a target panics, crashes or takes too long.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_print_stack_trace() {
    let backtrace = Backtrace::force_capture().to_string();
    backtrace.lines().take(LINES).for_each(|it| eprintln!("{it}"));
}

/// Lets libFuzzer's handler run on a stack of its own; to be called before libFuzzer sets it.
pub(crate) fn prepare() {
    let room = Box::leak(vec![0_u8; ROOM].into_boxed_slice());
    let stack = stack_t { ss_sp: room.as_mut_ptr().cast(), ss_flags: 0, ss_size: ROOM };
    // SAFETY: the room is never freed; libFuzzer keeps the flag of the default action and sets its handler.
    unsafe {
        let mut action: sigaction = std::mem::zeroed();
        action.sa_sigaction = SIG_DFL;
        action.sa_flags = SA_ONSTACK;
        assert_eq!(sigaltstack(&raw const stack, ptr::null_mut()), 0);
        assert_eq!(sigaction(SIGSEGV, &raw const action, ptr::null_mut()), 0);
    }
}
