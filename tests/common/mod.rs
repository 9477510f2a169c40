//! What several tests share: specs read from files, artifacts written as one text.

#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    clippy::disallowed_methods,
    reason = "each test takes what it needs, and tests read files"
)]

pub(crate) mod machine;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use hostwright::artifact::{Artifact, Artifacts, Content};
use hostwright::diagnostic::{Diagnostic, Diagnostics};
use hostwright::host::Target;
use hostwright::source::Source;
use hostwright::spec::Sources;

/// What tests compile for.
pub(crate) fn target(systemd: u32) -> Target {
    Target { systemd, binaries: "/usr/bin".to_owned() }
}

/// Reads a spec with what it includes; names are those of the files alone.
pub(crate) fn load(path: &Path) -> Sources {
    let main = read(path).expect("a spec");
    let directory = path.parent().expect("a directory").to_owned();
    Sources::load(&main, |written| read(&directory.join(written)))
}

fn read(path: &Path) -> Result<Source, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    Ok(Source::new(&path.file_name().expect("a name").to_string_lossy(), &text))
}

/// Lists the files of a folder below tests/ with an ending, sorted.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let entries = std::fs::read_dir(directory).expect("a folder").flatten().map(|it| it.path());
    let mut found: Vec<_> = entries.filter(|it| it.extension().is_some_and(|it| it == ending)).collect();
    found.sort();
    found
}

/// Compiles a text without includes.
pub(crate) fn compile(text: &str) -> (Option<Artifacts>, Diagnostics) {
    hostwright::compile(&Sources::single("host.toml", text), &target(252))
}

/// Compares a text with the snapshot of a name in tests/snapshots.
macro_rules! snapshot {
    ($name:expr, $text:expr) => {{
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!($name, $text));
    }};
}
pub(crate) use snapshot;

/// Divides a text before each header.
pub(crate) fn blocks(text: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in text.lines() {
        if line.starts_with('[') {
            blocks.push(String::new());
        }
        let last = blocks.last_mut().expect("one at least");
        last.push_str(line);
        last.push('\n');
    }
    blocks
}

/// Writes all artifacts as one text.
pub(crate) fn picture(artifacts: &Artifacts) -> String {
    let mut text = String::new();
    for entry in artifacts.iter() {
        let id = entry.artifact.id();
        let after = entry.after.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let after = if after.is_empty() { String::new() } else { format!(" after {after}") };
        let body = match &entry.artifact {
            Artifact::File(file) => match &file.content {
                Content::Text(text) => text.clone(),
                Content::Symlink(target) => format!("-> {target}\n"),
            },
            Artifact::Link(it) => format!("{it:#?}\n"),
            Artifact::Unit(it) => format!("{it:#?}\n"),
            Artifact::Target(it) => format!("{it:#?}\n"),
            Artifact::Network(it) => it.xml.clone(),
            Artifact::Absent(_) => String::new(),
            Artifact::Domain(it) => format!("start {:?}\n{}", it.start, it.xml),
        };
        writeln!(text, "==> {id}{after}\n{body}").expect("a string takes it");
    }
    text
}

/// Files and lines with the codes that are said of them.
pub(crate) type Found = BTreeSet<(String, usize, String)>;

/// Returns the marks of a spec: `# error: code, code` behind a line, or `# warning: …`.
pub(crate) fn marks(word: &str, sources: &Sources) -> Found {
    let mark = format!("# {word}: ");
    let of_source = |source: &Source| {
        let lines = source.text.lines().enumerate();
        let marked = lines.filter_map(|(at, line)| Some((at, line.split_once(&mark)?.1)));
        let codes = marked.flat_map(|(at, codes)| codes.split(',').map(move |it| (at + 1, it.trim())));
        codes.map(|(line, code)| (source.name.to_string(), line, code.to_owned())).collect::<Vec<_>>()
    };
    sources.files.iter().flat_map(of_source).collect()
}

/// Returns where what is said.
pub(crate) fn places(diagnostics: &Diagnostics, sources: &Sources) -> Found {
    let place = |it: &Diagnostic| {
        let source = &sources.files[it.span().source.0];
        (source.name.to_string(), source.line_column(it.span().start).0, it.code.to_string())
    };
    diagnostics.iter().map(place).collect()
}

/// Writes diagnostics as they are read: first line, further places, hints.
pub(crate) fn in_words(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let mut text = String::new();
    for it in diagnostics.iter() {
        text.push_str(&format!("{}\n", it.short(&sources.files)));
        for label in it.labels.iter().skip(1) {
            let source = &sources.files[label.span.source.0];
            let line = source.line_column(label.span.start).0;
            text.push_str(&format!("  {}:{line}: {}\n", source.name, label.text));
        }
        it.hints.iter().for_each(|hint| text.push_str(&format!("  hint: {hint}\n")));
    }
    text
}
