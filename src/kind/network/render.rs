//! A network's definition.

use minijinja::context;

use super::{Form, Network};
use crate::artifact::{self, Artifact, Id};
use crate::render::Output;

pub(super) fn render(network: &Network, out: &mut Output<'_>) {
    let Network { name, uuid, form } = network;
    let (word, link, vlan) = match form {
        Form::Macvtap(parent) => ("macvtap", parent, None),
        Form::Bridge(bridge) => ("bridge", bridge, None),
        Form::Sriov(pf, vlan) => ("sr-iov", pf, vlan.map(crate::value::VlanId::number)),
    };
    let xml = out.print(
        "network.xml",
        context! {
            mark_namespace => artifact::libvirt::MARK_NAMESPACE,
            spec => format!("network.{name}"),
            name => name.as_str(),
            uuid,
            form => word,
            link => link.as_str(),
            vlan,
        },
    );
    let Some(xml) = xml else { return };
    let pf = matches!(form, Form::Sriov(..)).then(|| link.clone());
    let network = artifact::Network { name: name.clone(), uuid: uuid.clone(), xml, pf };
    out.add(vec![Id::Link(link.clone())], Artifact::Network(network));
}
