//! iSCSI targets: one login unit and one session each.

mod lower;
mod render;
mod spec;
#[cfg(test)]
mod tests;

use crate::artifact::Origin;
use crate::kind::Kind;
use crate::lower::{Declared, Dependency, Lower, Path};
use crate::render::Output;
use crate::source::Located;
use crate::spec::Namespace;
use crate::template::Template;
use crate::value::{CredentialName, Iqn, ItemName, Portal, UnitName, UserName};

/// An iSCSI target. `iscsiadm(8)`.
#[derive(Debug, PartialEq)]
pub struct Iscsi {
    name: ItemName,
    target: Iqn,
    initiator: Option<Iqn>,
    portals: Vec<Portal>,
    chap: Option<Chap>,
    mutual_chap: Option<Chap>,
    timeouts: Timeouts,
    unit: UnitName,
}

/// A name and the credential with its secret.
#[derive(Debug, Clone, PartialEq)]
struct Chap {
    user: UserName,
    credential: CredentialName,
}

/// Seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Timeouts {
    replacement: u32,
    login: u32,
    noop_interval: u32,
    noop: u32,
}

impl Kind for Iscsi {
    const WORD: &'static str = "iscsi";
    const ALSO: &[&str] = &["san"];
    const NAMESPACE: Namespace = Namespace::Target;
    const TEMPLATES: &'static [Template] = &[("iscsi.service", include_str!("iscsi.service.j2"))];
    type Name = ItemName;
    type Spec = spec::IscsiSpec;

    fn declare(
        name: &Located<ItemName>,
        spec: &spec::IscsiSpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        let place = Located::new(origin.value.clone(), spec.target.span);
        declared.claim(Namespace::TargetName, spec.target.value.as_str(), &place);
        declared.target(&name.value, &spec.target.value);
        declared.portals(&spec.target.value, &spec.portals, origin);
        if let Some(unit) = lower::unit(&name.value) {
            declared.unit(origin, Dependency { unit, path: Path::Network });
        }
    }

    fn lower(name: &Located<ItemName>, spec: &spec::IscsiSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }
}
