//! Names that tables give, and who gives them.

use std::collections::{BTreeMap, BTreeSet};

use super::Declared;
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Guess, guess};
use crate::source::Located;
use crate::spec::write::string;
use crate::spec::{Namespace, Reference};
use crate::value::{Mac, UuidText};

/// Everything that must differ among its like, with all who give it.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<(Namespace, String), Vec<Located<Origin>>>);

impl Names {
    /// Iterates over names with who gives them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Namespace, &str, &[Located<Origin>])> {
        self.0.iter().map(|((namespace, name), givers)| (*namespace, name.as_str(), givers.as_slice()))
    }

    /// Reports a name that no table gives. Where it is near that of a card that nobody else uses, it may be the card's table
    /// that is misspelt.
    pub(super) fn resolve(
        &self,
        reference: &Reference,
        used: &BTreeSet<(Namespace, &str)>,
        diagnostics: &mut Diagnostics,
    ) {
        let Reference { namespace, name, span, is_whole } = reference;
        let is_there = self.0.contains_key(&(*namespace, name.clone()));
        if is_there || (*namespace == Namespace::Unit && self.has_broken(name)) {
            return;
        }
        let known = || self.0.keys().filter(|(of, _)| of == namespace).map(|(_, name)| name.as_str());
        // Where the key fixes the kind, its word does not stand before the name; else it does.
        let bare = name.split_once('.').and_then(|(_, bare)| known().find(|it| *it == bare));
        let whole = || known().find(|it| it.split_once('.').is_some_and(|(_, bare)| bare == name));
        let called = bare.map(|word| Guess { word, certain: true });
        let called = called.or_else(|| whole().map(|word| Guess { word, certain: false }));
        let near = || {
            let it = guess(name, known())?;
            let givers = self.0.get(&(*namespace, it.word.to_owned()))?;
            let is_card = givers.iter().any(|it| it.value.kind == "nic");
            let is_used = used.contains(&(*namespace, it.word));
            Some(Guess { certain: it.certain && (is_used || !is_card), ..it })
        };
        let guess = called.or_else(near);
        let guess = guess.map(|it| Guess { certain: it.certain && *is_whole, ..it });
        let diagnostic = Diagnostic::error(Code::UnknownReference, *span, absent(*namespace, name));
        let diagnostic = diagnostic.meant(guess, *span, |it| string(it));
        diagnostics.push(match remedy(*namespace, name) {
            Some(remedy) if !guess.is_some_and(|it| it.certain) => diagnostic.hint(remedy),
            _ => diagnostic,
        });
    }

    /// Says whether a table that could be waited for is there, and gives nothing for a mistake of its own.
    fn has_broken(&self, table: &str) -> bool {
        let of_kind = |namespace| matches!(namespace, Namespace::Mount | Namespace::Target);
        let givers = self.0.iter().filter(|((of, _), _)| of_kind(*of)).flat_map(|(_, givers)| givers);
        givers.map(|it| it.value.to_string()).any(|it| it == table)
    }
}

/// Says that no table gives a name.
fn absent(namespace: Namespace, name: &str) -> String {
    let name = name.escape_debug();
    match namespace {
        Namespace::Network => format!("no `[network.{name}]` in this spec"),
        Namespace::Target => format!("no `[iscsi.{name}]` in this spec"),
        Namespace::Unit => format!("nothing in this spec that can be waited for is called `{name}`"),
        _ => format!("no {} `{name}` in this spec", namespace.what()),
    }
}

/// Says what would give a name.
fn remedy(namespace: Namespace, name: &str) -> Option<String> {
    match namespace {
        Namespace::Interface => {
            Some(format!("each link has a table, a card of the host too: `[nic.{}]`", name.escape_debug()))
        }
        Namespace::Unit => Some("what can be waited for is an `iscsi.NAME` or a `mount.NAME`".to_owned()),
        _ => None,
    }
}

impl Declared {
    /// Takes a name that must differ from all others of its name space.
    pub fn claim(&mut self, namespace: Namespace, name: &str, origin: &Located<Origin>) {
        self.names.0.entry((namespace, name.to_owned())).or_default().push(origin.clone());
    }

    /// Takes MAC addresses that are written.
    pub fn macs<'a>(&mut self, macs: impl IntoIterator<Item = &'a Located<Mac>>, origin: &Located<Origin>) {
        for mac in macs {
            let place = Located::new(origin.value.clone(), mac.span);
            self.claim(Namespace::Mac, &mac.value.to_string(), &place);
        }
    }

    /// Takes a UUID where one is written.
    pub fn uuid(
        &mut self,
        namespace: Namespace,
        written: Option<&Located<UuidText>>,
        origin: &Located<Origin>,
    ) {
        if let Some(uuid) = written {
            let place = Located::new(origin.value.clone(), uuid.span);
            self.claim(namespace, uuid.value.as_str(), &place);
        }
    }
}
