//! The first way of bringing a link about that disturbs no more than was agreed to.

use super::difference::Difference;
use super::loss::{self, Loss};
use super::telling::{self, Telling};
use super::{Rest, anew, is_free, places, without_networkd};
use crate::artifact::Link;
use crate::observed::ObservedLink;
use crate::plan::Effect;
use crate::plan::draft::{Draft, Refusal};

/// How a link that is there comes to be as it shall.
pub(super) enum Way {
    /// The kernel is told, networkd is not.
    Netlink,
    /// networkd is told by a file and a reload, which disturbs what was agreed to.
    File(Vec<Effect>),
    /// It is deleted and made again; what it was, and what that disturbs, which was agreed to.
    Anew(Box<Link>, Vec<Effect>),
    /// At the next boot.
    Boot(Refusal),
}

/// Finds the way of a link that differs.
pub(super) fn way(
    draft: &Draft<'_>,
    link: &Link,
    present: &ObservedLink,
    differences: &[Difference],
    losses: &[Loss],
) -> Way {
    if differences.iter().any(Difference::is_identity) {
        return anew::way(draft, link, present, losses);
    }
    if !draft.allows(&loss::effects(losses)) {
        return Way::Boot(loss::refusal(losses));
    }
    if draft.observed.networkd_has_loaded(&link.name) {
        return told(telling::of_changed(draft, &link.name));
    }
    if !link.is_hardware() && link.by_networkd.is_empty() {
        return places::refusal(draft, link).map_or(Way::Netlink, Way::Boot);
    }
    if let Some(why) = in_use(draft, link, present) {
        return Way::Boot(why.into());
    }
    match telling::of_new(draft, &link.name) {
        Telling::Refused(refusal) if !link.is_hardware() => {
            Way::Boot(Refusal { why: without_networkd(link, &refusal.why), ..refusal })
        }
        telling => told(telling),
    }
}

/// Says why networkd cannot be given a link: it deletes what others gave to it, and frees it of a master.
fn in_use(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Option<String> {
    const IN_USE: &str = "networkd would have to take over a link that is in use";
    let specs: Vec<_> =
        [draft.before, draft.after].into_iter().filter_map(|it| it.link(&link.name)).collect();
    let (observed, name) = (draft.observed, link.name.as_str());
    if link.is_hardware() && !is_free(present) || observed.has_foreign_neighbor(name, &[link]) {
        return Some(IN_USE.to_owned());
    }
    if let Some(address) = observed.foreign_addresses(name, &specs).next() {
        return Some(format!("{IN_USE}: somebody else gave it the address {address}"));
    }
    let master = present.master.as_ref().filter(|_| observed.would_lose_its_master(&link.name))?;
    Some(format!("networkd would take it from its master `{master}`"))
}

/// Says why a link cannot be as large as it shall while the host runs: what it is built on stays smaller. The kernel refuses
/// it then. `vlan_dev_change_mtu`, `macvlan_change_mtu`.
pub(super) fn narrowed(draft: &Draft<'_>, link: &Link, rest: &Rest) -> Option<Refusal> {
    let parent = link.parent()?;
    let below = rest.narrow.get(parent)?;
    let mtu = draft.observed.link(parent).map(|it| it.mtu).filter(|it| *it < link.mtu.bytes())?;
    Some(Refusal {
        why: format!("its parent `{parent}` has MTU {mtu} until the next boot"),
        harms: below.harms.clone(),
        ..Refusal::default()
    })
}

fn told(telling: Telling) -> Way {
    match telling {
        Telling::Reload(effects) => Way::File(effects),
        Telling::Refused(refusal) => Way::Boot(refusal),
    }
}
