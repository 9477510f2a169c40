//! One picture of the machine from all ports.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use hostwright::artifact::{
    Artifact, Artifacts, Content, DefaultBridge, OWN_FILES, Place, Root, network_place,
};
use hostwright::observed::{
    Flow, FlowKind, Networkd, Observed, ObservedLibvirt, ObservedLink, Texts, held, managers,
};
use hostwright::value::UnitName;
use nix::unistd::geteuid;

use crate::failure::{During, Failure};
use crate::late::joined;
use crate::layout::Layout;
use crate::machine::Ports;
use crate::machine::bridges::Bridges;
use crate::machine::daemons::Daemons;
use crate::machine::iscsi::sessions::connections;
use crate::machine::libvirt::Libvirt;
use crate::machine::namespaces;
use crate::machine::neighbors;
use crate::machine::netlink::sysctl_values;
use crate::machine::networkd::{TICK_MICROSECONDS, unread};
use crate::machine::systemd::Systemd;
use crate::machine::taps;
use crate::moment::Moment;
use crate::{caller, configuration, install, store};

/// Sockets of the one daemon, and of those that took its place.
const LIBVIRT_SOCKETS: [&str; 2] = ["run/libvirt/libvirt-sock", "run/libvirt/virtqemud-sock"];

/// Looks at everything that the artifacts speak of: at once for what networkd says, which takes its time to describe its
/// links, at files, and at the rest.
///
/// # Errors
/// What could not be read.
pub(crate) fn machine(ports: &Ports, layout: &Layout, specs: [&Artifacts; 2]) -> Result<Observed, Failure> {
    // Others would see no daemons, and take what these own for nobody's.
    if !geteuid().is_root() {
        return Err(Failure::new("look at the machine", "only root sees what others own"));
    }
    let systemd = &ports.systemd;
    let (asked, on_disk, rest) = std::thread::scope(|scope| {
        let asked =
            scope.spawn(|| Ok::<_, Failure>((networkd(systemd, layout)?, systemd.states(&units(specs))?)));
        let on_disk = scope.spawn(|| on_disk(layout, specs));
        let rest = rest(ports, layout, specs);
        (joined(asked), joined(on_disk), rest)
    });
    let ((mut networkd, units), (texts, files), mut observed) = (asked?, on_disk?, rest?);
    (observed.written, observed.drop_ins) = configuration::written(&texts);
    observed.leftovers = leftovers(&texts, specs);
    let loaded = loaded(layout, networkd.as_mut(), &observed.links);
    read_sysctls(layout, specs, &loaded, &mut observed.links);
    if let Some(networkd) = &mut networkd {
        networkd.unread = unread(layout.root(), &observed.links, &loaded, &texts, networkd);
        networkd.held = held(&observed.links, specs[1].links(), &texts);
    }
    Ok(Observed { managers: managers(&observed.links, &loaded, &texts), networkd, units, files, ..observed })
}

/// Reads the texts by which others configure the network, and what lies at the places of the artifacts.
fn on_disk(layout: &Layout, specs: [&Artifacts; 2]) -> Result<(Texts, BTreeMap<Place, Content>), Failure> {
    let texts =
        configuration::texts_of_others(layout).during(|| "read who configures the network".to_owned())?;
    Ok((texts, files(layout, specs)?))
}

/// Looks at what neither networkd nor files tell.
fn rest(ports: &Ports, layout: &Layout, specs: [&Artifacts; 2]) -> Result<Observed, Failure> {
    let netlink = &ports.netlink;
    let bridges = bridges(specs);
    let libvirt = libvirt(ports, layout, specs, &bridges)?;
    let links = netlink.links(&own_sysctls(specs))?;
    let routes = netlink.routes()?;
    let daemons = Daemons::find()?;
    let told = daemons.tell();
    let namespaces = namespaces::look(&links);
    let own = specs[0].links().filter_map(|it| links.get(it.name.as_str()));
    let taps = own.filter(|it| it.kind.as_deref() == Some("macvtap")).map(|it| it.index);
    let opened = taps::opened(layout.root(), taps);
    let mut observed = Observed {
        taken_over: store::taken_over(layout)?,
        links,
        routes: routes.own,
        foreign_routes: routes.foreign,
        shared_by_foreign: routes.shared,
        foreign_sources: routes.sources,
        rules: netlink.rules()?,
        nexthops: netlink.nexthops()?.iter().map(ToString::to_string).collect(),
        sessions: netlink.sessions(&netlink.other_ports(&daemons.sockets(), told.clone())?)?,
        told,
        elsewhere: namespaces.elsewhere.into_iter().map(|it| it.1).collect(),
        unseen: namespaces.unseen,
        daemons: daemons.kinds(),
        bridges: Bridges { ports, layout }.observe(&bridges, libvirt.as_ref())?,
        libvirt,
        missing: install::missing(layout.root()),
        opened,
        kvm: std::fs::File::options().read(true).write(true).open("/dev/kvm").is_ok(),
        ..Observed::default()
    };
    if neighbors::are_of_others(&observed.links, specs) {
        observed.direct = netlink.direct()?;
    }
    observed.flows = netlink.routed(flows(&observed), &observed.links)?;
    Ok(observed)
}

/// Returns what must go on reaching its peer.
fn flows(observed: &Observed) -> BTreeSet<Flow> {
    let mut flows = observed.session_flows();
    flows.extend(connections(Path::new("/sys")).into_iter().map(|it| {
        let unknown =
            if it.peer.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        Flow::new(FlowKind::Storage(it.target), it.local.unwrap_or(unknown), it.peer, 0)
    }));
    let end = |it: SocketAddr| it.ip().to_canonical();
    let caller = caller::connection().map(|it| Flow::new(FlowKind::Caller, end(it.local), end(it.peer), 0));
    flows.extend(caller);
    flows
}

/// Looks at the whole network of a host that no spec speaks of yet; texts are those of its configuration.
///
/// # Errors
/// What could not be read.
pub(crate) fn host(ports: &Ports, layout: &Layout, texts: &Texts) -> Result<Observed, Failure> {
    let netlink = &ports.netlink;
    let names: Vec<_> = netlink.links(&BTreeMap::new())?.into_keys().collect();
    let sysctl = |name: String| (name.clone(), vec![format!("ipv6/conf/{name}/addr_gen_mode")]);
    let links = netlink.links(&names.into_iter().map(sysctl).collect())?;
    let mut networkd = networkd(&ports.systemd, layout)?;
    let loaded = loaded(layout, networkd.as_mut(), &links);
    Ok(Observed {
        managers: managers(&links, &loaded, texts),
        links,
        routes: netlink.routes()?.own,
        rules: netlink.rules()?,
        networkd,
        ..Observed::default()
    })
}

/// Looks at files alone.
///
/// # Errors
/// What could not be read.
pub(crate) fn directory(layout: &Layout, specs: [&Artifacts; 2]) -> Result<Observed, Failure> {
    Ok(Observed { files: files(layout, specs)?, ..Observed::default() })
}

/// Lists the sysctls that networkd leaves alone and that are asked for, by link.
fn own_sysctls(specs: [&Artifacts; 2]) -> BTreeMap<String, Vec<String>> {
    let links = specs.into_iter().flat_map(Artifacts::links);
    links.map(|link| (link.name.to_string(), link.own_sysctls.keys().cloned().collect())).collect()
}

/// Adds the sysctls that networkd sets, of links of which it has not loaded our file: of thousands it mostly has.
fn read_sysctls(
    layout: &Layout,
    specs: [&Artifacts; 2],
    loaded: &BTreeMap<String, String>,
    links: &mut BTreeMap<String, ObservedLink>,
) {
    let all: BTreeMap<_, _> = specs.into_iter().flat_map(Artifacts::links).map(|it| (&it.name, it)).collect();
    for (name, link) in all {
        let file = layout.path(&network_place(name));
        let by_networkd = loaded.get(name.as_str()).is_some_and(|it| Path::new(it) == file);
        if let Some(present) = links.get_mut(name.as_str()).filter(|_| !by_networkd) {
            present.sysctls.extend(sysctl_values(link.sysctls.keys()));
        }
    }
}

fn networkd(systemd: &Systemd, layout: &Layout) -> Result<Option<Networkd>, Failure> {
    let mut found = crate::machine::networkd::Networkd::new(systemd).state(layout.root())?;
    if let Some(networkd) = &mut found {
        networkd.read = networkd.read.max(reloaded(layout)?);
    }
    Ok(found)
}

/// Returns a time before which all files were read when an apply last had networkd do so; 0: none did since the boot.
fn reloaded(layout: &Layout) -> Result<u64, Failure> {
    let text = store::read_if_there(&layout.reloaded())?.unwrap_or_default();
    Ok(Moment::parse(&text).map_or(0, Moment::certainly).saturating_sub(TICK_MICROSECONDS))
}

/// Completes the files that networkd has loaded, and returns them by link.
fn loaded(
    layout: &Layout,
    networkd: Option<&mut Networkd>,
    links: &BTreeMap<String, ObservedLink>,
) -> BTreeMap<String, String> {
    let Some(networkd) = networkd else { return BTreeMap::new() };
    configuration::name_files(layout, &mut networkd.loaded, links);
    let gone = |path: &str| path.starts_with('/') && !Path::new(path).exists();
    let forsaken = networkd.loaded.iter().filter(|(_, path)| gone(path));
    networkd.forsaken = forsaken.map(|(name, _)| name.clone()).collect();
    networkd.loaded.clone()
}

/// Reads what lies at the places of the artifacts; units lie there only below a directory.
fn files(layout: &Layout, specs: [&Artifacts; 2]) -> Result<BTreeMap<Place, Content>, Failure> {
    let mut found = BTreeMap::new();
    let places: BTreeSet<_> = specs.into_iter().flat_map(Artifacts::files).map(|it| &it.place).collect();
    for place in places {
        if layout.is_machine() && place.root == Root::Unit {
            continue;
        }
        if let Some(content) =
            hostwright::emit::read(&layout.path(place)).during(|| "read a file".to_owned())?
        {
            found.insert(place.clone(), content);
        }
    }
    Ok(found)
}

/// Finds files that bear hostwright's name in networkd's directory and belong to no spec.
fn leftovers(texts: &Texts, specs: [&Artifacts; 2]) -> BTreeSet<Place> {
    let known: BTreeSet<_> = specs.into_iter().flat_map(Artifacts::files).map(|it| &it.place).collect();
    let below =
        |path: &String| path.strip_prefix(Root::Network.directory())?.strip_prefix('/').map(str::to_owned);
    let own = texts.keys().filter_map(below).filter(|it| it.starts_with(OWN_FILES));
    own.map(|it| Place::new(Root::Network, it)).filter(|it| !known.contains(it)).collect()
}

fn units(specs: [&Artifacts; 2]) -> Vec<UnitName> {
    let mut names = BTreeSet::new();
    for entry in specs.into_iter().flat_map(Artifacts::iter) {
        if let Artifact::Unit(unit) = &entry.artifact {
            names.extend(unit.stop_first.iter().chain([&unit.name]).cloned());
        }
    }
    names.into_iter().collect()
}

fn bridges(specs: [&Artifacts; 2]) -> BTreeSet<DefaultBridge> {
    let bridge = |artifact: &Artifact| match artifact {
        Artifact::Absent(bridge) => Some(*bridge),
        _ => None,
    };
    specs.into_iter().flat_map(Artifacts::iter).filter_map(|entry| bridge(&entry.artifact)).collect()
}

/// Asks libvirt where a spec has something there; for its default bridge alone only where it is installed.
fn libvirt(
    ports: &Ports,
    layout: &Layout,
    specs: [&Artifacts; 2],
    bridges: &BTreeSet<DefaultBridge>,
) -> Result<Option<ObservedLibvirt>, Failure> {
    let asked = |artifact: &Artifact| matches!(artifact, Artifact::Network(_) | Artifact::Domain(_));
    if specs.into_iter().flat_map(Artifacts::iter).any(|entry| asked(&entry.artifact)) {
        return ports.libvirt.observe().during(|| "ask libvirt".to_owned()).map(Some);
    }
    let installed = || LIBVIRT_SOCKETS.iter().any(|it| layout.root().join(it).exists());
    if bridges.is_empty() || !Libvirt::IS_BUILT || !installed() {
        return Ok(None);
    }
    // A libvirt that does not answer must not keep a host without guests from its network.
    Ok(ports.libvirt.observe().ok())
}
