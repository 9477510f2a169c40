//! Mutants of a spec: one mistake each, of the sorts that people make, always the same ones.

use std::collections::BTreeSet;

/// A mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mistake {
    /// A line is gone.
    Delete,
    /// A key is misspelled.
    Rename,
    /// A value is of another type.
    Retype,
    /// A line stands twice.
    Duplicate,
    /// Two values of one key have changed places.
    Swap,
    /// A name leads nowhere.
    Misname,
    /// A character of TOML is missing.
    Corrupt,
}

/// A spec with one mistake.
pub(crate) struct Mutant {
    pub(crate) mistake: Mistake,
    pub(crate) text: String,
    /// Lines where a report is in its place, counted from 1: those that were touched; for one that is gone its
    /// neighbors and the header of its table.
    pub(crate) lines: BTreeSet<usize>,
    /// Lines of the tables that they belong to.
    pub(crate) table: BTreeSet<usize>,
    /// What is gone with a table's header: who refers to it is in its place, too.
    pub(crate) lost: Option<String>,
    /// What was done, to read.
    pub(crate) what: String,
}

/// Lines of a spec.
struct Spec<'a>(Vec<&'a str>);

/// Makes all mutants of a spec.
pub(crate) fn mutants(text: &str) -> Vec<Mutant> {
    let spec = Spec(text.lines().collect());
    let mut found = Vec::new();
    for at in 0..spec.0.len() {
        if spec.is_header(at) {
            spec.of_header(at, &mut found);
        } else if let Some((key, value)) = spec.pair(at) {
            spec.of_pair(at, key, value, &mut found);
        }
    }
    spec.swaps(&mut found);
    found
}

impl Spec<'_> {
    fn is_header(&self, at: usize) -> bool {
        self.0[at].starts_with('[') && self.0[at].ends_with(']')
    }

    /// Returns key and value of a line that has both whole.
    fn pair(&self, at: usize) -> Option<(&str, &str)> {
        let line = self.0[at];
        let (key, value) = line.split_once(" = ").filter(|_| !line.starts_with([' ', '#', '[']))?;
        let balanced = ["[]", "{}"].iter().all(|it| {
            let [open, close] = [&it[..1], &it[1..]];
            value.matches(open).count() == value.matches(close).count()
        });
        balanced.then_some((key, value))
    }

    /// Returns the line of the header of a line's table; the first line before any.
    fn header(&self, at: usize) -> usize {
        (0..at).rev().find(|it| self.is_header(*it)).unwrap_or(0)
    }

    /// Returns the lines of the `[kind.name]` that a line belongs to, tables in it included.
    fn table(&self, at: usize) -> std::ops::Range<usize> {
        let name = |at: usize| self.0[at].trim_matches(['[', ']']).split('.').take(2).collect::<Vec<_>>();
        let own = name(if self.is_header(at) { at } else { self.header(at) });
        let other = |it: &usize| self.is_header(*it) && name(*it) != own;
        let start = (0..=at).rev().find(|it| other(it)).map_or(0, |it| it + 1);
        start..(at + 1..self.0.len()).find(other).unwrap_or(self.0.len())
    }

    fn of_header(&self, at: usize, found: &mut Vec<Mutant>) {
        let line = self.0[at];
        let path = line.trim_matches(['[', ']']);
        let mut parts = path.split('.');
        let (kind, name) = (parts.next().unwrap_or_default(), parts.next());
        let lost = name.map(|name| name.trim_matches('"').to_owned());
        let whole = path.split('.').count() == 2;
        let lost = lost.filter(|_| whole);
        let rest = &path[kind.len()..];
        found.push(Mutant { lost: lost.clone(), ..self.without(at) });
        let misspelled = format!("[{kind}x{rest}]");
        found.push(Mutant { lost, ..self.with(at, Mistake::Rename, &misspelled) });
        found.push(self.twice(at));
        found.push(self.with(at, Mistake::Corrupt, &line[..line.len() - 1]));
    }

    fn of_pair(&self, at: usize, key: &str, value: &str, found: &mut Vec<Mutant>) {
        let line = self.0[at];
        found.push(self.without(at));
        found.push(self.with(at, Mistake::Rename, &format!("{key}x = {value}")));
        found.push(self.with(at, Mistake::Retype, &format!("{key} = {}", other_type(value))));
        found.push(self.twice(at));
        found.push(self.with(at, Mistake::Corrupt, &line[..line.len() - 1]));
        if let Some((before, behind)) = inner_key(value) {
            let renamed = format!("{key} = {before}x = {behind}");
            found.push(self.with(at, Mistake::Rename, &renamed));
        }
        if let Some(name) = plain(value).filter(|it| self.is_name(it)) {
            found.push(self.with(at, Mistake::Misname, &format!("{key} = \"{name}9\"")));
        }
    }

    /// Says whether some table bears a name.
    fn is_name(&self, name: &str) -> bool {
        let of_table = |at: usize| self.0[at].trim_matches(['[', ']']).split('.').nth(1) == Some(name);
        (0..self.0.len()).any(|at| self.is_header(at) && of_table(at))
    }

    /// Exchanges each value with the next other one of the same key.
    fn swaps(&self, found: &mut Vec<Mutant>) {
        for one in 0..self.0.len() {
            let Some((key, value)) = self.pair(one) else { continue };
            let same = |it: &usize| self.pair(*it).is_some_and(|it| it.0 == key && it.1 != value);
            let Some(other) = (one + 1..self.0.len()).find(same) else { continue };
            let mut lines = self.0.clone();
            let (first, second) =
                (format!("{key} = {}", self.pair(other).unwrap_or_default().1), format!("{key} = {value}"));
            (lines[one], lines[other]) = (&first, &second);
            let what = format!("{} <-> {}", self.0[one], self.0[other]);
            found.push(mutant(Mistake::Swap, &lines, [one, other], what));
        }
    }

    fn without(&self, at: usize) -> Mutant {
        let mut lines = self.0.clone();
        let line = lines.remove(at);
        let places = [at.saturating_sub(1), at, self.header(at)];
        mutant(Mistake::Delete, &lines, places, format!("without {line}"))
    }

    fn twice(&self, at: usize) -> Mutant {
        let mut lines = self.0.clone();
        lines.insert(at, self.0[at]);
        mutant(Mistake::Duplicate, &lines, [at, at + 1], format!("twice {}", self.0[at]))
    }

    fn with(&self, at: usize, mistake: Mistake, line: &str) -> Mutant {
        let mut lines = self.0.clone();
        lines[at] = line;
        mutant(mistake, &lines, [at], format!("{} -> {line}", self.0[at]))
    }
}

fn mutant(mistake: Mistake, lines: &[&str], at: impl IntoIterator<Item = usize>, what: String) -> Mutant {
    let text = lines.join("\n") + "\n";
    let spec = Spec(lines.to_vec());
    let touched: Vec<_> = at.into_iter().filter(|it| *it < lines.len()).collect();
    let table = touched.iter().flat_map(|it| spec.table(*it)).map(|it| it + 1).collect();
    Mutant { mistake, text, lines: touched.iter().map(|it| it + 1).collect(), table, lost: None, what }
}

fn other_type(value: &str) -> &'static str {
    match value.as_bytes().first() {
        Some(b'"' | b'[' | b'{') => "7",
        Some(b't' | b'f') => "\"maybe\"",
        _ => "true",
    }
}

/// Splits an inline table behind its first key.
fn inner_key(value: &str) -> Option<(&str, &str)> {
    value.starts_with("{ ").then(|| value.split_once(" = ")).flatten()
}

/// Returns what stands in a string.
fn plain(value: &str) -> Option<&str> {
    value.strip_prefix('"')?.strip_suffix('"').filter(|it| !it.contains('"'))
}
