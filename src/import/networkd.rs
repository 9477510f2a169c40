//! What networkd's files say of a link that the kernel does not show.

use std::collections::BTreeMap;

use super::{Found, links};
use crate::ini::{self, Section};
use crate::observed::{ObservedAddress, ObservedLink, ObservedRoute, ObservedRule};
use crate::spec::{TableText, write};

/// Sections and keys that say what the kernel shows, or what a key of the spec says; no keys: all of the section.
const KNOWN: &[(&str, &[&str])] = &[
    ("Match", &[]),
    ("Address", &["Address", "Broadcast"]),
    (
        "Route",
        &[
            "Destination",
            "Gateway",
            "GatewayOnLink",
            "GatewayOnlink",
            "Metric",
            "Table",
            "Type",
            "PreferredSource",
        ],
    ),
    ("RoutingPolicyRule", &["Priority", "Table", "From", "To"]),
    ("Neighbor", &["Address", "LinkLayerAddress", "MACAddress"]),
    ("BridgeVLAN", &["VLAN", "PVID", "EgressUntagged"]),
    ("Link", &["MTUBytes", "RequiredForOnline"]),
    (
        "Network",
        &[
            "Description",
            "Address",
            "Gateway",
            "DNS",
            "Domains",
            "DHCP",
            "IPv6AcceptRA",
            "LinkLocalAddressing",
            "VLAN",
            "MACVLAN",
            "MACVTAP",
            "Bridge",
            "Bond",
            "VRF",
            "PrimarySlave",
            "IgnoreCarrierLoss",
            "KeepMaster",
        ],
    ),
];
/// Sections that stand for one thing each: what is unknown in them belongs to it.
const OF_THINGS: &[&str] = &["Address", "Route", "RoutingPolicyRule", "Neighbor", "BridgeVLAN"];

/// Sections of the file that networkd has loaded for a link, and of its drop-ins.
#[derive(Debug, Default)]
pub(super) struct Said(Vec<Section>);

impl Said {
    /// Reads what is said of a link; nothing where networkd has loaded nothing of others.
    pub(super) fn of(found: &Found, name: &str) -> Self {
        let loaded = found.observed.networkd.as_ref().and_then(|it| it.loaded.get(name));
        let Some(path) = loaded else { return Self::default() };
        let drop_ins = ["/etc", "/run", "/usr/lib"].map(|root| {
            let file = path.rsplit('/').next().unwrap_or_default();
            format!("{root}/systemd/network/{file}.d/")
        });
        let is_of = |it: &str| it == path || drop_ins.iter().any(|folder| it.starts_with(folder));
        let texts = found.texts.iter().filter(|(it, _)| is_of(it));
        Self(texts.flat_map(|(_, text)| ini::parse(text)).collect())
    }

    fn sections<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Section> {
        self.0.iter().filter(move |it| it.name == name)
    }

    fn last<'a>(&'a self, section: &'a str, key: &str) -> Option<&'a str> {
        self.sections(section).filter_map(|it| it.get(key)).last()
    }

    fn list<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.sections("Network").flat_map(move |it| it.all(key)).flat_map(str::split_whitespace)
    }

    /// Says whether an address is written.
    pub(super) fn has_address(&self, address: &ObservedAddress) -> bool {
        let text = address.address.to_string();
        let all = self.sections("Network").chain(self.sections("Address"));
        all.flat_map(|it| it.all("Address")).any(|it| it == text)
    }

    /// Says whether a route that leads nowhere is written.
    pub(super) fn has_route(&self, route: &ObservedRoute) -> bool {
        let kind = route.rest.split(' ').next().unwrap_or_default();
        let to = route.to.to_string();
        self.sections("Route").any(|it| it.get("Type") == Some(kind) && it.get("Destination") == Some(&to))
    }

    /// Says whether a rule is written.
    pub(super) fn has_rule(&self, rule: &ObservedRule) -> bool {
        let is = |section: &Section| {
            let end = |key: &str| section.get(key).map(str::to_owned);
            let whole = |it: Option<ipnet::IpNet>, key: &str| {
                let text = it.map(|it| it.to_string());
                let bare = it.map(|it| it.addr().to_string());
                end(key) == text || end(key) == bare
            };
            whole(rule.from, "From") && whole(rule.to, "To")
        };
        self.sections("RoutingPolicyRule").any(is)
    }

    /// Writes what the kernel does not show, the rest as raw lines.
    pub(super) fn write(&self, found: &Found, name: &str, link: &ObservedLink, table: &mut TableText) {
        let written = self.last("Network", "DHCP").map(dhcp).filter(|it| *it != "no");
        let dhcp = written.or_else(|| self.leased(link));
        if let Some(dhcp) = dhcp {
            table.text("dhcp", dhcp);
        }
        let advertised = self.advertised(link, table);
        if advertised {
            table.toml("ipv6-accept-ra", true);
        }
        if !links::is_port(found, link) {
            self.link_local(name, link, dhcp.is_some() || advertised, table);
        }
        table.list("dns", self.list("DNS"));
        table.list("domains", self.list("Domains"));
        if let Some(needed) = self.last("Link", "RequiredForOnline") {
            table.toml("required-for-online", !is_no(needed));
        }
        self.unknown(table);
    }

    /// Returns what a link of another tool shows: a lease without a file of networkd.
    fn leased(&self, link: &ObservedLink) -> Option<&'static str> {
        let leased = self.0.is_empty() && link.addresses.iter().any(|it| it.is_ipv4() && !it.permanent);
        leased.then_some("ipv4")
    }

    fn advertised(&self, link: &ObservedLink, table: &mut TableText) -> bool {
        let seen = link.addresses.iter().any(|it| !it.is_ipv4() && !it.permanent);
        match self.last("Network", "IPv6AcceptRA") {
            Some(value) => !is_no(value),
            None if seen => true,
            None => {
                if !self.0.is_empty() && link.addresses.iter().any(|it| !it.is_ipv4()) {
                    table.remark("networkd would take router advertisements; none was seen");
                }
                false
            }
        }
    }

    /// Writes link-local addressing where the link would have another.
    fn link_local(&self, name: &str, link: &ObservedLink, dynamic: bool, table: &mut TableText) {
        let written = self.last("Network", "LinkLocalAddressing").filter(|it| ["yes", "ipv4"].contains(it));
        if let Some(written) = written {
            return table.text("link-local-addressing", written);
        }
        let stays = link.addresses.iter().any(|it| it.permanent && !it.is_link_local());
        let speaks = link.kind.is_none() || stays || dynamic;
        let mode = link.sysctls.get(&format!("ipv6/conf/{name}/addr_gen_mode")).map(String::as_str);
        // An address that is there says more than the mode of the next one: bridge-utils changes that below a bridge.
        let has = link.addresses.iter().any(ObservedAddress::is_link_local);
        match mode {
            Some("0" | "1") => match (mode == Some("0") || has, speaks) {
                (true, false) => table.text("link-local-addressing", "ipv6"),
                (false, true) => table.text("link-local-addressing", "no"),
                _ => {}
            },
            Some(mode) => table.unsaid(&format!("its addr_gen_mode {mode}")),
            None => {}
        }
    }

    fn unknown(&self, table: &mut TableText) {
        let mut raw: BTreeMap<&str, BTreeMap<&str, Vec<String>>> = BTreeMap::new();
        for section in &self.0 {
            let known = KNOWN.iter().find(|it| it.0 == section.name).map(|it| it.1);
            if known.is_some_and(<[_]>::is_empty) {
                continue;
            }
            for (key, value) in
                section.lines.iter().filter(|(key, _)| !known.is_some_and(|it| it.contains(&key.as_str())))
            {
                if OF_THINGS.contains(&section.name.as_str()) {
                    table.unsaid(&format!("[{}] {key}={value}", section.name));
                } else {
                    raw.entry(&section.name).or_default().entry(key).or_default().push(write::string(value));
                }
            }
        }
        for (section, lines) in raw {
            let value = |values: Vec<String>| match values.as_slice() {
                [one] => one.clone(),
                all => format!("[{}]", all.join(", ")),
            };
            let lines: Vec<_> = lines
                .into_iter()
                .map(|(key, it)| format!("{} = {}", write::key_text(key), value(it)))
                .collect();
            table.toml(
                &format!("raw.network.{}", write::key_text(section)),
                format!("{{ {} }}", lines.join(", ")),
            );
        }
    }
}

fn is_no(value: &str) -> bool {
    ["no", "false", "0", "off", "n", "f"].contains(&value.to_ascii_lowercase().as_str())
}

/// Returns the key's word for networkd's.
fn dhcp(value: &str) -> &'static str {
    match value.to_ascii_lowercase().as_str() {
        "ipv4" | "v4" => "ipv4",
        "ipv6" | "v6" => "ipv6",
        other if is_no(other) || other == "none" => "no",
        _ => "yes",
    }
}
