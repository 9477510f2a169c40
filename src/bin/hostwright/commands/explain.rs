//! `explain`: the page of a key, a kind or a code.

use hostwright::explain;

use crate::context::Exit;
use crate::failure::Failure;

/// Prints a page, or all keys.
///
/// # Errors
/// There is no such word.
pub(super) fn run(word: Option<&str>) -> Result<Exit, Failure> {
    let Some(word) = word else {
        explain::list().iter().for_each(|it| println!("{it}"));
        return Ok(Exit::Done);
    };
    let page = explain::key(word).or_else(|| explain::kind(word)).or_else(|| explain::code(word));
    let Some(page) = page else {
        let guess = explain::nearest(word).map(|it| format!(", did you mean `{it}`?")).unwrap_or_default();
        return Err(Failure::new(
            format!("explain {word}"),
            format!("no key, kind or code has this name{guess}"),
        ));
    };
    print!("{page}");
    Ok(Exit::Done)
}
