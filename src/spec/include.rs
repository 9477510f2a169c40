//! What files of a spec include, and those that come back to themselves by it.

use std::path::{Component, Path, PathBuf};

use super::syntax;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Located, Source, SourceId, Span};

/// Returns the paths that a file includes, as written.
pub(super) fn all(source: &Source, id: SourceId) -> Vec<Located<String>> {
    let (table, _) = syntax::parse(&source.text);
    let array = table.get("include").and_then(|it| it.get_ref().as_array());
    let place = |range: std::ops::Range<usize>| Span { source: id, start: range.start, end: range.end };
    array
        .into_iter()
        .flat_map(|array| array.iter())
        .filter_map(|item| Some(Located::new(item.get_ref().as_str()?.to_owned(), place(item.span()))))
        .collect()
}

/// Finds the file that a path names, relative to the first one.
pub(super) fn position(files: &[Source], written: &str) -> Option<usize> {
    let directory = Path::new(&*files.first()?.name).parent().unwrap_or_else(|| Path::new(""));
    let place = normal(&directory.join(written));
    files.iter().position(|it| normal(Path::new(&*it.name)) == place)
}

/// Takes `.` and `..` out of a path.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut normal, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => drop(normal.pop()),
            _ => normal.push(part),
        }
        normal
    })
}

/// Makes the error of an included file that includes itself or one that includes it.
pub(super) fn cycle(files: &[Source], id: SourceId) -> Option<Diagnostic> {
    let name = |at: usize| files[at].name.escape_debug().to_string();
    all(&files[id.0], id).into_iter().find_map(|written| {
        let other = position(files, &written.value)?;
        let mut theirs = all(&files[other], SourceId(other)).into_iter();
        let back = theirs.find(|it| position(files, &it.value) == Some(id.0))?;
        let message = if other == id.0 {
            format!("`{}` includes itself", name(other))
        } else {
            format!("`{}` and `{}` include each other", name(id.0), name(other))
        };
        let diagnostic = Diagnostic::error(Code::IncludeForm, written.span, message);
        let hint = "take it out here: only the main file includes, and all files are one text";
        let diagnostic =
            if other == id.0 { diagnostic } else { diagnostic.also(back.span, "the other way here") };
        Some(diagnostic.hint(hint))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_any_way_to_it() {
        let files = ["/etc/hostwright/host.toml", "/etc/common/vlans.toml"].map(|it| Source::new(it, ""));
        for (written, expected) in [
            ("host.toml", Some(0)),
            ("./x/../host.toml", Some(0)),
            ("../common/vlans.toml", Some(1)),
            ("../../etc/common/./vlans.toml", Some(1)),
            ("vlans.toml", None),
        ] {
            assert_eq!(position(&files, written), expected, "{written}");
        }
    }
}
