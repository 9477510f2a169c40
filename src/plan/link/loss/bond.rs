//! What is lost by a change of a bond's settings.

use super::{Loss, over};
use crate::artifact::Link;
use crate::plan::Effect;
use crate::plan::draft::Draft;
use crate::plan::link::difference::Difference;

/// `IFLA_BOND_MODE`, and its value for LACP.
const MODE: u16 = 1;
const LACP: u32 = 4;
/// `IFLA_BOND_MIN_LINKS`.
const MIN_LINKS: u16 = 18;

/// Returns what is lost when a bond of LACP asks for more ports than have a carrier: the kernel takes its own at once.
/// `bond_option_min_links_set`.
pub(super) fn of_minimum(draft: &Draft<'_>, link: &Link, found: &[Difference]) -> Vec<Loss> {
    let name = link.name.as_str();
    let mode = draft.observed.link(&link.name).and_then(|it| it.number(MODE));
    if !draft.observed.is_bond(name) || mode != Some(LACP) {
        return Vec::new();
    }
    let asked = found.iter().find_map(|it| match it {
        Difference::Device(_, _, wanted) => {
            wanted.iter().find(|it| it.attribute == MIN_LINKS)?.value.number()
        }
        _ => None,
    });
    let has_carrier = |it: &&str| draft.observed.links.get(*it).is_some_and(|it| it.carrier);
    let up = draft.observed.ports(name).filter(has_carrier).count();
    let Some(least) = asked.filter(|it| usize::try_from(*it).is_ok_and(|it| it > up)) else {
        return Vec::new();
    };
    let why =
        format!("the bond has no carrier where fewer than {least} of its ports have one, and {up} have");
    let itself = Loss { effect: Effect::Link(link.name.clone()), why: why.clone(), remedy: None };
    let carried = over(draft, name, false).into_iter();
    let carried =
        carried.map(|(effect, what)| Loss { effect, why: format!("{why}; it carries {what}"), remedy: None });
    std::iter::once(itself).chain(carried).collect()
}
