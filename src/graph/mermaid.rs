//! A graph in the language of Mermaid, which forges and wikis draw in Markdown.

use super::{Form, Graph};

impl Graph {
    /// Writes it as a flowchart of Mermaid.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let mut text = "%% What an arrow leads to comes after.\nflowchart TB\n".to_owned();
        let number = |name: &String| self.nodes.keys().position(|it| it == name).unwrap_or_default();
        for (at, node) in self.nodes.values().enumerate() {
            let lines: Vec<_> = node.lines.iter().map(|it| escaped(it)).collect();
            let [open, close] = brackets(node.form);
            text.push_str(&format!("  n{at}{open}\"{}\"{close}\n", lines.join("<br/>")));
        }
        for (first, second) in &self.edges {
            text.push_str(&format!("  n{} --> n{}\n", number(first), number(second)));
        }
        text
    }
}

/// Writes a text so that nothing in it ends the label or is taken for Markdown or HTML.
fn escaped(text: &str) -> String {
    let entity = |it: char| match it {
        '"' | '#' | '&' | '<' | '>' | '`' | '\\' => format!("#{};", u32::from(it)),
        it => it.to_string(),
    };
    text.chars().map(entity).collect()
}

const fn brackets(form: Form) -> [&'static str; 2] {
    match form {
        Form::Link => ["[", "]"],
        Form::Network => ["{{", "}}"],
        Form::Target => ["[[", "]]"],
        Form::Disk => ["[(", ")]"],
        Form::Mount => ["[/", "/]"],
        Form::Guest => ["([", "])"],
        Form::Container => ["(", ")"],
        Form::Peer => ["((", "))"],
    }
}
