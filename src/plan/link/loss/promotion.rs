//! What is lost when an address takes the place of the first one of its network.

use super::Loss;
use crate::artifact::Link;
use crate::plan::Effect;
use crate::plan::draft::Draft;
use crate::plan::link::difference::Difference;
use crate::value::InterfaceAddress;

/// Returns what is lost by the first IPv4 address of a network that goes: the next one takes its place, and BIRD takes that
/// for an address that went and came. `__inet_del_ifa`; `ifa_update` of BIRD from 2.0.12 on; FRR does not mind.
pub(super) fn of_promotion(draft: &Draft<'_>, link: &Link, differences: &[Difference]) -> Option<Loss> {
    let all =
        || draft.observed.link(&link.name).into_iter().flat_map(|it| &it.addresses).map(|it| it.address);
    let goes = |it: InterfaceAddress| differences.iter().any(|other| other.removes(it.ip()));
    let first = |it: InterfaceAddress| all().find(|other| is_of_network(*other, it)) == Some(it);
    let next = |it: InterfaceAddress| all().find(|other| is_of_network(*other, it) && !goes(*other));
    let speaks = |it: InterfaceAddress| draft.observed.speakers().iter().any(|other| other.local == it.ip());
    let gone =
        all().filter(|it| it.ip().is_ipv4() && goes(*it) && first(*it) && !draft.observed.is_of_frr_alone());
    let promoted = gone.filter_map(next).find(|it| speaks(*it))?;
    Some(Loss {
        effect: Effect::Sessions,
        why: format!(
            "a session from {promoted} ends when that becomes the first address of its network, which BIRD takes for one that went and came"
        ),
        remedy: None,
    })
}

fn is_of_network(one: InterfaceAddress, other: InterfaceAddress) -> bool {
    one.network() == other.network()
}
