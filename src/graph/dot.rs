//! A graph in the language of graphviz.

use super::{Form, Graph, Node};

impl Graph {
    /// Writes it as DOT: `dot -Tsvg` draws it.
    #[must_use]
    pub fn dot(&self) -> String {
        let mut text = format!("// What an arrow leads to comes after.\ndigraph {} {{\n", quoted(&self.host));
        text.push_str("  rankdir=TB;\n  node [fontname=\"sans-serif\"];\n");
        for (name, node) in &self.nodes {
            let (label, shape) = (label(node), shape(node.form));
            text.push_str(&format!("  {} [label={label}, shape={shape}];\n", quoted(name)));
        }
        for (first, second) in &self.edges {
            text.push_str(&format!("  {} -> {};\n", quoted(first), quoted(second)));
        }
        text + "}\n"
    }
}

fn label(node: &Node) -> String {
    let lines: Vec<_> = node.lines.iter().map(|it| escaped(it)).collect();
    format!("\"{}\"", lines.join("\\n"))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

const fn shape(form: Form) -> &'static str {
    match form {
        Form::Link => "box",
        Form::Network => "hexagon",
        Form::Target => "house",
        Form::Disk => "cylinder",
        Form::Mount => "folder",
        Form::Guest => "box3d",
        Form::Container => "component",
        Form::Peer => "ellipse",
    }
}
