//! The kernel's answers over netlink, whole datagrams and single payloads.
#![no_main]
#![allow(dead_code, unused_imports, clippy::all, reason = "of what is included the readers alone are called")]

mod stack;

#[path = "../../../src/bin/hostwright/caller.rs"]
mod caller;
#[path = "../../../src/bin/hostwright/clock.rs"]
mod clock;
#[path = "../../../src/bin/hostwright/failure.rs"]
mod failure;
#[path = "../../../src/bin/hostwright/machine"]
mod machine {
    pub(crate) mod netlink;
}
#[path = "../../../src/bin/hostwright/process.rs"]
mod process;

use libfuzzer_sys::fuzz_target;
use machine::netlink;

fuzz_target!(
    init: stack::prepare(),
    |bytes: &[u8]| {
        netlink::answers::read_datagram(bytes);
        netlink::answers::read(bytes);
    }
);
