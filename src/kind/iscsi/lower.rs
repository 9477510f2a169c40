//! `[iscsi.NAME]` to a target.

use std::collections::BTreeMap;

use super::spec::{ChapSpec, IscsiSpec};
use super::{Chap, Iscsi, Timeouts};
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::Lower;
use crate::source::Located;
use crate::value::{ItemName, Portal, TimeSpan, UnitName};

pub(super) fn unit(name: &ItemName) -> Option<UnitName> {
    format!("hostwright-iscsi-{name}.service").parse().ok()
}

pub(super) fn lower(name: &Located<ItemName>, spec: &IscsiSpec, cx: &mut Lower<'_>) -> Option<Iscsi> {
    cx.needs_guests_systemd(name.span, "iSCSI targets")?;
    let timeouts = timeouts(spec, cx);
    let portals = portals(name, spec, cx);
    check_chap(spec, cx)?;
    Some(Iscsi {
        name: name.value.clone(),
        target: spec.target.value.clone(),
        initiator: cx.initiator(),
        portals: portals?,
        chap: spec.chap.as_ref().map(chap),
        mutual_chap: spec.mutual_chap.as_ref().map(chap),
        timeouts: timeouts?,
        unit: unit(&name.value)?,
    })
}

fn chap(spec: &Located<ChapSpec>) -> Chap {
    Chap { user: spec.value.user.value.clone(), credential: spec.value.credential.value.clone() }
}

fn check_chap(spec: &IscsiSpec, cx: &mut Lower<'_>) -> Option<()> {
    let Some(mutual) = &spec.mutual_chap else { return Some(()) };
    let Some(chap) = &spec.chap else {
        let message = "`mutual-chap` needs `chap`: a target proves who it is to an initiator that did";
        let hint = "add `chap`, or take `mutual-chap` out";
        cx.push(Diagnostic::error(Code::Conflict, mutual.span, message).hint(hint));
        return None;
    };
    let (own, other) = (&chap.value.credential, &mutual.value.credential);
    if own.value != other.value {
        return Some(());
    }
    let message =
        format!("both sides have the credential `{}`: RFC 3720 forbids one secret for both", own.value);
    let hint = "give the target a credential of its own: `hostwright secret set NAME`";
    cx.push(Diagnostic::error(Code::Conflict, other.span, message).also(own.span, "the host's").hint(hint));
    None
}

fn portals(name: &Located<ItemName>, spec: &IscsiSpec, cx: &mut Lower<'_>) -> Option<Vec<Portal>> {
    if spec.portals.is_empty() {
        let message = "a target has at least one portal: key `portals` is missing or empty";
        let hint = "`portals` is an array like `[\"10.0.42.10\", \"10.0.42.11:3260\"]`";
        cx.push(Diagnostic::error(Code::MissingKey, name.span, message).hint(hint));
        return None;
    }
    let mut seen = BTreeMap::new();
    for portal in &spec.portals {
        if let Some(first) = seen.insert(portal.value, portal.span) {
            let message = format!("portal `{}` is given twice", portal.value);
            let places = [(first, "first here"), (portal.span, "first here")];
            cx.push(Diagnostic::twice(Code::DuplicateValue, places, message));
        }
    }
    Some(spec.portals.iter().map(|it| it.value).collect())
}

fn timeouts(spec: &IscsiSpec, cx: &mut Lower<'_>) -> Option<Timeouts> {
    Some(Timeouts {
        replacement: seconds(&spec.replacement_timeout, cx)?,
        login: seconds(&spec.login_timeout, cx)?,
        noop_interval: seconds(&spec.noop_out_interval, cx)?,
        noop: seconds(&spec.noop_out_timeout, cx)?,
    })
}

fn seconds(span: &Located<TimeSpan>, cx: &mut Lower<'_>) -> Option<u32> {
    if span.value.milliseconds().is_multiple_of(1000) {
        return Some(span.value.seconds());
    }
    let message = format!("open-iscsi counts whole seconds, found `{}`", span.value);
    cx.push(Diagnostic::error(Code::InvalidValue, span.span, message));
    None
}
