//! `[bond.NAME]` to a bond.

use std::net::Ipv4Addr;

use super::Bond;
use super::spec::{BondSpec, HashPolicy, LacpRate, Mode};
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::Lower;
use crate::source::{Located, Span};
use crate::spec::Word;
use crate::value::{InterfaceName, TimeSpan};

/// How it is found out whether a port works.
#[derive(Debug, PartialEq)]
pub(super) enum Monitoring {
    /// By the carriers; all in milliseconds.
    Mii {
        /// Between two looks.
        interval: u32,
        /// Before a port is used.
        up_delay: u32,
        /// Before a port is left.
        down_delay: u32,
    },
    /// By questions to stations.
    Arp {
        /// Milliseconds between two questions.
        interval: u32,
        /// Stations.
        targets: Vec<Ipv4Addr>,
    },
}

/// `BOND_MAX_ARP_TARGETS`.
const MOST_TARGETS: usize = 16;
const MII_INTERVAL: u32 = 100;
const ARP_INTERVAL: u32 = 1000;

pub(super) fn lower(name: &Located<InterfaceName>, spec: &BondSpec, cx: &mut Lower<'_>) -> Option<Bond> {
    let settings = spec.settings.lower(&name.value, cx);
    let monitoring = monitoring(spec, cx);
    let fits = [check_primary(spec, cx), check_lacp(spec, cx), check_hash(spec, cx)];
    let primary = spec.primary.as_ref().map(|it| it.value.0.clone());
    if fits.contains(&None) {
        return None;
    }
    Some(Bond {
        name: name.value.clone(),
        mode: spec.mode.value,
        ports: spec.ports.iter().map(|it| it.value.0.clone()).collect(),
        primary,
        lacp_rate: spec.lacp_transmit_rate.as_ref().map_or(LacpRate::Slow, |it| it.value),
        hash_policy: spec.transmit_hash_policy.as_ref().map_or(HashPolicy::Layer34, |it| it.value),
        min_links: spec.min_links.as_ref().map_or(0, |it| it.value),
        monitoring: monitoring?,
        mac: cx.link_mac(spec.mac.as_ref(), &name.value),
        settings: settings?,
    })
}

fn check_primary(spec: &BondSpec, cx: &mut Lower<'_>) -> Option<()> {
    let Some(primary) = &spec.primary else { return Some(()) };
    one_of(
        &spec.mode,
        &[Mode::ActiveBackup, Mode::BalanceTlb, Mode::BalanceAlb],
        "primary",
        primary.span,
        cx,
    )?;
    if spec.ports.iter().any(|it| it.value == primary.value) {
        return Some(());
    }
    let message = format!("`primary` is `{}`, which is not one of the `ports`", primary.value.0);
    cx.push(Diagnostic::error(Code::Conflict, primary.span, message));
    None
}

fn check_lacp(spec: &BondSpec, cx: &mut Lower<'_>) -> Option<()> {
    let Some(rate) = &spec.lacp_transmit_rate else { return Some(()) };
    one_of(&spec.mode, &[Mode::Lacp], "lacp-transmit-rate", rate.span, cx)
}

fn check_hash(spec: &BondSpec, cx: &mut Lower<'_>) -> Option<()> {
    let Some(policy) = &spec.transmit_hash_policy else { return Some(()) };
    let modes = [Mode::BalanceXor, Mode::Lacp, Mode::BalanceTlb];
    one_of(&spec.mode, &modes, "transmit-hash-policy", policy.span, cx)
}

/// Refuses a key that means nothing in a mode.
fn one_of(mode: &Located<Mode>, modes: &[Mode], key: &str, span: Span, cx: &mut Lower<'_>) -> Option<()> {
    if modes.contains(&mode.value) {
        return Some(());
    }
    let words = modes.iter().map(|it| format!("`{}`", it.word())).collect::<Vec<_>>().join(", ");
    let message = format!("`{key}` needs a mode of {words}, found `{}`", mode.value.word());
    cx.push(Diagnostic::error(Code::Conflict, span, message).also(mode.span, "the mode"));
    None
}

fn monitoring(spec: &BondSpec, cx: &mut Lower<'_>) -> Option<Monitoring> {
    let milliseconds =
        |it: &Option<Located<TimeSpan>>, absent| it.as_ref().map_or(absent, |it| it.value.milliseconds());
    if spec.arp_ip_targets.is_empty() {
        if let Some(interval) = &spec.arp_interval_sec {
            let message = "`arp-interval-sec` needs `arp-ip-targets`: without them nobody is asked";
            cx.push(Diagnostic::error(Code::Conflict, interval.span, message));
            return None;
        }
        return Some(Monitoring::Mii {
            interval: milliseconds(&spec.mii_monitor_sec, MII_INTERVAL),
            up_delay: milliseconds(&spec.up_delay_sec, 0),
            down_delay: milliseconds(&spec.down_delay_sec, 0),
        });
    }
    let mii = [&spec.mii_monitor_sec, &spec.up_delay_sec, &spec.down_delay_sec];
    if let Some(mii) = mii.into_iter().flatten().next() {
        let message = "a bond looks at carriers or asks `arp-ip-targets`, not both";
        let diagnostic = Diagnostic::error(Code::Conflict, mii.span, message);
        cx.push(diagnostic.also(spec.arp_ip_targets[0].span, "asked here").hint("take one of the two out"));
        return None;
    }
    let span = spec.arp_ip_targets[0].span;
    let modes = [Mode::BalanceRr, Mode::ActiveBackup, Mode::BalanceXor, Mode::Broadcast];
    one_of(&spec.mode, &modes, "arp-ip-targets", span, cx)?;
    if spec.arp_ip_targets.len() > MOST_TARGETS {
        let message =
            format!("a bond asks {MOST_TARGETS} targets at most, found {}", spec.arp_ip_targets.len());
        cx.push(Diagnostic::error(Code::InvalidValue, span, message));
        return None;
    }
    Some(Monitoring::Arp {
        interval: milliseconds(&spec.arp_interval_sec, ARP_INTERVAL),
        targets: spec.arp_ip_targets.iter().map(|it| it.value).collect(),
    })
}
