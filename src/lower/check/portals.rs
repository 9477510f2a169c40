//! Ways to iSCSI targets.

use super::super::storage::Target;
use super::{Finding, View};
use crate::artifact::MAIN_TABLE;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Located;
use crate::value::{Mtu, Portal};

/// Warns of targets with one portal.
pub(in super::super) fn single(view: &View<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for target in &view.declared.storage.targets {
        let [portal] = target.portals.as_slice() else { continue };
        let message = format!("`[{}]` has no portal but `{}`", target.origin.value, portal.value);
        let diagnostic = Diagnostic::warning(Code::SinglePortal, portal.span, message);
        let hint = "name every portal of the target: the login takes the first that answers";
        found.push(Finding { diagnostic: diagnostic.hint(hint), tables: vec![target.origin.value.clone()] });
    }
    found
}

/// A portal, the link whose network it lies in, and that link's MTU.
type Way<'a> = (&'a Located<Portal>, &'a str, Mtu);

/// Warns of targets whose portals lie on links with different MTUs.
pub(in super::super) fn mtus(view: &View<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for target in &view.declared.storage.targets {
        let ways: Vec<_> = target.portals.iter().filter_map(|it| way(it, view)).collect();
        let widest = ways.iter().max_by_key(|(.., mtu)| *mtu);
        let narrowest = ways.iter().min_by_key(|(.., mtu)| *mtu);
        if let Some((narrow, wide)) = narrowest.zip(widest).filter(|(narrow, wide)| narrow.2 < wide.2) {
            found.push(narrow_way(target, *narrow, *wide, view));
        }
    }
    found
}

/// Finds the link that reaches a portal without a gateway, in the narrowest network.
fn way<'a>(portal: &'a Located<Portal>, view: &View<'a>) -> Option<Way<'a>> {
    let interfaces = &view.declared.interfaces;
    let ip = portal.value.socket().ip();
    let networks = interfaces
        .iter()
        .flat_map(|(link, it)| it.interface.ip.addresses.iter().map(move |address| (address.value, link)));
    let reaching = networks.filter(|(address, _)| address.reaches(ip));
    let (_, link) = reaching.max_by_key(|(address, _)| address.prefix())?;
    (interfaces.table(link) == MAIN_TABLE).then(|| (portal, link, interfaces.mtu(link)))
}

fn narrow_way(target: &Target, narrow: Way<'_>, wide: Way<'_>, view: &View<'_>) -> Finding {
    let (portal, link, mtu) = narrow;
    let message = format!(
        "portal `{}` is reached over `{link}` with MTU {mtu}, `{}` over `{}` with {}",
        portal.value, wide.0.value, wide.1, wide.2
    );
    let diagnostic = Diagnostic::warning(Code::PortalMtu, portal.span, message);
    let diagnostic = diagnostic.also(wide.0.span, format!("over `{}` with MTU {}", wide.1, wide.2));
    let written = view.declared.interfaces.get(link).and_then(|it| it.mtu.as_ref()).map(|it| it.span);
    let place = written.or_else(|| view.declared.interfaces.origin(link).map(|it| it.span));
    let diagnostic = match place {
        Some(place) => diagnostic.also(place, format!("MTU {mtu} of `{link}`")),
        None => diagnostic,
    };
    let hint = format!("give both links the same `mtu`, and the switch ports of `{link}`");
    Finding { diagnostic: diagnostic.hint(hint), tables: vec![target.origin.value.clone()] }
}
