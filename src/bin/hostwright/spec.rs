//! Texts of a spec from files or standard input, and what they compile to.

use std::io::Read;
use std::path::{Path, PathBuf};

use hostwright::artifact::Artifacts;
use hostwright::diagnostic::Diagnostics;
use hostwright::host::Target;
use hostwright::source::Source;
use hostwright::spec::Sources;

use crate::failure::{During, Failure};

/// A spec that was read, and what came of it.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Its texts.
    pub(crate) sources: Sources,
    /// Its artifacts; absent: it has errors.
    pub(crate) artifacts: Option<Artifacts>,
    /// What was found.
    pub(crate) diagnostics: Diagnostics,
}

/// Reads a spec, `-` for standard input, with what it includes, and compiles it.
///
/// # Errors
/// The main file cannot be read.
pub(crate) fn compile_file(path: &Path, target: &Target) -> Result<Compiled, Failure> {
    Ok(compile(sources_of(path)?, target))
}

/// Reads a spec, `-` for standard input, with what it includes.
///
/// # Errors
/// The main file cannot be read.
pub(crate) fn sources_of(path: &Path) -> Result<Sources, Failure> {
    let main = main_file(path)?;
    let directory = path.parent().map(Path::to_owned).unwrap_or_default();
    Ok(Sources::load(&main, |written| included(&directory.join(written))))
}

/// Compiles a text that was applied before; it includes nothing.
pub(crate) fn compile_text(name: &str, text: &str, target: &Target) -> Compiled {
    let sources = Sources::single(name, text);
    let (artifacts, diagnostics) = hostwright::compile_applied(&sources, target);
    Compiled { sources, artifacts, diagnostics }
}

/// Follows the includes of a spec of which files were changed in memory; only what is new is read.
pub(crate) fn reloaded(path: &Path, sources: &Sources) -> Sources {
    let Some(main) = sources.files.first() else { return Sources::default() };
    let directory = path.parent().map(Path::to_owned).unwrap_or_default();
    Sources::load(main, |written| {
        let path = directory.join(written);
        let name = path.display().to_string();
        let known = sources.files.iter().skip(1).find(|it| *it.name == *name);
        known.map_or_else(|| included(&path), |it| Ok(it.clone()))
    })
}

/// Compiles texts.
pub(crate) fn compile(sources: Sources, target: &Target) -> Compiled {
    let (artifacts, diagnostics) = hostwright::compile(&sources, target);
    Compiled { sources, artifacts, diagnostics }
}

fn main_file(path: &Path) -> Result<Source, Failure> {
    if path == Path::new("-") {
        let what = || "read standard input".to_owned();
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).during(what)?;
        return Ok(Source::new("<stdin>", &decoded(bytes).during(what)?));
    }
    let what = || format!("read {}", path.display());
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let cause = "there is no such file; `hostwright init` writes a spec of what the host has";
            return Err(Failure::new(what(), cause));
        }
        read => read.during(what)?,
    };
    Ok(Source::new(&path.display().to_string(), &decoded(bytes).during(what)?))
}

fn included(path: &PathBuf) -> Result<Source, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    Ok(Source::new(&path.display().to_string(), &decoded(bytes)?))
}

/// Reads bytes as text, or says where they are none.
fn decoded(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let end = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..end]).into_owned();
        let (line, column) = Source::new("", &before).line_column(end);
        let byte = error.as_bytes()[end];
        format!("byte 0x{byte:02x} at line {line}, column {column} is no UTF-8: save the file as UTF-8")
    })
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn the_first_byte_that_is_no_text_is_placed() {
        let refused = |bytes: &[u8]| decoded(bytes.to_vec()).expect_err("no text");
        assert!(
            refused(b"[host]\nname = \"b\xe4r\"\n").starts_with("byte 0xe4 at line 2, column 10 is no UTF-8")
        );
        assert!(
            refused("é\u{1F600}".as_bytes().split_last().expect("bytes").1).contains("line 1, column 2 ")
        );
        assert!(refused(b"\xff\xfe").contains("line 1, column 1 "));
        assert_eq!(decoded("é\n".as_bytes().to_vec()).as_deref(), Ok("é\n"));
    }
}
