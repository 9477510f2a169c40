//! Where a boot program complains: the kernel's log, as systemd.generator(7) asks; a terminal where there is one.

use std::fs::OpenOptions;
use std::io::{IsTerminal, Write};

/// Priority of a warning, syslog(3).
const WARNING: u8 = 4;

/// A log that bears a program's name.
#[derive(Debug)]
pub(crate) struct Log {
    program: &'static str,
}

impl Log {
    /// Makes the log of a program.
    pub(crate) const fn new(program: &'static str) -> Self {
        Self { program }
    }

    /// Writes a warning.
    pub(crate) fn warn(&self, message: &str) {
        let kernel = OpenOptions::new().write(true).open("/dev/kmsg");
        let line = format!("{}: {message}", self.program);
        match kernel {
            Ok(mut kernel) if !std::io::stderr().is_terminal() => {
                let _ = writeln!(kernel, "<{WARNING}>{line}");
            }
            _ => eprintln!("{line}"),
        }
    }
}
