//! What holds for every finding, whatever the text; the fuzz target has it, too.

use hostwright::diagnostic::Diagnostics;
use hostwright::source::Source;

/// Checks that every place lies in its text, on whole characters, and that what is said is one line each.
pub(crate) fn check_findings(diagnostics: &Diagnostics, files: &[Source]) {
    for diagnostic in diagnostics.iter() {
        let labels = diagnostic.labels.iter().map(|it| it.span);
        for span in labels.chain(diagnostic.suggestions.iter().map(|it| it.span)) {
            let text = &files[span.source.0].text;
            assert!(text.get(span.start..span.end).is_some(), "{span:?} of {diagnostic}");
        }
        let labels = diagnostic.labels.iter().map(|it| &it.text);
        for said in labels.chain(&diagnostic.hints).chain([&diagnostic.message]) {
            assert!(!said.contains(char::is_control), "{said:?} of {diagnostic}");
        }
        let _ = diagnostic.short(files);
    }
}
