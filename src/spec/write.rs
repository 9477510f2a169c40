//! Text of tables, key by key: the inverse of reading.

use std::fmt::Display;

use super::keys::Keys;

/// Text of one table in the words of its declaration.
#[derive(Debug, Clone)]
pub struct TableText {
    header: String,
    keys: &'static Keys,
    remarks: Vec<String>,
    lines: Vec<String>,
}

impl TableText {
    /// Begins `[kind.name]`.
    #[must_use]
    pub fn new(kind: &str, name: &str, keys: &'static Keys) -> Self {
        let header = format!("{kind}.{}", key_text(name));
        Self { header, keys, remarks: Vec::new(), lines: Vec::new() }
    }

    /// Says whether the table declares a key.
    #[must_use]
    pub fn knows(&self, key: &str) -> bool {
        self.keys.all().any(|it| it.name == key)
    }

    /// Writes a key with a value that is TOML already; a key that is not declared is a remark.
    pub fn toml(&mut self, key: &str, value: impl Display) {
        let declared = self.knows(key.split('.').next().unwrap_or(key));
        let line = format!("{key} = {value}");
        if declared { self.lines.push(line) } else { self.unsaid(&line) }
    }

    /// Writes a key with a string.
    pub fn text(&mut self, key: &str, value: impl Display) {
        self.toml(key, string(value));
    }

    /// Writes a key with an array of strings, unless it is empty.
    pub fn list<T: Display>(&mut self, key: &str, values: impl IntoIterator<Item = T>) {
        let values: Vec<_> = values.into_iter().map(string).collect();
        if !values.is_empty() {
            self.toml(key, format!("[{}]", values.join(", ")));
        }
    }

    /// Writes a key with an array of tables, one a line, unless it is empty.
    pub fn tables(&mut self, key: &str, tables: &[String]) {
        if !tables.is_empty() {
            let rows: Vec<_> = tables.iter().map(|it| format!("    {{ {it} }},")).collect();
            self.toml(key, format!("[\n{}\n]", rows.join("\n")));
        }
    }

    /// Adds a remark above the keys.
    pub fn remark(&mut self, text: &str) {
        self.remarks.push(text.to_owned());
    }

    /// Adds a remark on something that the table has no word for.
    pub fn unsaid(&mut self, what: &str) {
        self.remark(&format!("not said here, there is no word for it: {what}"));
    }

    /// Returns the text.
    #[must_use]
    pub fn written(&self) -> String {
        let header = format!("[{}]", self.header);
        let lines: Vec<_> = [&header].into_iter().chain(&self.lines).map(String::as_str).collect();
        format!("{}{}\n", comment(&self.remarks.join("\n")), lines.join("\n"))
    }
}

/// Writes a string.
#[must_use]
pub fn string(value: impl Display) -> String {
    toml::Value::String(value.to_string()).to_string()
}

/// Writes a name as a key, quoted where it must be.
#[must_use]
pub fn key_text(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric() || "-_".contains(it));
    if bare { name.to_owned() } else { string(name) }
}

/// Turns every line into a comment; nothing stays nothing.
#[must_use]
pub fn comment(text: &str) -> String {
    let clean = |it: &str| it.chars().map(|it| if it.is_control() { ' ' } else { it }).collect::<String>();
    text.lines().map(|it| format!("# {}", clean(it)).trim_end().to_owned() + "\n").collect()
}
