//! `diff`: what differs between two generations.

use std::collections::BTreeMap;

use hostwright::artifact::{Artifacts, Content};
use similar::TextDiff;

use super::history::find;
use crate::context::{Context, Exit};
use crate::failure::Failure;

/// A spec with the files that it makes.
struct Side {
    name: String,
    texts: BTreeMap<String, String>,
}

/// Prints the spec and each file that differs, as unified diffs.
///
/// # Errors
/// There is no such generation, or it does not compile.
pub(super) fn run(context: &Context, from: u64, to: Option<u64>) -> Result<Exit, Failure> {
    let from = side(context, format!("generation {from}"), &find(context, from)?.header.spec)?;
    let to = match to {
        Some(number) => side(context, format!("generation {number}"), &find(context, number)?.header.spec)?,
        None => side(context, "applied".to_owned(), &context.applied_text()?.unwrap_or_default())?,
    };
    let mut paths: Vec<_> = from.texts.keys().chain(to.texts.keys()).collect();
    paths.sort();
    paths.dedup();
    let empty = String::new();
    for path in paths {
        let [old, new] = [&from, &to].map(|side| side.texts.get(path).unwrap_or(&empty));
        if old != new {
            let [one, other] = [&from, &to].map(|side| format!("{}: {path}", side.name));
            print!("{}", TextDiff::from_lines(old, new).unified_diff().header(&one, &other));
        }
    }
    Ok(Exit::Done)
}

fn side(context: &Context, name: String, spec: &str) -> Result<Side, Failure> {
    let artifacts: Artifacts = context.artifacts_of(&name, Some(spec))?;
    let text = |content: &Content| match content {
        Content::Text(text) => text.clone(),
        Content::Symlink(target) => format!("link to {target}\n"),
    };
    let mut texts: BTreeMap<_, _> =
        artifacts.files().map(|it| (it.place.to_string(), text(&it.content))).collect();
    texts.insert("host.toml".to_owned(), spec.to_owned());
    Ok(Side { name, texts })
}
