//! A small tree of elements, attributes and texts, as written.

/// An element; comments and processing instructions are not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Name with its prefix.
    pub name: String,
    /// Attributes in written order, namespace declarations among them.
    pub attributes: Vec<(String, String)>,
    /// Children in written order.
    pub children: Vec<Node>,
}

/// A child of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// A text with entities resolved.
    Text(String),
}

impl Element {
    /// Returns an attribute's value.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Gives an attribute a value; a new one becomes the first.
    pub fn set_attribute(&mut self, name: &str, value: &str) {
        match self.attributes.iter_mut().find(|(found, _)| found == name) {
            Some((_, found)) => value.clone_into(found),
            None => self.attributes.insert(0, (name.to_owned(), value.to_owned())),
        }
    }

    /// Iterates over the child elements.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Iterates over the child elements to change them.
    pub fn elements_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        self.children.iter_mut().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Returns the first child element of a name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|it| it.name == name)
    }

    /// Returns the first child element of a name to change it.
    pub fn child_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.elements_mut().find(|it| it.name == name)
    }

    /// Returns an attribute of the first child element of a name.
    #[must_use]
    pub fn of_child(&self, child: &str, attribute: &str) -> Option<&str> {
        self.child(child)?.attribute(attribute)
    }

    /// Returns the element's own text without space around it.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self.children.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect::<String>().trim().to_owned()
    }
}
