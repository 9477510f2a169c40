//! What a definition says of its owner and of the networks it hangs on.

use std::collections::BTreeSet;

use roxmltree::Document;

use super::{Element, Node, XmlError};
use crate::artifact::libvirt::MARK_NAMESPACE;

/// Returns the `spec` of hostwright's mark, `domain.web1`; without mark it is another's.
///
/// # Errors
/// The text is not well-formed XML.
pub fn mark(xml: &str) -> Result<Option<String>, XmlError> {
    let document = Document::parse(xml).map_err(|error| XmlError::Syntax(error.to_string()))?;
    let mut marks = document
        .root_element()
        .children()
        .filter(|it| it.has_tag_name("metadata"))
        .flat_map(|it| it.children())
        .filter(|it| it.tag_name().namespace() == Some(MARK_NAMESPACE));
    Ok(marks.next().map(|it| it.attribute("spec").unwrap_or_default().to_owned()))
}

/// Returns a definition with the mark of another one, and nothing else of it.
///
/// # Errors
/// One of the texts is not well-formed XML, or the other has no `<metadata>`.
pub fn marked(present: &str, ours: &str) -> Result<String, XmlError> {
    let mut present = Element::parse(present)?;
    let ours = Element::parse(ours)?;
    let metadata = ours.child("metadata").ok_or_else(|| XmlError::Syntax("there is no mark".to_owned()))?;
    match present.child_mut("metadata") {
        Some(found) => found.children.extend(metadata.children.iter().cloned()),
        None => present.children.push(Node::Element(metadata.clone())),
    }
    present.write()
}

/// Returns the libvirt networks that a domain's interfaces hang on, by live or inactive definition.
///
/// # Errors
/// The text is not well-formed XML.
pub fn networks(domain: &str) -> Result<BTreeSet<String>, XmlError> {
    // A live interface bears the type that its network resolved to, but still the network's name.
    of_interfaces(domain, "source", "network")
}

/// Returns the host's ends of a running domain's interfaces: `vnet0`, `macvtap0`.
///
/// # Errors
/// The text is not well-formed XML.
pub fn taps(live: &str) -> Result<BTreeSet<String>, XmlError> {
    of_interfaces(live, "target", "dev")
}

fn of_interfaces(domain: &str, child: &str, attribute: &str) -> Result<BTreeSet<String>, XmlError> {
    let domain = Element::parse(domain)?;
    let devices = domain.child("devices").into_iter();
    let interfaces = devices.flat_map(Element::elements).filter(|it| it.name == "interface");
    Ok(interfaces.filter_map(|it| it.of_child(child, attribute)).map(str::to_owned).collect())
}

/// Leaves hostwright's mark alone of a `<metadata>`, without prefix and declarations.
pub(super) fn only_mark(metadata: &Element) -> Element {
    let marks = metadata.elements().filter(|it| {
        let declares = |(_, value): &(String, String)| value == MARK_NAMESPACE;
        it.attributes.iter().any(declares)
    });
    Element {
        name: metadata.name.clone(),
        attributes: Vec::new(),
        children: marks.map(plain).map(super::Node::Element).collect(),
    }
}

fn plain(mark: &Element) -> Element {
    let local = mark.name.rsplit(':').next().unwrap_or_default();
    let declaration = |name: &str| name == "xmlns" || name.starts_with("xmlns:");
    Element {
        name: local.to_owned(),
        attributes: mark.attributes.iter().filter(|(name, _)| !declaration(name)).cloned().collect(),
        children: mark.children.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners() {
        let ours = format!(
            "<domain><metadata><hw:domain xmlns:hw='{MARK_NAMESPACE}' spec='domain.web1'/></metadata></domain>"
        );
        assert_eq!(mark(&ours), Ok(Some("domain.web1".to_owned())));
        let other = "<domain><metadata><hw:domain xmlns:hw='urn:x' spec='domain.web1'/></metadata></domain>";
        assert_eq!(mark(other), Ok(None));
        assert_eq!(mark("<network/>"), Ok(None));
    }

    #[test]
    fn a_mark_is_added_to_what_is_there() {
        let ours = format!(
            "<network><metadata><h:network xmlns:h='{MARK_NAMESPACE}' spec='network.a'/></metadata></network>"
        );
        for present in ["<network><name>a</name></network>", "<network><metadata><x/></metadata></network>"] {
            let text = marked(present, &ours).expect("it is marked");
            assert_eq!(mark(&text), Ok(Some("network.a".to_owned())));
            assert_eq!(super::super::missing(present, &text), Ok(Vec::new()));
        }
        assert!(marked("<network/>", "<network/>").is_err());
    }

    #[test]
    fn live_interfaces_name_their_network() {
        let live = "<domain><devices><interface type='direct'><source network='lan' dev='eth0' mode='bridge'/>\
            <target dev='macvtap0'/></interface><interface type='bridge'><source bridge='br0'/></interface></devices></domain>";
        assert_eq!(networks(live), Ok(BTreeSet::from(["lan".to_owned()])));
        assert_eq!(taps(live), Ok(BTreeSet::from(["macvtap0".to_owned()])));
    }
}
