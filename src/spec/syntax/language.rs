//! Texts that are written in another language altogether.

use std::ops::Range;

use super::finding::Finding;

/// Sections that files of systemd begin with.
pub(in super::super) const SECTIONS: &[&str] =
    &["Match", "Network", "NetDev", "Link", "Address", "Route", "Unit", "Mount", "Service", "Install"];

/// Says that a text is YAML, XML, JSON or of systemd, which its first line shows; absent: it may be TOML.
pub(super) fn finding(text: &str) -> Option<Finding> {
    let (range, line) = first_line(text)?;
    let language = if line.starts_with('<') {
        "XML"
    } else if line.starts_with('{') {
        "JSON"
    } else if line == "---" || (line.ends_with(':') && !line.contains('=')) {
        "YAML"
    } else if line
        .strip_prefix('[')
        .and_then(|it| it.strip_suffix(']'))
        .is_some_and(|it| SECTIONS.contains(&it))
    {
        "a file of systemd"
    } else {
        return None;
    };
    let hint =
        "`hostwright init` writes a spec of what the host has; `hostwright explain --list` lists the keys";
    Some(Finding::new(range, format!("the text is {language}, a spec is TOML")).hint(hint))
}

/// Returns the first line that is neither blank nor a comment, without what is blank around it.
fn first_line(text: &str) -> Option<(Range<usize>, &str)> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let said = line.split('#').next().unwrap_or_default();
        let begin = start + said.len() - said.trim_start().len();
        if !said.trim().is_empty() {
            return Some((begin..begin + said.trim().len(), said.trim()));
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_languages_are_known_by_their_first_line() {
        let found = |text: &str| {
            finding(text).map(|it| (it.range, it.message.split_whitespace().nth(3).map(str::to_owned)))
        };
        let of = |language: &str| Some(language.to_owned());
        assert_eq!(found("# netplan\nnetwork: # all\n  version: 2\n"), Some((10..18, of("YAML,"))));
        assert_eq!(found("---\na: b\n"), Some((0..3, of("YAML,"))));
        assert_eq!(found("<domain type='kvm'>\n"), Some((0..19, of("XML,"))));
        assert_eq!(found(" {\"host\": 1}"), Some((1..12, of("JSON,"))));
        assert_eq!(found("[Match]\nName=eno1\n"), Some((0..7, of("a"))));
        assert_eq!(found("language = 1\n"), None);
        assert_eq!(found("# nothing\n"), None);
        assert_eq!(found("[host]\nname: hv1\n"), None);
    }
}
