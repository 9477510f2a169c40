//! Names of network interfaces.

use super::{Refusal, checked_text};

/// Longest name in bytes: `IFNAMSIZ` less its NUL.
const LONGEST: usize = 15;
const TAKEN: &[&str] = &["lo", "all", "default", "bonding_masters"];
const TAKEN_BEGINNINGS: &[&str] = &["vnet", "macvtap", "macvlan", "vif", "ve-", "vb-", "vt-", "virbr"];

fn interface_name(text: &str) -> Result<(), Refusal> {
    let allowed = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
    if text.is_empty() || text.len() > LONGEST {
        return Err(format!(
            "an interface name has 1 to {LONGEST} characters, `{text}` has {}",
            text.chars().count()
        ));
    }
    if let Some(found) = text.chars().find(|it| !allowed(*it)) {
        return Err(format!("{found:?} is not allowed in an interface name: letters, digits, `._-`"));
    }
    if !text.starts_with(|it: char| it.is_ascii_alphanumeric()) {
        return Err(format!("interface name `{text}` does not begin with a letter or digit"));
    }
    if text.bytes().all(|it| it.is_ascii_digit()) {
        return Err(format!("interface name `{text}` is a number: it would be taken for an index"));
    }
    if TAKEN.contains(&text) {
        return Err(format!("interface name `{text}` is the kernel's own"));
    }
    match TAKEN_BEGINNINGS.iter().find(|it| text.starts_with(**it)) {
        Some(taken) => Err(format!("interface names that begin with `{taken}` belong to libvirt or systemd")),
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
        check::<InterfaceName>("a/b", Err("'/' is not allowed"));
        check::<InterfaceName>("a%d", Err("'%' is not allowed"));
        check::<InterfaceName>("42", Err("is a number"));
        check::<InterfaceName>("lo", Err("the kernel's own"));
        check::<InterfaceName>("vnet0", Err("belong to libvirt"));
        check::<InterfaceName>("-a", Err("does not begin"));
    }
}
