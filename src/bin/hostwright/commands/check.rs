//! `check`: everything that is wrong with a spec, and what is certainly meant written into it.

use std::collections::BTreeSet;
use std::path::Path;

use hostwright::diagnostic::Diagnostic;
use hostwright::fix::{Mended, mend};
use hostwright::source::{Source, SourceId};
use hostwright::spec::Sources;
use serde_json::json;

use crate::cli::{Format, SpecArgument};
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::report::{self, FORMAT_VERSION};
use crate::rewrite::rewrite;
use crate::spec::{Compiled, compile, reloaded, sources_of};

/// Checks a spec.
///
/// # Errors
/// It cannot be read.
pub(super) fn run(context: &Context, spec: &SpecArgument) -> Result<Exit, Failure> {
    let compiled = context.compile(spec)?;
    let valid = compiled.artifacts.is_some();
    if valid && context.global.format == Format::Json {
        println!("{:#}", report::json(&compiled.diagnostics, &compiled.sources.files));
    }
    Ok(if valid { Exit::Done } else { Exit::Errors })
}

/// Writes what is certain into a spec and the files it includes, then says what is left. Of standard input the text
/// goes to standard output, and included files are left alone.
///
/// # Errors
/// It cannot be read or written.
pub(super) fn fix(context: &Context, spec: &SpecArgument) -> Result<Exit, Failure> {
    let path = spec.spec.clone().unwrap_or_else(|| context.layout.candidate());
    let piped = path == Path::new("-");
    let read = sources_of(&path)?;
    let untouchable: BTreeSet<_> =
        if piped { (1..read.files.len()).map(SourceId).collect() } else { BTreeSet::new() };
    let check = |sources: &Sources| hostwright::compile(sources, &context.target).1;
    let mended = mend(read.clone(), &untouchable, check, |sources| reloaded(&path, sources));
    for (before, after) in read.files.iter().zip(&mended.sources.files).filter(|_| !piped) {
        if before.text != after.text {
            rewrite(Path::new(&*before.name), &before.text, &after.text)?;
        }
    }
    if piped && let Some(main) = mended.sources.files.first() {
        print!("{}", main.text);
    }
    let left = compile(mended.sources.clone(), &context.target);
    say(context, &mended, &left, piped);
    Ok(if left.artifacts.is_some() { Exit::Done } else { Exit::Errors })
}

fn say(context: &Context, mended: &Mended, left: &Compiled, piped: bool) {
    let kept: Vec<_> = mended.kept.iter().filter_map(|it| left.sources.files.get(it.0)).collect();
    let text = if context.global.format == Format::Json {
        let mut value = report::json(&left.diagnostics, &left.sources.files);
        value["fixed"] = mended.gone.iter().map(|(source, it)| report::one(it, &alone(source, it))).collect();
        value["kept"] = kept.iter().map(|it| json!(&*it.name)).collect();
        debug_assert_eq!(value["format-version"], FORMAT_VERSION);
        format!("{value:#}\n")
    } else {
        let mut text: String = mended.gone.iter().map(|(source, it)| changed(source, it)).collect();
        for source in kept {
            text.push_str(&format!(
                "{}: a further change was left out: what it is about would stay\n",
                source.name
            ));
        }
        text
    };
    match (piped, context.global.format) {
        (false, Format::Json) => return print!("{text}"),
        (true, Format::Json) => return eprint!("{text}"),
        (false, _) => print!("{text}"),
        (true, _) => eprint!("{text}"),
    }
    context.print(left);
}

/// Says what was changed, in the lines of the text as it was before.
fn changed(source: &Source, diagnostic: &Diagnostic) -> String {
    let mut text = String::new();
    for change in &diagnostic.suggestions {
        let (line, column) = source.line_column(change.span.start);
        let was = &source.text[change.span.start..change.span.end];
        let what = match (was, change.replacement.as_str()) {
            ("", new) => format!("`{new}` added"),
            (old, "") => format!("`{old}` removed"),
            (old, new) => format!("`{old}` is `{new}` now"),
        };
        text.push_str(&format!("{}:{line}:{column}: fixed[{}]: {what}\n", source.name, diagnostic.code));
    }
    text
}

/// Returns a list of sources in which a diagnostic of one file finds its own.
fn alone(source: &Source, diagnostic: &Diagnostic) -> Vec<Source> {
    vec![source.clone(); diagnostic.span().source.0 + 1]
}
