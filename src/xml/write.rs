//! From tree to text, indented as libvirt does.

use super::{Element, Node, XmlError};

impl Element {
    /// Writes the element as a document with a line end after it.
    ///
    /// # Errors
    /// A value holds a control character.
    pub fn write(&self) -> Result<String, XmlError> {
        let mut out = String::new();
        element(&mut out, self, 0)?;
        out.push('\n');
        Ok(out)
    }
}

fn element(out: &mut String, element: &Element, depth: usize) -> Result<(), XmlError> {
    out.push('<');
    out.push_str(&element.name);
    for (name, value) in &element.attributes {
        out.push(' ');
        out.push_str(name);
        out.push_str("='");
        escape(out, value, Where::Attribute)?;
        out.push('\'');
    }
    if element.children.is_empty() {
        out.push_str("/>");
        return Ok(());
    }
    out.push('>');
    children(out, element, depth)?;
    out.push_str("</");
    out.push_str(&element.name);
    out.push('>');
    Ok(())
}

// Space between elements means nothing, space beside a text does: a text is never indented.
fn children(out: &mut String, parent: &Element, depth: usize) -> Result<(), XmlError> {
    let indented = parent.children.len() == parent.elements().count();
    for child in &parent.children {
        if indented {
            line(out, depth + 1);
        }
        match child {
            Node::Element(child) => element(out, child, depth + 1)?,
            Node::Text(text) => escape(out, text, Where::Text)?,
        }
    }
    if indented {
        line(out, depth);
    }
    Ok(())
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Attribute,
    Text,
}

fn escape(out: &mut String, value: &str, place: Where) -> Result<(), XmlError> {
    for found in value.chars() {
        match found {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' | '\t' if place == Where::Text => out.push(found),
            // A parser would turn these into spaces or line ends.
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\u{fffe}' | '\u{ffff}' => return Err(XmlError::Character(found)),
            _ if found.is_control() => return Err(XmlError::Character(found)),
            _ => out.push(found),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(value: &str) -> Element {
        Element {
            name: "title".to_owned(),
            attributes: vec![("name".to_owned(), value.to_owned())],
            children: vec![Node::Text(value.to_owned())],
        }
    }

    #[test]
    fn escapes_survive() {
        let element = holding("a<b>&\"c'\td\ne\rf ü");
        let text = element.write().expect("no control character");
        assert_eq!(Element::parse(&text), Ok(element));
    }

    #[test]
    fn control_characters_are_refused() {
        for found in ['\0', '\u{1}', '\u{7f}', '\u{85}', '\u{ffff}'] {
            let refused = holding(&found.to_string()).write();
            assert_eq!(refused, Err(XmlError::Character(found)));
        }
    }

    #[test]
    fn indentation_is_libvirts() {
        let text = "<a>\n  <b c='d'>\n    <e>f</e>\n  </b>\n  <g/>\n</a>\n";
        let element = Element::parse(&format!("<!-- note -->{text}")).expect("well-formed");
        assert_eq!(element.write().as_deref(), Ok(text));
    }

    #[test]
    fn prefixes_stay() {
        let text = "<a xmlns:x='urn:1'>\n  <x:b xmlns:y='urn:2' y:c='d'/>\n</a>\n";
        let element = Element::parse(text).expect("well-formed");
        assert_eq!(element.write().as_deref(), Ok(text));
    }
}
