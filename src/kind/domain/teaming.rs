//! Interfaces of a guest, and which two of them it makes one of.

use std::collections::BTreeMap;

use super::spec::InterfaceSpec;
use super::{Interface, Teaming};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::lower::{Attachment, Lower};
use crate::source::Located;
use crate::spec::Named;
use crate::value::{ItemName, Mac};

type Specs<'a> = &'a [Named<InterfaceSpec>];

/// Resolves the interfaces of a guest.
pub(super) fn interfaces(domain: &ItemName, specs: Specs<'_>, cx: &mut Lower<'_>) -> Option<Vec<Interface>> {
    let valid: Vec<_> = specs.iter().map(|it| check(specs, it, cx)).collect();
    let valid = valid.into_iter().chain([check_pairs(specs, cx)]).collect::<Option<Vec<()>>>();
    let interfaces = specs.iter().map(|it| interface(domain, specs, it, cx)).collect();
    valid.map(|_| interfaces)
}

fn interface(domain: &ItemName, specs: Specs<'_>, named: &Named<InterfaceSpec>, cx: &Lower<'_>) -> Interface {
    let name = &named.name.value;
    let partner = persistent(named);
    let has_partner = specs.iter().filter_map(persistent).any(|it| it.value == *name);
    let addressed = partner.and_then(|it| find(specs, &it.value)).unwrap_or(named);
    Interface {
        name: name.clone(),
        network: named.body.network.value.0.clone(),
        mac: mac(domain, addressed, cx),
        trusted: named.body.trust_guest_rx_filters.value,
        teaming: match partner {
            Some(partner) => Some(Teaming::Transient(partner.value.clone())),
            None => has_partner.then_some(Teaming::Persistent),
        },
    }
}

fn mac(domain: &ItemName, named: &Named<InterfaceSpec>, cx: &Lower<'_>) -> Mac {
    let derived = || cx.mac("interface", &format!("{domain}/{}", named.name.value));
    named.body.mac.as_ref().map_or_else(derived, |it| it.value)
}

fn persistent(named: &Named<InterfaceSpec>) -> Option<&Located<ItemName>> {
    named.body.teaming.as_ref().map(|it| &it.value.persistent)
}

fn find<'a>(specs: Specs<'a>, name: &ItemName) -> Option<&'a Named<InterfaceSpec>> {
    specs.iter().find(|it| it.name.value == *name)
}

/// Refuses teaming with what is not there, is the same, or cannot take part.
fn check(specs: Specs<'_>, named: &Named<InterfaceSpec>, cx: &mut Lower<'_>) -> Option<()> {
    let Some(name) = persistent(named) else { return Some(()) };
    let Some(partner) = find(specs, &name.value) else {
        let message = format!("no interface of this guest is named `{}`", name.value);
        let guess = nearest(name.value.as_str(), specs.iter().map(|it| it.name.value.as_str()));
        cx.push(Diagnostic::error(Code::UnknownReference, name.span, message).did_you_mean(guess));
        return None;
    };
    if let Some(mac) = &named.body.mac {
        let message = format!(
            "`mac` of `{}` is that of `{}`: both are one for the guest",
            named.name.value, name.value
        );
        let diagnostic = Diagnostic::error(Code::Conflict, mac.span, message);
        cx.push(diagnostic.also(name.span, "one with this interface").hint("take it out"));
        return None;
    }
    is_function(named, true, cx)?;
    is_function(partner, false, cx)
}

/// Refuses an interface that is a virtual function and must not be one, or the other way.
fn is_function(named: &Named<InterfaceSpec>, wanted: bool, cx: &mut Lower<'_>) -> Option<()> {
    let network = &named.body.network;
    let attachment = cx.attachment(&network.value.0)?;
    if matches!(attachment, Attachment::Function(_)) == wanted {
        return Some(());
    }
    let (network, span, name) = (&network.value.0, network.span, &named.name.value);
    let message = if wanted {
        format!("`teaming` belongs to a virtual function, and network `{network}` of `{name}` gives out none")
    } else {
        format!(
            "`{name}` is a virtual function of network `{network}`, too: none of both would be there during a migration"
        )
    };
    let hint =
        "the one with `teaming` is on a network of `sr-iov`, the one it names is on `macvtap` or `bridge`";
    cx.push(Diagnostic::error(Code::Conflict, span, message).hint(hint));
    None
}

/// Refuses two interfaces that name one and the same.
fn check_pairs(specs: Specs<'_>, cx: &mut Lower<'_>) -> Option<()> {
    let mut first = BTreeMap::new();
    for name in specs.iter().filter_map(persistent) {
        if let Some(span) = first.insert(&name.value, name.span) {
            let message = format!("`{}` is the persistent interface of two others", name.value);
            let places = [(span, "first here"), (name.span, "first here")];
            cx.push(Diagnostic::twice(Code::DuplicateValue, places, message));
            return None;
        }
    }
    Some(())
}
