//! Rules of policy routing.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::STATIC;
use crate::artifact::Rule;

/// A rule of policy routing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObservedRule {
    /// Order, lower first.
    pub priority: u32,
    /// Source; absent: all.
    pub from: Option<IpNet>,
    /// Destination; absent: all.
    pub to: Option<IpNet>,
    /// Number of the table that is looked up.
    pub table: u32,
    /// `RTPROT_*`.
    pub protocol: u8,
    /// Family, action and everything else that tells it from others, as text: `inet lookup`.
    pub rest: String,
}

impl ObservedRule {
    /// Returns what the kernel makes of a rule.
    #[must_use]
    pub fn made_of(rule: &Rule) -> Self {
        let rest = if rule.is_ipv4() { "inet lookup" } else { "inet6 lookup" };
        let Rule { priority, from, to, table } = *rule;
        Self { priority, from, to, table, protocol: STATIC, rest: rest.to_owned() }
    }

    /// Says whether it is a rule that hostwright gave, and nothing more.
    #[must_use]
    pub fn is(&self, rule: &Rule) -> bool {
        *self == Self::made_of(rule)
    }
}

impl std::fmt::Display for ObservedRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let end = |it: Option<IpNet>| it.map_or_else(|| "all".to_owned(), |it| it.to_string());
        let Self { priority, from, to, table, protocol, rest } = self;
        write!(f, "{priority}: from {} to {} {rest} table {table} protocol {protocol}", end(*from), end(*to))
    }
}
