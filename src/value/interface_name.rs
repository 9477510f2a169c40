//! Names of network interfaces.

use super::{Refusal, checked_text};

/// Longest name in bytes: `IFNAMSIZ` less its NUL.
const LONGEST: usize = 15;
const TAKEN: &[&str] = &["lo", "all", "default", "bonding_masters"];
/// Beginnings of the names that others give, and who. libvirt: `VIR_NET_GENERATED_…_PREFIX`;
/// systemd: systemd-nspawn(1), systemd-vmspawn(1).
const TAKEN_BEGINNINGS: &[(&str, &str)] = &[
    ("vnet", "libvirt's taps"),
    ("macvtap", "libvirt's taps"),
    ("macvlan", "libvirt's devices"),
    ("vif", "libvirt's taps"),
    ("virbr", "libvirt's bridges"),
    ("ve-", "systemd-nspawn"),
    ("vb-", "systemd-nspawn"),
    ("vz-", "systemd-nspawn"),
    ("vt-", "systemd-vmspawn"),
];

fn interface_name(text: &str) -> Result<(), Refusal> {
    let allowed = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
    if text.is_empty() || text.len() > LONGEST {
        let length = text.chars().count();
        return Err(format!("interface name `{text}` has {length} characters, 1 to {LONGEST} are allowed"));
    }
    if let Some(found) = text.chars().find(|it| !allowed(*it)) {
        return Err(format!(
            "interface name `{}` has {found:?}, allowed are letters, digits and `._-`",
            text.escape_debug()
        ));
    }
    if !text.starts_with(|it: char| it.is_ascii_alphanumeric()) {
        return Err(format!("interface name `{text}` does not begin with a letter or digit"));
    }
    if text.bytes().all(|it| it.is_ascii_digit()) {
        return Err(format!(
            "interface name `{text}` is a number: it would be taken for an index, put a letter before it"
        ));
    }
    if TAKEN.contains(&text) {
        let remedy = if text == "lo" { ": addresses of the host itself go to a `[dummy.NAME]`" } else { "" };
        return Err(format!("interface name `{text}` is the kernel's own{remedy}"));
    }
    match TAKEN_BEGINNINGS.iter().find(|(beginning, _)| text.starts_with(beginning)) {
        Some((beginning, whose)) => {
            Err(format!("interface name `{text}` begins with `{beginning}`: these names belong to {whose}"))
        }
        None => Ok(()),
    }
}

checked_text!(
    /// Name of a network interface: 1 to 15 letters, digits and `._-`.
    InterfaceName, "an interface name, like \"eno1\"" ~ r"^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$", interface_name
);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn interface_names() {
        check::<InterfaceName>("eno1", Ok("eno1"));
        check::<InterfaceName>("enp59s0f1np1.42", Ok("enp59s0f1np1.42"));
        check::<InterfaceName>("sixteencharacter", Err("1 to 15"));
        check::<InterfaceName>("", Err("1 to 15"));
        check::<InterfaceName>("a/b", Err("has '/'"));
        check::<InterfaceName>("a%d", Err("has '%'"));
        check::<InterfaceName>("42", Err("is a number"));
        check::<InterfaceName>("lo", Err("the kernel's own"));
        check::<InterfaceName>("vnet0", Err("libvirt's taps"));
        check::<InterfaceName>("ve-web", Err("systemd-nspawn"));
        check::<InterfaceName>("-a", Err("does not begin"));
    }
}
