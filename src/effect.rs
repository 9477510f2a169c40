//! What networkd does to whom: a table of what was measured, for the version and daemons at hand.
//!
//! For now it knows one operation, a reload that finds nothing new but the `.network` of links that no
//! other link is built on, and two answers. What is not in the table is not done.

use crate::observed::{Observed, RoutingDaemon};

/// Whether networkd may be told of a child's file while the host runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reload {
    /// Measured: disturbs nothing.
    Harmless,
    /// networkd learns of it at the next boot.
    Refused {
        /// What a reload would do here, or why that is not known; finishes "at the next boot: …".
        why: String,
        /// What would make it harmless.
        hint: Option<String>,
    },
}

/// Versions of systemd on which the harmless row was measured.
const MEASURED: &[u32] = &[252, 257];

/// Says what a reload of children's files does on a host.
#[must_use]
pub fn reload_of_children(observed: &Observed) -> Reload {
    let Some(networkd) = &observed.networkd else {
        return refused("networkd does not run".to_owned(), None);
    };
    let version = networkd.version;
    if observed.daemons.contains(&RoutingDaemon::Frr) || !observed.nexthops.is_empty() {
        let groups = observed.nexthops.len();
        return refused(
            format!(
                "on systemd {version} a reload would delete {groups} nexthop objects and the routes that use them"
            ),
            Some("with `no zebra nexthop kernel enable` in FRR there are none".to_owned()),
        );
    }
    if observed.daemons.contains(&RoutingDaemon::Other) {
        return refused(
            format!("what a reload does to this routing daemon on systemd {version} was not measured"),
            None,
        );
    }
    if !networkd.protected {
        return refused(
            format!(
                "this networkd {version} started without `ManageForeignRoutes=no`: a reload would delete routes of others"
            ),
            Some("networkd reads it at the next boot".to_owned()),
        );
    }
    if !MEASURED.contains(&version) {
        return refused(format!("what a reload does on systemd {version} was not measured"), None);
    }
    Reload::Harmless
}

const fn refused(why: String, hint: Option<String>) -> Reload {
    Reload::Refused { why, hint }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::observed::Networkd;

    fn host(version: u32, protected: bool, daemons: &[RoutingDaemon]) -> Observed {
        Observed {
            networkd: Some(Networkd { version, protected, loaded: BTreeMap::new() }),
            daemons: daemons.iter().copied().collect(),
            ..Observed::default()
        }
    }

    #[track_caller]
    fn check(observed: &Observed, expected: &str) {
        match reload_of_children(observed) {
            Reload::Harmless => assert_eq!("harmless", expected),
            Reload::Refused { why, .. } => assert!(why.contains(expected), "{why}"),
        }
    }

    #[test]
    fn only_what_was_measured_is_harmless() {
        use RoutingDaemon::{Bird, Frr, Other};
        check(&host(252, true, &[Bird]), "harmless");
        check(&host(257, true, &[]), "harmless");
        check(&host(252, false, &[Bird]), "started without");
        check(&host(254, true, &[Bird]), "was not measured");
        check(&host(252, true, &[Frr]), "nexthop objects");
        check(&host(252, true, &[Bird, Frr]), "nexthop objects");
        check(&host(252, true, &[Other]), "was not measured");
        check(&Observed::default(), "does not run");
        let nexthops = Observed { nexthops: ["id 12".to_owned()].into(), ..host(252, true, &[Bird]) };
        check(&nexthops, "1 nexthop objects");
    }
}
