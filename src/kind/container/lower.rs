//! `[container.NAME]` to a container.

use super::spec::{Backend, ContainerSpec, InterfaceSpec};
use super::{Container, Interface};
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::{Attachment, Connection, Declared, Dependency, Lower};
use crate::render::When;
use crate::source::{Located, Span};
use crate::spec::Named;
use crate::value::{AbsolutePath, InterfaceName, MachineName, TextValue, escape_path};

/// First systemd whose nspawn gives a macvlan the name that is asked for.
const NAMED_MACVLANS: u32 = 254;
/// Name that systemd-nspawn(1) gives to the interface on a bridge.
const ON_BRIDGE: &str = "host0";

/// Returns the directory that a container's root file system is mounted on.
pub(super) fn place(name: &Located<MachineName>) -> Located<AbsolutePath> {
    let path = AbsolutePath::parse(&format!("/srv/ct/{}", name.value));
    Located::new(path.expect("a container's name is a part of a path"), name.span)
}

pub(super) fn declare(
    name: &Located<MachineName>,
    spec: &ContainerSpec,
    declared: &mut Declared,
    origin: &Located<Origin>,
) {
    spec.rootfs.value.declare(&place(name), declared, origin);
    declared.volumes(&spec.rootfs.value.source.value.volume, &spec.needs, origin);
    for InterfaceSpec { network, bridge } in spec.interface.iter().map(|it| &it.body) {
        let network = network.iter().map(|it| it.clone().map(|it| Connection::Network(it.0)));
        let bridge = bridge.iter().map(|it| it.clone().map(|it| Connection::Bridge(it.0)));
        network.chain(bridge).for_each(|it| declared.guest_interface(it, origin));
    }
}

pub(super) fn lower(
    name: &Located<MachineName>,
    spec: &ContainerSpec,
    cx: &mut Lower<'_>,
) -> Option<Container> {
    let Backend::Nspawn = spec.backend.value;
    let recent = cx.needs_guests_systemd(name.span, "containers");
    let needs: Vec<_> = spec.needs.iter().filter_map(|it| cx.dependency(&it.value)).collect();
    let place = place(name);
    let bring = bringing(&needs, &place.value);
    let rootfs = spec.rootfs.value.lower(&place, When::OnDemandOrNever, &bring, cx);
    let interfaces: Vec<_> = spec.interface.iter().map(|it| interface(it, cx)).collect();
    recent?;
    Some(Container {
        rootfs: rootfs?,
        needs: needs.into_iter().map(|it| it.unit).collect(),
        start: spec.start.value,
        memory: spec.memory.as_ref().map(|it| it.value.bytes()),
        cpus: spec.cpus.as_ref().map(|it| it.value),
        capabilities: spec.capabilities.iter().map(|it| it.value.clone()).collect(),
        interfaces: interfaces.into_iter().collect::<Option<_>>()?,
        unit: format!("systemd-nspawn@{}.service", name.value).parse().ok()?,
        starter: format!("hostwright-container-{}.service", name.value).parse().ok()?,
        name: name.value.clone(),
    })
}

/// Returns those needs that the root file system waits for, too. What is mounted below it waits for it.
fn bringing(needs: &[Dependency], place: &AbsolutePath) -> Vec<Dependency> {
    let below = format!("{}-", escape_path(place.as_str()));
    needs.iter().filter(|it| !it.unit.as_str().starts_with(&below)).cloned().collect()
}

fn interface(named: &Named<InterfaceSpec>, cx: &mut Lower<'_>) -> Option<Interface> {
    let InterfaceSpec { network, bridge } = &named.body;
    let keys =
        [("network", network.as_ref().map(|it| it.span)), ("bridge", bridge.as_ref().map(|it| it.span))];
    let name = InterfaceName::parse(named.name.value.as_str())
        .map_err(|refusal| cx.push(Diagnostic::error(Code::InvalidName, named.name.span, refusal)));
    if !cx.exactly_one(named.name.span, &keys) {
        return None;
    }
    let name = Located::new(name.ok()?, named.name.span);
    if let Some(bridge) = bridge {
        return on_bridge(&name, &bridge.value.0, bridge.span, cx);
    }
    let network = network.as_ref()?;
    match cx.attachment(&network.value.0) {
        Some(Attachment::Macvlan(parent)) => macvlan(&name, parent, cx),
        Some(Attachment::Bridge(bridge)) => on_bridge(&name, &bridge, network.span, cx),
        Some(Attachment::Function(card)) => {
            let message = format!(
                "a container gets no virtual function: network `{}` gives out those of `{card}`",
                network.value.0
            );
            let hint = "name a network with `macvtap`, or a `bridge`";
            cx.push(Diagnostic::error(Code::Conflict, network.span, message).hint(hint));
            None
        }
        None => None,
    }
}

fn macvlan(name: &Located<InterfaceName>, parent: InterfaceName, cx: &mut Lower<'_>) -> Option<Interface> {
    if cx.systemd >= NAMED_MACVLANS {
        return Some(Interface::Macvlan { parent, name: Some(name.value.clone()) });
    }
    let given = format!("mv-{parent}");
    if name.value.as_str() == given {
        return Some(Interface::Macvlan { parent, name: None });
    }
    let rule = format!("an interface of a container can be named since systemd {NAMED_MACVLANS}");
    let diagnostic = cx.too_old(name.span, &rule);
    cx.push(diagnostic.hint(match InterfaceName::parse(&given) {
        Ok(_) => format!("before that it is called `{given}`: name the table so"),
        Err(_) => format!("give the network a parent whose name has 12 characters at most, not `{parent}`"),
    }));
    None
}

fn on_bridge(
    name: &Located<InterfaceName>,
    bridge: &InterfaceName,
    written: Span,
    cx: &mut Lower<'_>,
) -> Option<Interface> {
    if !cx.is_given(bridge) {
        return None;
    }
    if !cx.is_bridge(bridge) {
        let message = format!("`{bridge}` is not a `[bridge.NAME]`");
        let hint = "a container on another link names a network with `macvtap`";
        cx.push(Diagnostic::error(Code::WrongLink, written, message).hint(hint));
        return None;
    }
    if name.value.as_str() != ON_BRIDGE {
        let message = format!(
            "the interface on a bridge is called `{ON_BRIDGE}` by systemd-nspawn, not `{}`",
            name.value
        );
        let hint = format!("name the table `{ON_BRIDGE}`");
        cx.push(Diagnostic::error(Code::Conflict, name.span, message).hint(hint));
        return None;
    }
    Some(Interface::Veth { bridge: bridge.clone() })
}
