//! Strings with no further form than that they can stand in a file.

use super::{Refusal, checked_text};

/// Says whether a character can stand in no file: it breaks lines somewhere, or is not XML's.
pub(crate) fn is_forbidden(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}

pub(super) fn no_control_characters(text: &str) -> Result<(), Refusal> {
    match text.chars().find(|it| is_forbidden(*it)) {
        Some(found) => Err(format!("control character {found:?} is not allowed")),
        None => Ok(()),
    }
}

/// Checks a text of letters, digits and a few more characters; `form` finishes the sentence "it is not …".
fn word(text: &str, form: &str, extra: &str) -> Result<(), Refusal> {
    no_control_characters(text)?;
    let allowed = |it: char| it.is_ascii_alphanumeric() || extra.contains(it);
    match text.chars().find(|it| !allowed(*it)) {
        Some(found) => Err(format!(
            "`{text}` is not {form}: it has {found:?}, allowed are letters, digits and `{extra}`"
        )),
        None if text.is_empty() => Err(format!("the text is empty, not {form}")),
        None => Ok(()),
    }
}

checked_text!(
    /// A line of text, without control characters.
    Text, "a string without control characters", no_control_characters
);

checked_text!(
    /// Why something is meant as it is: a line that is not blank.
    Reason, "a reason, like \"the array has one controller\"", |text| {
        no_control_characters(text)?;
        if text.trim().is_empty() { Err("the reason is empty: say why it is meant so".to_owned()) } else { Ok(()) }
    }
);

checked_text!(
    /// File system type as mount(8) names it. `Type=` in systemd.mount(5).
    FileSystem, "a file system type, like \"ext4\"", |text| word(text, "a file system type, like `ext4`", "._-")
);

checked_text!(
    /// udev's `ID_PATH` of a device: `pci-0000:3b:00.1`.
    PciPath, "udev's ID_PATH of the device, like \"pci-0000:3b:00.1\"", |text| word(text, "udev's ID_PATH of a device, like `pci-0000:3b:00.1`", ":._-")
);

checked_text!(
    /// Name of a credential, systemd-creds(1).
    CredentialName, "a credential's name, like \"san1-chap\"", |text| {
        // What stands here may be the secret itself, so it is not repeated.
        if text.starts_with('.') {
            return Err("this is not a credential's name, like `san1-chap`: it begins with a dot".to_owned());
        }
        word(text, "", "._-").map_err(|_| {
            "this is not a credential's name, like `san1-chap`: allowed are letters, digits and `._-`".to_owned()
        })
    }
);

checked_text!(
    /// CHAP name of an iSCSI node: the parsers on its way divide at blanks and quotes.
    UserName, "a name without blanks, like \"hv1\"", |text| word(text, "a name without blanks, like `hv1`", "._:@-")
);

checked_text!(
    /// Name of a section or key of a unit file.
    Word, "a name of letters, digits and `-`", |text| word(text, "a name of a section or key, like `LLDP`", "-")
);

checked_text!(
    /// DNS domain; `~` before it makes it one that is asked for but not searched. `Domains=`, systemd.network(5).
    DomainName, "a domain, like \"example.net\" or \"~example.net\"", |text| {
        word(text.strip_prefix('~').unwrap_or(text), "a domain, like `example.net`", "._-")
    }
);

checked_text!(
    /// One option of mount(8).
    MountOption, "a mount option, like \"noatime\"", |text| word(text, "a mount option, like `noatime`", "=._:/@%+-")
);

checked_text!(
    /// UUID in its usual writing, in small letters.
    UuidText, "a UUID, like \"2f1b6c1e-8a53-4f0e-9d0a-6b1f0c9d7e42\"" ~ r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", |text| {
        match uuid::Uuid::parse_str(text) {
            Ok(uuid) if uuid.to_string() == text => Ok(()),
            Ok(_) => Err(format!("UUID `{text}` is not written as usual: small letters in five groups")),
            Err(_) => Err(format!("`{text}` is not a UUID, like `2f1b6c1e-8a53-4f0e-9d0a-6b1f0c9d7e42`")),
        }
    },
    |text| uuid::Uuid::parse_str(text.trim()).ok().map(|it| it.to_string())
);

checked_text!(
    /// Machine type of QEMU.
    Machine, "a versioned machine type, like \"pc-q35-7.2\"", |text| word(text, "a versioned machine type, like `pc-q35-7.2`", "._-")
);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn texts() {
        check::<Text>("100 % ]]> \"é\"", Ok("100 % ]]> \"é\""));
        check::<Text>("a\nb", Err("control character '\\n'"));
        check::<Text>("a\0", Err("control character '\\0'"));
        check::<Text>("a\u{2028}b", Err("control character"));
        check::<Reason>(" ", Err("the reason is empty"));
        check::<FileSystem>("ext4", Ok("ext4"));
        check::<FileSystem>("", Err("empty"));
        check::<FileSystem>("ext4,rw", Err("has ','"));
        check::<PciPath>("pci-0000:3b:00.1", Ok("pci-0000:3b:00.1"));
    }
}
