//! A running networkd, and what of others it leaves alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ini;

/// A running networkd.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Networkd {
    /// Major version of the running networkd, which may be older than the systemd that is installed: 252.
    pub version: u32,
    /// Its point release: 4 of 255.4; absent: nobody knows.
    #[serde(default)]
    pub point: Option<u32>,
    /// What of others it leaves alone, by the `networkd.conf` that it started with.
    pub left_alone: LeftAlone,
    /// The one that a restart would start.
    #[serde(default)]
    pub next: NextStart,
    /// Links it has loaded a `.network` for, with that file's path.
    pub loaded: BTreeMap<String, String>,
    /// Those of them whose file is gone: at a reload it would let go of them.
    #[serde(default)]
    pub forsaken: BTreeSet<String>,
    /// When it read all its files for certain, in microseconds of the real-time clock: when it started, or was reloaded by
    /// a way that systemd knows of.
    #[serde(default)]
    pub read: u64,
    /// Links whose files somebody else changed since it may have read them, with the file: at a reload it would.
    #[serde(default)]
    pub unread: BTreeMap<String, String>,
    /// Links that a spec has and that are not there, with the file that it may hold for each: it configures them as soon as
    /// they come.
    #[serde(default)]
    pub held: BTreeMap<String, String>,
    /// Links that it gave up to configure: `AdministrativeState` is `failed`. They may lack what their files say.
    #[serde(default)]
    pub failed: BTreeSet<String>,
}

/// A networkd that would start now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStart {
    /// Major version of the systemd that is installed: 252.
    pub version: u32,
    /// Its point release; absent: nobody knows.
    #[serde(default)]
    pub point: Option<u32>,
    /// What of others it would leave alone, by the `networkd.conf` that lies there.
    pub left_alone: LeftAlone,
}

/// What of others networkd leaves alone. `[Network]` of networkd.conf(5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftAlone {
    /// Routes: `ManageForeignRoutes=no`, from 246 on.
    pub routes: bool,
    /// Rules: `ManageForeignRoutingPolicyRules=no`, from 249 on.
    pub rules: bool,
    /// Nexthop objects: `ManageForeignNextHops=no`, from 256 on.
    pub nexthops: bool,
}

impl LeftAlone {
    /// Everything.
    pub const ALL: Self = Self { routes: true, rules: true, nexthops: true };

    /// Reads `networkd.conf` and its drop-ins in the order in which they count: the last word wins.
    #[must_use]
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        let sections = texts.into_iter().flat_map(ini::parse).filter(|it| it.name == "Network");
        for (key, value) in sections.flat_map(|it| it.lines) {
            let Some(alone) = is_no(&value) else { continue };
            match key.as_str() {
                "ManageForeignRoutes" => found.routes = alone,
                "ManageForeignRoutingPolicyRules" => found.rules = alone,
                "ManageForeignNextHops" => found.nexthops = alone,
                _ => {}
            }
        }
        found
    }
}

/// Says whether a word of systemd means no; absent: it means neither, and the line does not count.
fn is_no(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "no" | "n" | "false" | "f" | "off" | "0" => Some(true),
        "yes" | "y" | "true" | "t" | "on" | "1" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::LeftAlone;

    #[test]
    fn the_last_word_wins() {
        let first =
            "[Network]\nManageForeignRoutes=no\nManageForeignNextHops=no\n[DHCPv4]\nDUIDType=vendor\n";
        let all = |texts: &[&str]| LeftAlone::parse(texts.iter().copied());
        assert_eq!(all(&[]), LeftAlone::default());
        assert_eq!(all(&[first]), LeftAlone { rules: false, ..LeftAlone::ALL });
        let found =
            all(&[first, "[Network]\nManageForeignRoutes=Yes\nManageForeignRoutingPolicyRules=off\n"]);
        assert_eq!(found, LeftAlone { routes: false, ..LeftAlone::ALL });
        assert_eq!(all(&[first, "[Network]\nManageForeignRoutes=perhaps\n"]), all(&[first]));
    }
}
