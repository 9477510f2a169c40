//! A network's definition.

use minijinja::context;

use super::Network;
use crate::artifact::{self, Artifact, Id};
use crate::render::Output;

pub(super) fn render(network: &Network, out: &mut Output<'_>) {
    let Network { name, uuid, parent } = network;
    let xml = out.print(
        "network.xml",
        context! {
            mark_namespace => artifact::libvirt::MARK_NAMESPACE,
            spec => format!("network.{name}"),
            name => name.as_str(),
            uuid,
            interface => parent.as_str(),
        },
    );
    let Some(xml) = xml else { return };
    let network = artifact::Network { name: name.clone(), uuid: uuid.clone(), xml };
    out.add(vec![Id::Link(parent.clone())], Artifact::Network(network));
}
