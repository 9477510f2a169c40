//! libvirt networks: what guests name, the same on every host, so that guests can migrate.

mod lower;
mod render;
mod spec;
#[cfg(test)]
mod tests;

use crate::artifact::Origin;
use crate::kind::Kind;
use crate::lower::{Attachment, Declared, Lower};
use crate::render::Output;
use crate::source::Located;
use crate::spec::Namespace;
use crate::template::Template;
use crate::value::{InterfaceName, ItemName};

/// A libvirt network whose guests get macvtap devices on a link. libvirt's `network/forward`.
#[derive(Debug, PartialEq)]
pub struct Network {
    name: ItemName,
    uuid: String,
    parent: InterfaceName,
}

impl Kind for Network {
    const WORD: &'static str = "network";
    const NAMESPACE: Namespace = Namespace::Network;
    const TEMPLATES: &'static [Template] = &[("network.xml", include_str!("network.xml.j2"))];
    type Name = ItemName;
    type Spec = spec::NetworkSpec;

    fn declare(
        name: &Located<ItemName>,
        spec: &spec::NetworkSpec,
        declared: &mut Declared,
        _: &Located<Origin>,
    ) {
        let parent = spec.macvtap.value.parent.value.0.clone();
        declared.network(&name.value, Attachment::Macvlan(parent));
    }

    fn lower(name: &Located<ItemName>, spec: &spec::NetworkSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }
}
