//! A bond of the host to its table.

use std::net::Ipv4Addr;

use super::render::{
    ARP_INTERVAL, ARP_IP_TARGET, DOWN_DELAY, LACP_RATE, MII_MONITOR, MIN_LINKS, MODE, PRIMARY,
    TRANSMIT_HASH_POLICY, UP_DELAY,
};
use super::spec::{HashPolicy, LacpRate, Mode};
use crate::artifact::Bytes;
use crate::observed::{Observed, ObservedLink};
use crate::spec::{TableText, Word};

/// Options without a key: attribute, `bonding`'s name, the kernel's default.
const WITHOUT_KEY: &[(u16, &str, u32)] = &[
    (9, "arp_validate", 0),
    (10, "arp_all_targets", 0),
    (12, "primary_reselect", 0),
    (13, "fail_over_mac", 0),
    (15, "resend_igmp", 1),
    (16, "num_grat_arp", 1),
    (17, "all_slaves_active", 0),
    (19, "lp_interval", 1),
    (20, "packets_per_slave", 1),
    (22, "ad_select", 0),
    (27, "tlb_dynamic_lb", 1),
];

pub(super) fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
    let link = seen.link_of_kind(name, "bond")?;
    let mode = of_number::<Mode>(link.number(MODE)?, |it| it as u32)?;
    table.text("mode", mode.word());
    table.list("ports", seen.ports(name));
    let index = link.number(PRIMARY).unwrap_or_default();
    if let Some((primary, _)) = seen.links.iter().find(|(_, it)| index != 0 && it.index == index) {
        table.text("primary", primary);
    }
    let rate = link.number(LACP_RATE).and_then(|it| of_number::<LacpRate>(it, |it| it as u32));
    if let Some(rate) = rate.filter(|it| mode == Mode::Lacp && *it != LacpRate::Slow) {
        table.text("lacp-transmit-rate", rate.word());
    }
    let hashes = matches!(mode, Mode::BalanceXor | Mode::Lacp | Mode::BalanceTlb);
    match link.number(TRANSMIT_HASH_POLICY).map(|it| (it, of_number::<HashPolicy>(it, |it| it as u32))) {
        Some((_, Some(policy))) if hashes && policy != HashPolicy::Layer34 => {
            table.text("transmit-hash-policy", policy.word());
        }
        Some((number, None)) if hashes => table.unsaid(&format!("its hash policy number {number}")),
        _ => {}
    }
    if let Some(links) = link.number(MIN_LINKS).filter(|it| *it != 0) {
        table.toml("min-links", links);
    }
    monitoring(link, table);
    for (attribute, option, default) in WITHOUT_KEY {
        if let Some(value) = link.number(*attribute).filter(|it| it != default) {
            table.unsaid(&format!("its {option} {value}"));
        }
    }
    Some(())
}

fn of_number<W: Word>(number: u32, of: fn(W) -> u32) -> Option<W> {
    W::VALUES.iter().copied().find(|it| of(*it) == number)
}

fn monitoring(link: &ObservedLink, table: &mut TableText) {
    let targets = link.data.get(&ARP_IP_TARGET).map(Bytes::nest).unwrap_or_default();
    let address = |bytes: &[u8]| <[u8; 4]>::try_from(bytes).ok().map(Ipv4Addr::from);
    let targets: Vec<_> = targets.iter().filter_map(|(_, it)| address(&it.0)).collect();
    let times: &[(&str, u16, u32)] = if targets.is_empty() {
        &[
            ("mii-monitor-sec", MII_MONITOR, 100),
            ("up-delay-sec", UP_DELAY, 0),
            ("down-delay-sec", DOWN_DELAY, 0),
        ]
    } else {
        &[("arp-interval-sec", ARP_INTERVAL, 1000)]
    };
    for (key, attribute, default) in times {
        if let Some(milliseconds) = link.number(*attribute).filter(|it| it != default) {
            table.text(key, format!("{milliseconds}ms"));
        }
    }
    table.list("arp-ip-targets", targets);
}
