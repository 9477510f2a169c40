//! Kinds: what a spec can describe. The register is the only list of them.

use std::fmt::Debug;
use std::marker::PhantomData;

use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::{Declared, Lower};
use crate::observed::Observed;
use crate::render::Output;
use crate::source::{Located, Span};
use crate::spec::{Cx, Keys, Namespace, Node, Read, Table, TableText};
use crate::template::Template;
use crate::value::TextValue;

pub mod bond;
pub mod bridge;
pub mod container;
pub mod domain;
pub mod dummy;
pub mod iscsi;
pub mod macvlan;
pub mod macvtap;
pub mod mount;
pub mod network;
pub mod nic;
#[cfg(test)]
mod testing;
pub mod vlan;
pub mod vrf;

/// Every kind, in the order of the pages.
pub static KINDS: &[&dyn Registered] = &[
    &Register::<nic::Nic>(PhantomData),
    &Register::<bond::Bond>(PhantomData),
    &Register::<vlan::Vlan>(PhantomData),
    &Register::<bridge::Bridge>(PhantomData),
    &Register::<macvlan::Macvlan>(PhantomData),
    &Register::<macvtap::Macvtap>(PhantomData),
    &Register::<vrf::Vrf>(PhantomData),
    &Register::<dummy::Dummy>(PhantomData),
    &Register::<iscsi::Iscsi>(PhantomData),
    &Register::<mount::Mount>(PhantomData),
    &Register::<network::Network>(PhantomData),
    &Register::<container::Container>(PhantomData),
    &Register::<domain::Domain>(PhantomData),
];

/// A kind: its words, and the way from what was written to a model that can be rendered.
pub trait Kind: Sized + Send + Sync + Debug + 'static {
    /// First word of its tables.
    const WORD: &'static str;
    /// What others call it.
    const ALSO: &'static [&'static str] = &[];
    /// Whose names its tables bear.
    const NAMESPACE: Namespace;
    /// Files with the texts it renders.
    const TEMPLATES: &'static [Template];
    /// What the name of a table may be.
    type Name: TextValue + Clone + Debug;
    /// What a table may say.
    type Spec: Table + Read + Debug;

    /// Says what the table gives to others, before anything is resolved.
    fn declare(
        name: &Located<Self::Name>,
        spec: &Self::Spec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    );

    /// Resolves names and checks rules; every rule that is broken is a diagnostic.
    fn lower(name: &Located<Self::Name>, spec: &Self::Spec, cx: &mut Lower<'_>) -> Option<Self>;

    /// Turns the model into artifacts.
    fn render(&self, out: &mut Output<'_>);

    /// Writes what makes a link of the kernel one of this kind, but for the settings that all links share;
    /// absent: it is none.
    fn import(_name: &str, _seen: &Observed, _table: &mut TableText) -> Option<()> {
        None
    }
}

/// A model without its type.
pub trait Model: Debug {
    /// Table it comes from, and where.
    fn origin(&self) -> &Located<Origin>;
    /// Turns it into artifacts.
    fn render(&self, out: &mut Output<'_>);
}

/// A table as written without its type.
pub trait Item: Debug {
    /// Returns the table, with the place of its header.
    fn origin(&self) -> Located<Origin>;
    /// Says what the table gives to others.
    fn declare(&self, declared: &mut Declared);
    /// Makes the model.
    fn lower(&self, cx: &mut Lower<'_>) -> Option<Box<dyn Model>>;
}

/// A kind without its type.
pub trait Registered: Sync {
    /// First word of its tables.
    fn word(&self) -> &'static str;
    /// What others call it.
    fn also(&self) -> &'static [&'static str];
    /// Pattern of the names of its tables, as JSON Schema writes it.
    fn name_pattern(&self) -> &'static str;
    /// Declaration of its keys.
    fn keys(&self) -> &'static Keys;
    /// Files with the texts it renders.
    fn templates(&self) -> &'static [Template];
    /// Writes the table of a link of the kernel; absent: the link is of another kind.
    fn import(&self, name: &str, seen: &Observed) -> Option<TableText>;
    /// Reads a table.
    fn read(&self, name: Located<&str>, node: Node<'_>, cx: &mut Cx<'_>) -> Box<dyn Item>;
}

struct Register<K>(PhantomData<K>);

impl<K: Kind> Registered for Register<K> {
    fn word(&self) -> &'static str {
        K::WORD
    }

    fn also(&self) -> &'static [&'static str] {
        K::ALSO
    }

    fn name_pattern(&self) -> &'static str {
        K::Name::PATTERN
    }

    fn keys(&self) -> &'static Keys {
        <K::Spec as Table>::KEYS
    }

    fn templates(&self) -> &'static [Template] {
        K::TEMPLATES
    }

    fn import(&self, name: &str, seen: &Observed) -> Option<TableText> {
        let mut table = TableText::new(K::WORD, name, self.keys());
        K::import(name, seen, &mut table)?;
        Some(table)
    }

    fn read(&self, name: Located<&str>, node: Node<'_>, cx: &mut Cx<'_>) -> Box<dyn Item> {
        let parsed = K::Name::parse(name.value).map_err(|refusal| {
            cx.diagnostics.push(Diagnostic::error(Code::InvalidName, name.span, refusal));
        });
        let spec = K::Spec::read(node, cx);
        let name_value = parsed.ok().map(|value| Located::new(value, name.span));
        Box::new(Written::<K> { text: name.value.to_owned(), span: name.span, name: name_value, spec })
    }
}

/// A table as written. What could not be read is absent; its name still counts as given.
#[derive(Debug)]
struct Written<K: Kind> {
    text: String,
    span: Span,
    name: Option<Located<K::Name>>,
    spec: Option<K::Spec>,
}

impl<K: Kind> Item for Written<K> {
    fn origin(&self) -> Located<Origin> {
        Located::new(Origin::new(K::WORD, &self.text), self.span)
    }

    fn declare(&self, declared: &mut Declared) {
        let origin = self.origin();
        declared.claim(K::NAMESPACE, &self.text, &origin);
        if let (Some(name), Some(spec)) = (&self.name, &self.spec) {
            K::declare(name, spec, declared, &origin);
        }
    }

    fn lower(&self, cx: &mut Lower<'_>) -> Option<Box<dyn Model>> {
        let model = K::lower(self.name.as_ref()?, self.spec.as_ref()?, cx)?;
        let origin = self.origin();
        Some(Box::new(Lowered { origin, model }))
    }
}

#[derive(Debug)]
struct Lowered<K> {
    origin: Located<Origin>,
    model: K,
}

impl<K: Kind> Model for Lowered<K> {
    fn origin(&self) -> &Located<Origin> {
        &self.origin
    }

    fn render(&self, out: &mut Output<'_>) {
        self.model.render(out);
    }
}
