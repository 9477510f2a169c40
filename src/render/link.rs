//! Links, twice from one model: networkd's files for the boot, kernel state for the live change.

mod files;
mod raw;
mod route;
mod settings;

use std::collections::BTreeMap;

pub use files::PortLines;
use settings::LinkLocal;
pub use settings::{LinkSettings, Settings};

use super::Output;
use crate::artifact::link::ALIAS_MARK;
use crate::artifact::{Artifact, Device, Id, Link, Port, PortVlan, VirtualFunction};
use crate::template::Template;
use crate::value::{InterfaceName, Mac, PciPath};

pub(super) const TEMPLATES: &[Template] = &[
    ("link.network", include_str!("link.network.j2")),
    ("link.netdev", include_str!("link.netdev.j2")),
    ("alias.link", include_str!("alias.link.j2")),
    ("parent.conf", include_str!("parent.conf.j2")),
    ("port.conf", include_str!("port.conf.j2")),
    ("link.sysctl", include_str!("link.sysctl.j2")),
];

/// What a network card must be; nothing for links that are made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hardware {
    /// Permanent MAC address; absent: not asked.
    pub mac: Option<Mac>,
    /// udev's `ID_PATH`; absent: not asked.
    pub path: Option<PciPath>,
    /// Whether udev gives it its name at boot.
    pub renamed: bool,
    /// Number of virtual functions that udev has it make at boot; absent: it is left alone.
    pub functions: Option<u32>,
    /// What it is told of them.
    pub virtual_functions: Vec<VirtualFunction>,
}

/// What tells a link from others, beside the settings that all share.
#[derive(Debug, Default)]
pub struct LinkShape {
    /// How it is made; absent: a network card.
    pub device: Option<Device>,
    /// Own MAC address; absent: the hardware's or the parent's.
    pub mac: Option<Mac>,
    /// Links that it is the master of, with what their drop-ins say.
    pub ports: Vec<(Port, PortLines)>,
    /// VLANs in which the host itself takes part; absent: it is no bridge that filters.
    pub vlans: Option<Vec<PortVlan>>,
    /// What a network card must be.
    pub hardware: Hardware,
    /// Sysctls that networkd leaves alone: name below `ipv4/conf/LINK/`, and value.
    pub ipv4_sysctls: &'static [(&'static str, &'static str)],
}

impl Output<'_> {
    /// Adds a link: kernel state and networkd's files.
    pub fn link(&mut self, name: &InterfaceName, shape: LinkShape, settings: &Settings) {
        let (ports, lines): (Vec<_>, Vec<_>) = shape.ports.into_iter().unzip();
        let device = shape.device;
        let link = Link {
            name: name.clone(),
            mtu: settings.mtu,
            mac: shape.mac,
            alias: device.as_ref().map(|_| format!("{ALIAS_MARK}{}]", self.origin())),
            ports,
            vlans: shape.vlans,
            addresses: settings.addresses.clone(),
            routes: settings.routes.clone(),
            rules: settings.rules.clone(),
            neighbors: settings.neighbors.clone(),
            by_networkd: settings.by_networkd(),
            raw: raw_lines(settings),
            sysctls: sysctls(name, settings.link_local(device.is_none())),
            own_sysctls: own_sysctls(name, shape.ipv4_sysctls),
            expect_mac: shape.hardware.mac,
            expect_path: shape.hardware.path,
            renamed: shape.hardware.renamed,
            functions: shape.hardware.functions,
            virtual_functions: shape.hardware.virtual_functions,
            device,
        };
        self.networkd_files(&link, settings, &lines);
        let below = link.parent().into_iter().chain(link.ports.iter().map(|it| &it.link));
        let after = below.cloned().map(Id::Link).collect();
        self.add(after, Artifact::Link(Box::new(link)));
    }
}

fn raw_lines(settings: &Settings) -> Vec<String> {
    let line = |section: &str, key: &str, value: &str| format!("{section}.{key}={value}");
    let sections = settings.raw.iter();
    let lines = sections.flat_map(|it| it.lines.iter().map(move |(key, value)| (&it.name, key, value)));
    lines.map(|(section, key, value)| line(section.as_str(), key.as_str(), value.as_str())).collect()
}

fn own_sysctls(name: &InterfaceName, ipv4: &[(&str, &str)]) -> BTreeMap<String, String> {
    ipv4.iter().map(|(key, value)| (format!("ipv4/conf/{name}/{key}"), (*value).to_owned())).collect()
}

/// Returns the sysctls that networkd sets on a link that it configures.
fn sysctls(name: &InterfaceName, link_local: LinkLocal) -> BTreeMap<String, String> {
    let ipv6 = matches!(link_local, LinkLocal::Ipv6 | LinkLocal::Yes);
    [
        (format!("ipv6/conf/{name}/accept_ra"), "0"),
        (format!("ipv6/conf/{name}/addr_gen_mode"), if ipv6 { "0" } else { "1" }),
        (format!("ipv4/conf/{name}/promote_secondaries"), "1"),
    ]
    .into_iter()
    .map(|(path, value)| (path, value.to_owned()))
    .collect()
}
