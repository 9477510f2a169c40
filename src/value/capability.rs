//! Capabilities of processes.

use super::{Refusal, checked_text};

/// Capabilities of Linux 6.1, capabilities(7), without `CAP_`.
const KNOWN: &[&str] = &[
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

fn capability(text: &str) -> Result<(), Refusal> {
    let known = text.strip_prefix("CAP_").is_some_and(|it| KNOWN.contains(&it));
    if known { Ok(()) } else { Err(format!("`{text}` is not a capability of Linux, capabilities(7)")) }
}

checked_text!(
    /// A capability, capabilities(7).
    Capability, "a capability, like \"CAP_NET_ADMIN\"", capability
);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn capabilities() {
        check::<Capability>("CAP_SYS_TIME", Ok("CAP_SYS_TIME"));
        check::<Capability>("SYS_TIME", Err("not a capability"));
        check::<Capability>("CAP_ALL", Err("not a capability"));
    }
}
