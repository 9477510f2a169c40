//! What libvirt tells only where secrets are asked for.

use super::{Element, XmlError};

/// Says whether the XML of a domain, read with its secrets, has the password of a console. `passwd` of `graphics`.
///
/// # Errors
/// It is no XML.
pub fn has_console_password(xml: &str) -> Result<bool, XmlError> {
    let domain = Element::parse(xml)?;
    let devices = domain.child("devices").into_iter().flat_map(Element::elements);
    let mut consoles = devices.filter(|it| it.name == "graphics");
    Ok(consoles.any(|it| it.attribute("passwd").is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_has_a_password_or_none() {
        let with = |graphics: &str| {
            let xml = format!("<domain type='kvm'><devices><disk/>{graphics}</devices></domain>");
            has_console_password(&xml).expect("XML")
        };
        assert!(with("<graphics type='spice'/><graphics type='vnc' port='-1' passwd='x'/>"));
        assert!(!with("<graphics type='vnc' port='-1'/>") && !with(""));
    }
}
