//! A host as a graph: its tables, the disks they use, the peers its links speak to, and the order between them. Knows no
//! kinds, but what they declare and refer to.

mod disks;
mod dot;
mod mermaid;
mod order;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::artifact::{Artifacts, Origin, Trial};
use crate::diagnostic::Diagnostics;
use crate::host::Target;
use crate::lower::Declared;
use crate::spec::{HostSpec, Namespace, Reference, Sources};

/// A host's things and what comes after what.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Graph {
    /// Name of the host.
    pub host: String,
    /// Things by a name of their own: `vlan.storage`, `disk tank/1`, `peer 192.0.2.1`.
    pub nodes: BTreeMap<String, Node>,
    /// Pairs of names: the second comes after the first. Where one follows from others it is not here.
    pub edges: BTreeSet<(String, String)>,
}

/// One thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// What it is.
    pub form: Form,
    /// Its name, then what tells it from others.
    pub lines: Vec<String>,
}

/// What a thing is, for the shape it is drawn in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A link of the host.
    Link,
    /// A network of libvirt.
    Network,
    /// An iSCSI target.
    Target,
    /// A disk, volume or file that something uses.
    Disk,
    /// A file system on a directory.
    Mount,
    /// A guest.
    Guest,
    /// A container.
    Container,
    /// Another router with a BGP session to the host, as a probe names it.
    Peer,
}

/// Namespaces in which tables have their own names.
const FORMS: [(Namespace, Form); 6] = [
    (Namespace::Interface, Form::Link),
    (Namespace::Network, Form::Network),
    (Namespace::Target, Form::Target),
    (Namespace::Mount, Form::Mount),
    (Namespace::Domain, Form::Guest),
    (Namespace::Container, Form::Container),
];

/// Makes the graph of a spec; absent where it does not compile.
#[must_use]
pub fn graph(sources: &Sources, target: &Target) -> (Option<Graph>, Diagnostics) {
    let (artifacts, diagnostics) = crate::compile(sources, target);
    let spec = crate::spec::document::parse(sources, &mut Diagnostics::default());
    (artifacts.map(|it| of(&spec, sources, &it)), diagnostics)
}

fn of(spec: &HostSpec, sources: &Sources, artifacts: &Artifacts) -> Graph {
    let declared = Declared::by(spec);
    let mut graph = Graph { host: artifacts.host.clone(), ..Graph::default() };
    graph.add_tables(&declared);
    for (table, references) in crate::spec::referring::tables(sources) {
        let origin = table.origin().value;
        references.iter().for_each(|it| graph.refer(&declared, it, &origin));
    }
    graph.add_order(artifacts);
    disks::add(&mut graph, &declared);
    graph.add_peers(artifacts);
    order::reduce(&mut graph.edges);
    graph
}

impl Graph {
    fn add_tables(&mut self, declared: &Declared) {
        for (namespace, form) in FORMS {
            for (name, table) in declared.given(namespace).filter(|(name, it)| *name == it.value.name) {
                let lines = vec![format!("{} {name}", table.value.kind)];
                self.nodes.insert(table.value.to_string(), Node { form, lines });
            }
        }
        let vlans: BTreeMap<_, _> = declared.vlans().collect();
        for (name, table) in declared.given(Namespace::Interface) {
            let id = vlans.get(name).map(|it| format!("id {}", it.value));
            id.into_iter().for_each(|it| self.say(&table.value, it));
        }
        let values =
            [Namespace::TargetName, Namespace::MountPoint].into_iter().flat_map(|it| declared.given(it));
        values.for_each(|(value, table)| self.say(&table.value, value.to_owned()));
        for (address, table) in declared.addresses() {
            self.say(&table.value, address.ip().to_string());
        }
    }

    fn say(&mut self, table: &Origin, line: String) {
        if let Some(node) = self.nodes.get_mut(&table.to_string()) {
            node.lines.push(line);
        }
    }

    /// Adds that one thing comes after another; both are known, or nothing is added.
    fn add_edge(&mut self, first: &str, second: &str) {
        if first != second && [first, second].iter().all(|it| self.nodes.contains_key(*it)) {
            self.edges.insert((first.to_owned(), second.to_owned()));
        }
    }

    fn refer(&mut self, declared: &Declared, reference: &Reference, table: &Origin) {
        let found = declared.given(reference.namespace).find(|(name, _)| *name == reference.name);
        if let Some((_, giver)) = found {
            self.add_edge(&giver.value.to_string(), &table.to_string());
        }
    }

    /// Adds the order of what the tables make.
    fn add_order(&mut self, artifacts: &Artifacts) {
        for entry in artifacts.iter() {
            for before in entry.after.iter().filter_map(|it| artifacts.get(it)) {
                self.add_edge(&before.origin.to_string(), &entry.origin.to_string());
            }
        }
    }

    /// Adds the peers that probes name, behind the links from whose addresses they are reached.
    fn add_peers(&mut self, artifacts: &Artifacts) {
        for probe in artifacts.safety.probes.values() {
            let Trial::BgpPeer(peer) = probe.trial else { continue };
            let name = format!("peer {peer}");
            let node = Node { form: Form::Peer, lines: vec![format!("BGP peer {peer}")] };
            self.nodes.insert(name.clone(), node);
            for link in artifacts.links().filter(|it| it.addresses.iter().any(|it| it.address.reaches(peer)))
            {
                let origin = artifacts.get(&crate::artifact::Id::Link(link.name.clone()));
                origin.into_iter().for_each(|it| self.add_edge(&it.origin.to_string(), &name));
            }
        }
    }
}
