//! Nexthop objects that are gone from the kernel: whether zebra still counts on them. It makes and retires them as routes
//! come and go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hostwright::observed::Nexthop;

use super::LIMIT;
use super::conversation::Frr;
use crate::apply::guard::Fate;

/// `RTPROT_ZEBRA`.
pub(super) const PROTOCOL: u8 = 11;
/// Groups in groups that are looked into.
const DEPTH: u32 = 4;

/// Says of some nexthop objects of zebra's what it did to them. Those that somebody else took, and of which it does not tell in
/// time, are left out.
pub(super) fn fates(socket: &Path, gone: &[Nexthop], now: &BTreeSet<Nexthop>) -> BTreeMap<u32, Fate> {
    let Ok(mut zebra) = Frr::open(socket, LIMIT) else { return BTreeMap::new() };
    gone.iter().filter_map(|it| Some((it.id, fate(&mut zebra, it.id, now)?))).collect()
}

fn fate(zebra: &mut Frr, id: u32, now: &BTreeSet<Nexthop>) -> Option<Fate> {
    match ask(zebra, id)? {
        Said::Unknown => Some(Fate::Retired),
        Said::Known(object) if !object.is_valid => Some(Fate::Retired),
        Said::Known(object) if !object.is_installed => Some(Fate::Waits),
        Said::Known(object) => {
            let mut members = BTreeSet::new();
            object.depends.iter().try_for_each(|it| add_members(zebra, *it, DEPTH, &mut members))?;
            let is_zebras =
                |it: &Nexthop| it.members == members && (!members.is_empty() || object.leads_as(it));
            now.iter().any(|it| it.id == id && is_zebras(it)).then_some(Fate::Retired)
        }
    }
}

/// Adds what an object brings into a group: itself, where it is installed, or what it depends on.
fn add_members(zebra: &mut Frr, id: u32, depth: u32, members: &mut BTreeSet<u32>) -> Option<()> {
    let Said::Known(object) = ask(zebra, id)? else { return None };
    if object.depends.is_empty() && object.is_installed {
        members.insert(id);
    }
    let depth = depth.checked_sub(1)?;
    object.depends.iter().try_for_each(|it| add_members(zebra, *it, depth, members))
}

/// What zebra says of a number.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// It has no such object.
    Unknown,
    Known(Object),
}

/// An object as zebra has it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Object {
    /// Whether something can be sent over it.
    is_valid: bool,
    /// Whether zebra counts on the kernel's having it.
    is_installed: bool,
    /// Objects of which it is made.
    depends: Vec<u32>,
    /// Where it leads, in zebra's words.
    ways: Vec<String>,
}

impl Object {
    fn leads_as(&self, found: &Nexthop) -> bool {
        let Some(device) = &found.device else { return false };
        let begin = match found.via {
            Some(via) => format!("via {via}, {device} ("),
            None => format!("is directly connected, {device} ("),
        };
        matches!(self.ways.as_slice(), [way] if way.starts_with(&begin))
    }
}

/// Asks for the text: what came before FRR 8.5 has no JSON.
fn ask(zebra: &mut Frr, id: u32) -> Option<Said> {
    read(id, &zebra.ask(&format!("show nexthop-group rib {id}")).ok()?)
}

/// Reads an answer; absent: it is about something else.
fn read(id: u32, answer: &str) -> Option<Said> {
    let mut lines = answer.lines().map(str::trim).filter(|it| !it.is_empty());
    let first = lines.next()?;
    if first == format!("Nexthop Group ID: {id} does not exist") {
        return Some(Said::Unknown);
    }
    // `ID: 8`, from FRR 8 on `ID: 8 (zebra)`.
    first.strip_prefix("ID: ")?.split(' ').next()?.parse().ok().filter(|it: &u32| *it == id)?;
    let mut object = Object::default();
    for line in lines {
        if let Some(depends) = line.strip_prefix("Depends: ") {
            let number = |it: &str| it.trim_matches(['(', ')']).parse().ok();
            object.depends = depends.split(' ').map(number).collect::<Option<_>>()?;
        } else if line.starts_with("via ") || line.starts_with("is directly connected, ") {
            object.ways.push(line.to_owned());
        } else {
            object.is_valid |= line.split(", ").any(|it| it == "Valid");
            object.is_installed |= line.split(", ").any(|it| it == "Installed");
        }
    }
    Some(Said::Known(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FRR 7.5 names no daemon, FRR 10 has more words.
    #[test]
    fn each_version_is_understood() {
        let group = |text: &str| match read(23, text) {
            Some(Said::Known(object)) => (object.is_valid, object.is_installed, object.depends),
            other => panic!("{other:?}"),
        };
        let ways = "           via 192.0.2.1, u0 (vrf default), weight 1\n           via 198.18.0.1, w0 (vrf default), weight 1\n";
        let frr_7 = format!(
            "ID: 23\n     RefCnt: 1\n     VRF: default\n     Valid, Installed\n     Depends: (10) (12)\n{ways}"
        );
        let frr_8 = format!(
            "ID: 23 (zebra)\n     RefCnt: 1 Time to Deletion: 00:00:03\n     Uptime: 00:00:13\n     VRF: default\n     Valid, Installed\n     Depends: (10) (12)\n{ways}"
        );
        let frr_10 = format!(
            "ID: 23 (zebra)\n     RefCnt: 1\n     Uptime: 00:00:13\n     VRF: default(IPv4)\n     Valid, Reinstall, Installed, Initial Delay\n     Depends: (10) (12)\n{ways}"
        );
        for text in [frr_7, frr_8, frr_10] {
            assert_eq!(group(&text), (true, true, vec![10, 12]), "{text}");
        }
        assert_eq!(group("ID: 23 (zebra)\n     RefCnt: 2\n     Valid, Reinstall\n"), (true, false, vec![]));
        assert_eq!(
            group("ID: 23 (zebra)\n     RefCnt: 2\n     Interface Index: 5\n"),
            (false, false, vec![])
        );
    }

    #[test]
    fn an_answer_about_something_else_is_none() {
        assert_eq!(read(7, "Nexthop Group ID: 7 does not exist\n"), Some(Said::Unknown));
        for text in [
            "",
            "Nexthop Group ID: 70 does not exist\n",
            "ID: 70 (zebra)\n     Valid, Installed\n",
            "% Unknown command: show nexthop-group rib 7\n",
            "ID: 7 (zebra)\n     Valid, Installed\n     Depends: (one)\n",
        ] {
            assert_eq!(read(7, text), None, "{text}");
        }
    }
}
