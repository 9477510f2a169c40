//! A bond's files and kernel state.

use super::Bond;
use super::lower::Monitoring;
use super::spec::Mode;
use crate::artifact::{Bytes, Device, Port, Setting};
use crate::render::{LinkShape, Output, PortLines};
use crate::spec::Word;
use crate::value::InterfaceName;

/// `IFLA_BOND_MODE` and what follows it.
pub(super) const MODE: u16 = 1;
pub(super) const MII_MONITOR: u16 = 3;
pub(super) const UP_DELAY: u16 = 4;
pub(super) const DOWN_DELAY: u16 = 5;
pub(super) const ARP_INTERVAL: u16 = 7;
pub(super) const ARP_IP_TARGET: u16 = 8;
pub(super) const PRIMARY: u16 = 11;
pub(super) const TRANSMIT_HASH_POLICY: u16 = 14;
pub(super) const MIN_LINKS: u16 = 18;
pub(super) const LACP_RATE: u16 = 21;

pub(super) fn render(bond: &Bond, out: &mut Output<'_>) {
    let device = Device {
        kind: "bond".to_owned(),
        parent: None,
        parent_key: String::new(),
        section: "Bond".to_owned(),
        settings: settings(bond),
        summary: format!("{} over {}", bond.mode.word(), names(&bond.ports)),
    };
    let ports = bond.ports.iter().map(|it| port(bond, it)).collect();
    let shape = LinkShape { device: Some(device), mac: Some(bond.mac), ports, ..LinkShape::default() };
    out.link(&bond.name, shape, &bond.settings);
}

fn names(ports: &[InterfaceName]) -> String {
    if ports.is_empty() {
        return "no ports".to_owned();
    }
    ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn port(bond: &Bond, link: &InterfaceName) -> (Port, PortLines) {
    let primary = bond.primary.as_ref() == Some(link);
    let mut network = vec![("Bond", bond.name.to_string())];
    network.extend(primary.then(|| ("PrimarySlave", "yes".to_owned())));
    let elected = primary.then_some(PRIMARY);
    (Port { link: link.clone(), vlans: None, elected }, PortLines { network })
}

fn settings(bond: &Bond) -> Vec<Setting> {
    let mut settings = vec![Setting::fixed("Mode", bond.mode.word(), MODE, bond.mode as u8)];
    if bond.mode == Mode::Lacp {
        let rate = bond.lacp_rate;
        settings.push(Setting::fixed("LACPTransmitRate", rate.word(), LACP_RATE, rate as u8));
    }
    if matches!(bond.mode, Mode::BalanceXor | Mode::Lacp | Mode::BalanceTlb) {
        let policy = bond.hash_policy;
        let setting =
            Setting::alterable("TransmitHashPolicy", policy.word(), TRANSMIT_HASH_POLICY, policy as u8);
        settings.push(setting);
    }
    settings.push(Setting::alterable("MinLinks", bond.min_links, MIN_LINKS, bond.min_links));
    match &bond.monitoring {
        Monitoring::Mii { interval, up_delay, down_delay } => {
            settings.push(milliseconds("MIIMonitorSec", MII_MONITOR, *interval));
            settings.push(milliseconds("UpDelaySec", UP_DELAY, *up_delay).behind(MII_MONITOR));
            settings.push(milliseconds("DownDelaySec", DOWN_DELAY, *down_delay).behind(MII_MONITOR));
        }
        Monitoring::Arp { interval, targets } => {
            settings.push(milliseconds("ARPIntervalSec", ARP_INTERVAL, *interval));
            let text: Vec<_> = targets.iter().map(ToString::to_string).collect();
            let nest: Vec<_> = (0..).zip(targets).map(|(at, it)| (at, Bytes(it.octets().to_vec()))).collect();
            settings.push(Setting::fixed("ARPIPTargets", text.join(" "), ARP_IP_TARGET, Bytes::from(nest)));
        }
    }
    settings
}

fn milliseconds(key: &str, attribute: u16, value: u32) -> Setting {
    Setting::alterable(key, format!("{value}ms"), attribute, value)
}
