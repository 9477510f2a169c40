//! `fmt`: a spec in its usual writing.

use std::path::Path;

use hostwright::diagnostic::Code;
use hostwright::format::{Order, format_in};
use hostwright::source::Source;
use similar::TextDiff;

use crate::cli::SpecArgument;
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::rewrite::rewrite;
use crate::spec::{Compiled, compile, sources_of};

/// Writes a spec and the files it includes as usual; of standard input the text goes to standard output. A spec of
/// which a text is not TOML is left as it is.
///
/// # Errors
/// It cannot be read or written.
pub(super) fn run(
    context: &Context,
    spec: &SpecArgument,
    order: Order,
    check: bool,
) -> Result<Exit, Failure> {
    let path = spec.spec.clone().unwrap_or_else(|| context.layout.candidate());
    let mut sources = sources_of(&path)?;
    if path == Path::new("-") {
        sources.files.truncate(1);
    }
    let written: Option<Vec<_>> = sources.files.iter().map(|it| format_in(&it.text, order)).collect();
    let Some(written) = written else {
        let mut compiled = compile(sources, &context.target);
        let broken = |it: &hostwright::diagnostic::Diagnostic| {
            matches!(it.code, Code::TomlSyntax | Code::DuplicateKey | Code::DuplicateTable)
        };
        compiled.diagnostics.retain(broken);
        return refuse(context, &compiled);
    };
    let changed: Vec<_> =
        sources.files.iter().zip(&written).filter(|(it, text)| *it.text != ***text).collect();
    if check {
        changed.iter().for_each(|(source, text)| print!("{}", difference(source, text)));
        return Ok(if changed.is_empty() { Exit::Done } else { Exit::Changes });
    }
    if path == Path::new("-") {
        print!("{}", written.first().map_or("", String::as_str));
        return Ok(Exit::Done);
    }
    for (source, text) in changed {
        rewrite(Path::new(&*source.name), &source.text, text)?;
        println!("{}", source.name);
    }
    Ok(Exit::Done)
}

fn refuse(context: &Context, compiled: &Compiled) -> Result<Exit, Failure> {
    if compiled.diagnostics.is_empty() {
        return Err(Failure::new(
            "write the spec in its usual form",
            "it would mean something else; please report it",
        ));
    }
    context.print(compiled);
    Ok(Exit::Errors)
}

fn difference(source: &Source, text: &str) -> String {
    let diff = TextDiff::from_lines(&*source.text, text);
    diff.unified_diff().header(&source.name, &format!("{} in its usual form", source.name)).to_string()
}
