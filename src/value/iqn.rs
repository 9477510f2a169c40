//! Names of iSCSI nodes.

use super::{Refusal, checked_text};

/// Longest name, RFC 3720 section 3.2.6.1.
const LONGEST: usize = 223;

fn iscsi_name(text: &str) -> Result<(), Refusal> {
    if !["iqn.", "eui.", "naa."].iter().any(|it| text.starts_with(it)) {
        return Err(format!("iSCSI name `{text}` does not begin with `iqn.`, `eui.` or `naa.`"));
    }
    if text.len() > LONGEST {
        return Err(format!("an iSCSI name has {LONGEST} characters at most, this one {}", text.len()));
    }
    let allowed = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || ".:-".contains(it);
    match text.chars().find(|it| !allowed(*it)) {
        Some(found) => {
            Err(format!("iSCSI name `{text}` has {found:?}, allowed are small letters, digits and `.:-`"))
        }
        None => Ok(()),
    }
}

checked_text!(
    /// Name of an iSCSI initiator or target, RFC 3720 section 3.2.6.
    Iqn, "an iSCSI name, like \"iqn.2026-01.example.san:hv1\"" ~ r"^(iqn|eui|naa)[.][a-z0-9.:-]*$", iscsi_name,
    // Names are the same in capitals, RFC 3722.
    |text| Some(text.trim().to_ascii_lowercase())
);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn iscsi_names() {
        check::<Iqn>("iqn.2026-01.example.san:hv1", Ok("iqn.2026-01.example.san:hv1"));
        check::<Iqn>("eui.02004567a425678d", Ok("eui.02004567a425678d"));
        check::<Iqn>("iqn.2026-01.example.San", Err("has 'S'"));
        check::<Iqn>("iqn.2026-01/../x", Err("has '/'"));
        check::<Iqn>("san1", Err("does not begin"));
        check::<Iqn>(&format!("iqn.{}", "a".repeat(220)), Err("223 characters at most"));
    }
}
