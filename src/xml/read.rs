//! From text to tree.

use roxmltree::{Attribute, Document, NodeType};

use super::{Element, Node, XmlError};

impl Element {
    /// Reads the root element of a document.
    ///
    /// # Errors
    /// The text is not well-formed XML, or has a document type.
    pub fn parse(text: &str) -> Result<Self, XmlError> {
        let document = Document::parse(text).map_err(|error| XmlError::Syntax(error.to_string()))?;
        Ok(element(text, document.root_element()))
    }
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
