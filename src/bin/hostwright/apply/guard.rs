//! What others own on the host and must have after every step as before the first.

use std::collections::BTreeSet;

use hostwright::observed::{BgpSession, Observed, ObservedRoute, ObservedRule, STATIC};
use serde::{Deserialize, Serialize};

/// Protocols of routes that are the kernel's own or hostwright's: 2 kernel, 3 boot, 4 static, 9 RA, 16 DHCP.
const NOT_FOREIGN: &[u8] = &[0, 1, 2, 3, 4, 9, 16];

/// A picture of what others own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Baseline {
    sessions: BTreeSet<BgpSession>,
    routes: BTreeSet<ObservedRoute>,
    rules: BTreeSet<ObservedRule>,
    nexthops: BTreeSet<String>,
}

impl Baseline {
    /// Takes the picture from all that was observed.
    pub(crate) fn of(observed: &Observed) -> Self {
        let foreign = |it: &&ObservedRoute| !NOT_FOREIGN.contains(&it.protocol);
        Self {
            sessions: observed.sessions.clone(),
            routes: observed.routes.iter().filter(foreign).cloned().collect(),
            rules: observed.rules.iter().filter(|it| it.protocol != STATIC).cloned().collect(),
            nexthops: observed.nexthops.clone(),
        }
    }

    /// Says what of this picture a later one lacks.
    pub(crate) fn lost_in(&self, later: &Self) -> Vec<String> {
        let mut lost = Vec::new();
        for it in self.sessions.difference(&later.sessions) {
            lost.push(format!("BGP session {} with {}", it.local, it.peer));
        }
        for it in self.routes.difference(&later.routes) {
            let device = it.device.as_deref().unwrap_or("no device");
            lost.push(format!("route {} over {device}, protocol {}", it.to, it.protocol));
        }
        lost.extend(self.rules.difference(&later.rules).map(|it| format!("rule {it}")));
        lost.extend(self.nexthops.difference(&later.nexthops).map(|it| format!("nexthop {it}")));
        lost
    }

    /// Says in words what is watched.
    pub(crate) fn summary(&self) -> String {
        format!("{} established BGP sessions, {} routes of others", self.sessions.len(), self.routes.len())
    }
}
