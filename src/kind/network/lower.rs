//! `[network.NAME]` to a libvirt network.

use super::spec::NetworkSpec;
use super::{Form, Network};
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::{Attachment, Declared, Lower};
use crate::source::Located;
use crate::spec::{LinkName, Namespace};
use crate::value::{InterfaceName, ItemName};

pub(super) fn declare(
    name: &ItemName,
    spec: &NetworkSpec,
    declared: &mut Declared,
    origin: &Located<Origin>,
) {
    declared.uuid(Namespace::NetworkUuid, spec.uuid.as_ref(), origin);
    if let Some(attachment) = attachments(spec).next() {
        declared.network(name, attachment, origin);
    }
}

fn attachments(spec: &NetworkSpec) -> impl Iterator<Item = Located<Attachment>> {
    let given =
        |link: &Located<LinkName>, form: fn(InterfaceName) -> Attachment| link.clone().map(|it| form(it.0));
    let macvtap = spec.macvtap.iter().map(move |it| given(&it.value.parent, Attachment::Macvlan));
    let bridge = spec.bridge.iter().map(move |it| given(&it.value.name, Attachment::Bridge));
    let sr_iov = spec.sr_iov.iter().map(move |it| given(&it.value.pf, Attachment::Function));
    macvtap.chain(bridge).chain(sr_iov)
}

fn forms(spec: &NetworkSpec) -> impl Iterator<Item = Form> {
    let macvtap = spec.macvtap.iter().map(|it| Form::Macvtap(it.value.parent.value.0.clone()));
    let bridge = spec.bridge.iter().map(|it| Form::Bridge(it.value.name.value.0.clone()));
    let sr_iov = spec.sr_iov.iter().map(|it| {
        let vlan = it.value.vlan.as_ref().map(|it| it.value);
        Form::Sriov(it.value.pf.value.0.clone(), vlan)
    });
    macvtap.chain(bridge).chain(sr_iov)
}

pub(super) fn lower(name: &Located<ItemName>, spec: &NetworkSpec, cx: &mut Lower<'_>) -> Option<Network> {
    cx.needs_guests_systemd(name.span, "networks")?;
    let keys = [
        ("macvtap", spec.macvtap.as_ref().map(|it| it.span)),
        ("bridge", spec.bridge.as_ref().map(|it| it.span)),
        ("sr-iov", spec.sr_iov.as_ref().map(|it| it.span)),
    ];
    if !cx.exactly_one(name.span, &keys) {
        return None;
    }
    check_links(spec, cx)?;
    let uuid = cx.written_uuid(spec.uuid.as_ref(), "network", name.value.as_str());
    Some(Network { name: name.value.clone(), uuid, form: forms(spec).next()? })
}

/// Refuses a link that is not what the form needs.
fn check_links(spec: &NetworkSpec, cx: &mut Lower<'_>) -> Option<()> {
    let bridge = spec.bridge.as_ref().map(|it| &it.value.name).filter(|it| !cx.is_bridge(&it.value.0));
    let pf = spec.sr_iov.as_ref().map(|it| &it.value.pf).filter(|it| !cx.is_hardware(&it.value.0));
    let bridge = bridge.map(|it| (it, "bridge", "a network on another link is `macvtap = { parent = … }`"));
    let pf = pf.map(|it| (it, "network card", "virtual functions are a network card's, a `[nic.NAME]`"));
    let Some((link, what, hint)) = bridge.or(pf) else { return Some(()) };
    if !cx.is_given(&link.value.0) {
        return None;
    }
    let message = format!("`{}` is not a {what}", link.value.0);
    cx.push(Diagnostic::error(Code::WrongLink, link.span, message).hint(hint));
    None
}
