//! libvirt's networks and domains.

use super::{Found, Section};
use crate::kind::KINDS;
use crate::observed::ObservedNetwork;
use crate::spec::{TableText, write};
use crate::xml::{self, Element};

/// Writes networks of macvtap devices as tables, everything else by name.
pub(super) fn sections(found: &Found) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut others = Vec::new();
    others.extend(found.libvirt_refusal.iter().map(|why| format!("libvirt could not be asked: {why}")));
    for (name, network) in found.observed.libvirt.iter().flat_map(|it| &it.networks) {
        match table(name.as_str(), network) {
            Some(table) => sections.push(Section::table(table.written())),
            None => others.push(format!(
                "libvirt network {name}: there is no word for its way to forward; it is left alone"
            )),
        }
    }
    for (name, domain) in found.observed.libvirt.iter().flat_map(|it| &it.domains) {
        let state = if domain.live.is_some() { "runs" } else { "is shut off" };
        let state = if domain.autostart { format!("{state}, libvirt starts it") } else { state.to_owned() };
        others.push(format!(
            "libvirt domain {name}, UUID {}, {state}: it is left alone; a [domain.{name}] with that UUID can adopt it",
            domain.uuid
        ));
    }
    sections.extend(Section::remarks(&others));
    sections
}

fn table(name: &str, network: &ObservedNetwork) -> Option<TableText> {
    let keys = KINDS.iter().find(|it| it.word() == "network")?.keys();
    let definition = Element::parse(&network.xml).ok()?;
    let forward = definition.child("forward").filter(|it| it.attribute("mode") == Some("bridge"))?;
    let devices: Vec<_> = forward.elements().filter(|it| it.name == "interface").collect();
    let [device] = devices.as_slice() else { return None };
    let mut table = TableText::new("network", name, keys);
    if xml::mark(&network.xml).ok()?.is_none() {
        table.remark(&format!("it is not hostwright's yet: `hostwright adopt network.{name}`"));
    }
    table.text("uuid", &network.uuid);
    table.toml("macvtap", format!("{{ parent = {} }}", write::string(device.attribute("dev")?)));
    Some(table)
}
