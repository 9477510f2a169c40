//! Names and brackets nested deeper than a spec may be: whoever reads a tree needs stack for each of its levels.

use std::ops::Range;

use toml_parser::parser::{Event, EventKind};

use super::finding::Finding;

/// Most levels: names of a header and of a key, those of tables in braces around, and arrays around.
///
/// A key of the language has six at most; the reader of the whole text takes some eighty in one name.
const LEVELS: usize = 64;

/// Finds the first place of each statement that lies too deep.
pub(super) fn findings(events: &[Event]) -> Vec<Finding> {
    let mut walk = Walk::default();
    events.iter().for_each(|it| walk.step(it));
    walk.found.into_iter().map(finding).collect()
}

fn finding(range: Range<usize>) -> Finding {
    let message = format!("this is nested deeper than the {LEVELS} levels that a spec may have");
    Finding { outranks: true, ..Finding::new(range, message) }
}

#[derive(Default)]
struct Walk {
    found: Vec<Range<usize>>,
    /// Levels of the last header.
    header: usize,
    /// Levels of the brackets around.
    around: Vec<usize>,
    /// Levels of what is read.
    level: usize,
    /// The next name goes on with the one before.
    joined: bool,
    /// The statement was found too deep.
    is_found: bool,
}

impl Walk {
    fn step(&mut self, event: &Event) {
        match event.kind() {
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => (self.level, self.joined) = (0, true),
            EventKind::StdTableClose | EventKind::ArrayTableClose => {
                // A header's depth is not said again of each of its keys.
                self.header = if self.is_found { 0 } else { self.level };
            }
            EventKind::SimpleKey if self.joined => self.descend(event),
            EventKind::SimpleKey => {
                self.level = self.base();
                self.descend(event);
            }
            EventKind::KeySep => self.joined = true,
            EventKind::InlineTableOpen => self.around.push(self.level),
            EventKind::ArrayOpen => {
                self.descend(event);
                self.around.push(self.level);
            }
            EventKind::InlineTableClose | EventKind::ArrayClose => {
                self.around.pop();
                self.level = self.base();
            }
            EventKind::Newline if self.around.is_empty() => self.is_found = false,
            _ => {}
        }
    }

    fn base(&self) -> usize {
        self.around.last().copied().unwrap_or(self.header)
    }

    fn descend(&mut self, event: &Event) {
        self.joined = false;
        self.level += 1;
        if self.level > LEVELS && !self.is_found {
            self.is_found = true;
            self.found.push(event.span().start()..event.span().end());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chunk::is_deep;
    use super::LEVELS;

    fn name(parts: usize) -> String {
        vec!["a"; parts].join(".")
    }

    #[track_caller]
    fn check(text: impl Fn(usize) -> String) {
        assert!(!is_deep(&text(LEVELS)), "{}", text(LEVELS));
        assert!(is_deep(&text(LEVELS + 1)), "{}", text(LEVELS + 1));
    }

    #[test]
    fn levels_of_headers_keys_and_brackets_are_added_up() {
        check(|levels| format!("[{}]\n", name(levels)));
        check(|levels| format!("[[{}]]\n", name(levels)));
        check(|levels| format!("[{}]\na = 1\n", name(levels - 1)));
        check(|levels| format!("[x]\n{} = 1\n", name(levels - 1)));
        check(|levels| format!("[x]\na = {{ b.c = {{}}, {} = 1 }}\n", name(levels - 2)));
        check(|levels| format!("a = {}1{}\n", "[".repeat(levels - 1), "]".repeat(levels - 1)));
        check(|levels| format!("a = [[1], [2], {{ {} = 1 }}]\n", name(levels - 2)));
    }

    #[test]
    fn what_stands_side_by_side_is_not_deep() {
        assert!(!is_deep(&"[x]\na.b = [[1], {c.d = 1}, []]\ne = {f = 1, g = 2}\n".repeat(100)));
    }
}
