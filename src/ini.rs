//! Files of systemd as text: sections with keys. systemd.syntax(7).

/// A section with its lines, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Name without brackets.
    pub name: String,
    /// Keys and values as they stand.
    pub lines: Vec<(String, String)>,
}

impl Section {
    /// Returns the last value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.lines.iter().rfind(|it| it.0 == key).map(|it| it.1.as_str())
    }

    /// Iterates over the values of a key.
    pub fn all<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter(move |it| it.0 == key).map(|it| it.1.as_str())
    }
}

/// Reads all sections; comments and what stands in no section are passed over.
#[must_use]
pub fn parse(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in joined(text) {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            sections.push(Section { name: name.to_owned(), lines: Vec::new() });
        } else if let (Some((key, value)), Some(section)) = (line.split_once('='), sections.last_mut()) {
            section.lines.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    sections
}

/// Returns the lines without comments; one that ends in a backslash goes on in the next.
fn joined(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines().filter(|it| !it.trim_start().starts_with(['#', ';'])) {
        let (body, goes_on) = line.strip_suffix('\\').map_or((line, false), |it| (it, true));
        match lines.last_mut().filter(|_| open) {
            Some(last) => last.push_str(&format!(" {}", body.trim())),
            None => lines.push(body.to_owned()),
        }
        open = goes_on;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_keep_their_lines() {
        let text = "x=1\n[Match]\nName=eno1\n# c\n; d\n[Network]\nDNS=a \\\n  b\nDNS = c\n[Network]\n";
        let sections = parse(text);
        let names: Vec<_> = sections.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["Match", "Network", "Network"]);
        assert_eq!(sections[0].get("Name"), Some("eno1"));
        let servers: Vec<_> = sections[1].all("DNS").collect();
        assert_eq!(servers, ["a  b", "c"]);
    }
}
