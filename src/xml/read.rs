//! From text to tree.

use roxmltree::{Attribute, Document, NodeType};

use super::{Element, Node, XmlError};

/// Most elements in one another, as libxml2 has it, by which libvirt reads: `xmlParserMaxDepth`. A tree needs stack for each.
const LEVELS: usize = 256;

impl Element {
    /// Reads the root element of a document.
    ///
    /// # Errors
    /// The text is not well-formed XML, has a document type, or more than 256 elements in one another.
    pub fn parse(text: &str) -> Result<Self, XmlError> {
        let document = Document::parse(text).map_err(|error| XmlError::Syntax(error.to_string()))?;
        if is_deep(&document) {
            return Err(XmlError::Syntax(format!("more than {LEVELS} elements are in one another")));
        }
        Ok(element(text, document.root_element()))
    }
}

fn is_deep(document: &Document<'_>) -> bool {
    // A parent comes before its children.
    let mut levels = Vec::new();
    for node in document.root().descendants() {
        let parent = node.parent().and_then(|it| levels.get(it.id().get_usize()).copied());
        levels.push(parent.unwrap_or(0) + usize::from(node.is_element()));
    }
    levels.iter().any(|it| *it > LEVELS)
}

fn element(text: &str, node: roxmltree::Node<'_, '_>) -> Element {
    let attributes = node.attributes().map(|it| attribute(text, &it));
    Element {
        name: name(text, node),
        attributes: declarations(node).chain(attributes).collect(),
        children: children(text, node),
    }
}

// The parser resolves prefixes away; the text still has them.
fn name(text: &str, node: roxmltree::Node<'_, '_>) -> String {
    let tag = &text[node.range().start + 1..];
    let end = tag.find(|it: char| it.is_whitespace() || matches!(it, '/' | '>'));
    tag[..end.unwrap_or(tag.len())].to_owned()
}

fn attribute(text: &str, attribute: &Attribute<'_, '_>) -> (String, String) {
    let name = &text[attribute.range_qname()];
    (name.to_owned(), attribute.value().to_owned())
}

fn declarations(node: roxmltree::Node<'_, '_>) -> impl Iterator<Item = (String, String)> {
    let inherited: Vec<_> = node.parent_element().map(|it| it.namespaces().collect()).unwrap_or_default();
    node.namespaces().filter(move |it| !inherited.contains(it)).filter(|it| it.name() != Some("xml")).map(
        |it| match it.name() {
            Some(prefix) => (format!("xmlns:{prefix}"), it.uri().to_owned()),
            None => ("xmlns".to_owned(), it.uri().to_owned()),
        },
    )
}

fn children(text: &str, node: roxmltree::Node<'_, '_>) -> Vec<Node> {
    let nested = node.children().any(|it| it.is_element());
    node.children()
        .filter_map(|child| match child.node_type() {
            NodeType::Element => Some(Node::Element(element(text, child))),
            NodeType::Text => {
                child.text().filter(|it| !nested || !it.trim().is_empty()).map(|it| Node::Text(it.to_owned()))
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Element, LEVELS};

    #[test]
    fn elements_in_one_another_are_read_as_deep_as_libvirt_does() {
        let nested = |levels: usize| format!("{}<!-- a -->{}", "<a>".repeat(levels), "</a>".repeat(levels));
        let mut element = &Element::parse(&nested(LEVELS)).expect("as deep as may be");
        let mut levels = 1;
        while let Some(inner) = element.child("a") {
            (element, levels) = (inner, levels + 1);
        }
        assert_eq!(levels, LEVELS);
        for levels in [LEVELS + 1, 100_000] {
            let error = Element::parse(&nested(levels)).expect_err("too deep").to_string();
            assert_eq!(error, "not well-formed XML: more than 256 elements are in one another");
        }
    }
}
