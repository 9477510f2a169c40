//! What must differ among its like.

use super::super::Declared;
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Located;
use crate::spec::Namespace;

/// Refuses names, MAC addresses, UUIDs, mount points … that several tables give.
pub(in super::super) fn names(declared: &Declared, diagnostics: &mut Diagnostics) {
    for (namespace, name, givers) in declared.names.iter() {
        let mut givers: Vec<_> = givers.iter().collect();
        givers.sort_by_key(|it| it.span);
        for giver in givers.iter().skip(1) {
            diagnostics.push(twice(namespace, name, givers[0], giver));
        }
    }
}

fn twice(namespace: Namespace, name: &str, first: &Located<Origin>, second: &Located<Origin>) -> Diagnostic {
    let by = if first.value == second.value {
        format!("by `[{}]`", first.value)
    } else {
        format!("by `[{}]` and `[{}]`", first.value, second.value)
    };
    let message = format!("{} `{}` is given twice, {by}", namespace.what(), name.escape_debug());
    let diagnostic = Diagnostic::error(code(namespace), second.span, message);
    let diagnostic = diagnostic.also(first.span, format!("first by `[{}]`", first.value));
    match hint(namespace) {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

const fn code(namespace: Namespace) -> Code {
    match namespace {
        Namespace::Mac => Code::DuplicateMac,
        Namespace::Card => Code::DuplicateCard,
        Namespace::MountPoint => Code::DuplicateMountPoint,
        Namespace::DomainUuid | Namespace::NetworkUuid => Code::DuplicateUuid,
        Namespace::TargetName => Code::DuplicateTarget,
        Namespace::Table => Code::DuplicateValue,
        _ => Code::DuplicateName,
    }
}

const fn hint(namespace: Namespace) -> Option<&'static str> {
    match namespace {
        Namespace::Mac => Some("leave `mac` out: each gets one of its own, the same at every boot"),
        Namespace::Card => {
            Some("`udevadm info /sys/class/net/NAME` shows what each card is known by: mend one `match`")
        }
        Namespace::MountPoint => Some("the later mount would hide the earlier one: give one another place"),
        Namespace::DomainUuid | Namespace::NetworkUuid => {
            Some("leave `uuid` out: each gets one of its own, the same at every boot")
        }
        Namespace::Table => {
            Some("two VRFs with one table have each other's routes: give one of them another")
        }
        Namespace::TargetName => Some("write one table with all `portals` of the target"),
        Namespace::Interface => Some("all links of a host have different names: call one of them otherwise"),
        _ => None,
    }
}
