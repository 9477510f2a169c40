//! What differs as unified diffs, one for each file, with the colours that git gives them.

use std::collections::BTreeSet;

use hostwright::artifact::Content;
use serde::Serialize;
use similar::TextDiff;

use super::side::Side;

/// Name of the section with the text of the specs themselves.
const SPEC: &str = "host.toml";

/// One file that differs.
#[derive(Debug, Serialize)]
pub(super) struct Section {
    /// Path in the tree of a build; `host.toml` for the specs themselves.
    path: String,
    /// Unified diff with its header.
    diff: String,
}

/// Compares the texts of two specs and all that they make.
pub(super) fn sections(from: &Side, to: &Side) -> Vec<Section> {
    let paths: BTreeSet<_> = from.tree.keys().chain(to.tree.keys()).collect();
    let spec = section(SPEC, [(from, Some(from.text.clone())), (to, Some(to.text.clone()))]);
    let text = |side: &Side, path: &str| side.tree.get(path).map(text_of);
    let of = |path: &String| section(path, [from, to].map(|side| (side, text(side, path))));
    spec.into_iter().chain(paths.into_iter().filter_map(of)).collect()
}

fn section(path: &str, sides: [(&Side, Option<String>); 2]) -> Option<Section> {
    let title = |(side, text): &(&Side, Option<String>)| match text {
        Some(_) => format!("{}: {path}", side.name),
        None => format!("{}: no {path}", side.name),
    };
    let titles = sides.each_ref().map(title);
    let [one, other] = sides.map(|(_, text)| text);
    if one == other {
        return None;
    }
    let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
    let diff = TextDiff::from_lines(&one, &other);
    Some(Section {
        path: path.to_owned(),
        diff: diff.unified_diff().header(&titles[0], &titles[1]).to_string(),
    })
}

fn text_of(content: &Content) -> String {
    match content {
        Content::Text(text) => text.clone(),
        Content::Symlink(target) => format!("link to {target}\n"),
    }
}

impl Section {
    /// Returns the diff, its lines coloured where that is asked for.
    pub(super) fn text(&self, coloured: bool) -> String {
        if !coloured {
            return self.diff.clone();
        }
        self.diff.lines().flat_map(|line| [colour(line), line, "\u{1b}[0m\n"]).collect()
    }
}

fn colour(line: &str) -> &'static str {
    match line {
        it if it.starts_with("--- ") || it.starts_with("+++ ") => "\u{1b}[1m",
        it if it.starts_with("@@") => "\u{1b}[36m",
        it if it.starts_with('-') => "\u{1b}[31m",
        it if it.starts_with('+') => "\u{1b}[32m",
        _ => "",
    }
}
