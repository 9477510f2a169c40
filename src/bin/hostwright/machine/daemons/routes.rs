//! Routes that are gone from the kernel: whether their daemon still has them.

use std::path::Path;

use hostwright::observed::ForeignRoute;

use super::LIMIT;
use super::conversation::{Bird, Frr};

/// `RTPROT_BIRD`.
const BIRD: u8 = 12;
/// BIRD's code of an answer where it has no such route.
const NO_ROUTE: u16 = 8001;

/// Returns those of some routes that their daemon does not have either: it withdrew them. What is not answered in time is none.
pub(super) fn withdrawn(run: &Path, routes: &[ForeignRoute]) -> Vec<ForeignRoute> {
    let (of_bird, of_frr): (Vec<_>, Vec<_>) = routes.iter().partition(|it| it.protocol == BIRD);
    let mut gone = Vec::new();
    if !of_bird.is_empty()
        && let Ok(mut bird) = Bird::open(&run.join("bird/bird.ctl"), LIMIT)
    {
        // Without a word on tables it looks into `master4` and `master6` alone, and a VRF's route would count as withdrawn.
        let lacks = |it: &ForeignRoute| {
            bird.ask(&format!("show route {} table all", it.to)).is_ok_and(|it| it.code == NO_ROUTE)
        };
        gone.extend(lacking(&of_bird, lacks));
    }
    if !of_frr.is_empty()
        && let Ok(mut zebra) = Frr::open(&run.join("frr/zebra.vty"), LIMIT)
    {
        gone.extend(lacking(&of_frr, |it| zebra_lacks(&mut zebra, it)));
    }
    gone
}

fn lacking(routes: &[&ForeignRoute], mut lacks: impl FnMut(&ForeignRoute) -> bool) -> Vec<ForeignRoute> {
    routes.iter().copied().filter(|it| lacks(it)).copied().collect()
}

fn zebra_lacks(zebra: &mut Frr, route: &ForeignRoute) -> bool {
    let to = route.to.to_string();
    let family = if route.to.addr().is_ipv6() { "ipv6" } else { "ip" };
    let answer = zebra.ask(&format!("show {family} route vrf all {to} json"));
    answer.is_ok_and(|it| it.trim_start().starts_with('{') && !it.contains(&to))
}
