//! Which table refers to what: each is read by itself.

use toml::de::DeValue;

use super::document::Sources;
use super::names::Reference;
use super::place::Place;
use super::reader::{Cx, node};
use super::syntax;
use crate::diagnostic::Diagnostics;
use crate::kind::{Item, KINDS};
use crate::source::{Located, SourceId};

/// Reads every table of a spec, and returns it with the names that it refers to. What cannot be read is passed over.
#[must_use]
pub fn tables(sources: &Sources) -> Vec<(Box<dyn Item>, Vec<Reference>)> {
    let mut found = Vec::new();
    for (at, source) in sources.files.iter().enumerate() {
        let (document, _) = syntax::parse(&source.text);
        for kind in KINDS {
            let Some(DeValue::Table(tables)) = document.get(kind.word()).map(toml::Spanned::get_ref) else {
                continue;
            };
            for (name, body) in tables {
                let (mut diagnostics, mut references) = (Diagnostics::default(), Vec::new());
                let mut cx = Cx {
                    source: SourceId(at),
                    diagnostics: &mut diagnostics,
                    references: &mut references,
                    place: Place::default(),
                };
                let place = cx.span(&name.span());
                let named = Located::new(name.get_ref().as_ref(), place);
                let item = kind.read(named, node(place, body, &cx), &mut cx);
                found.push((item, references));
            }
        }
    }
    found
}
