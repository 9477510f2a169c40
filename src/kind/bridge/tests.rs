//! What the kind refuses, and what it renders.

use super::super::testing::{check, file};

#[test]
fn rejects() {
    check("[bridge.b]\nstp = true\nforward-delay-sec = \"31s\"\n", &["invalid-value @ \"31s\""]);
    check("[bridge.a]\nports = [\"eno9\"]\n", &["unknown-reference @ \"eno9\""]);
    check("[bridge.a]\nport.eno1.pvid = 7\n", &["conflict @ eno1"]);
    check("[dummy.d]\n[bridge.a]\nports = [\"d\"]\nport.d.pvid = 7\n", &["conflict @ d"]);
    check(
        "[dummy.d]\n[bridge.a]\nports = [\"d\"]\nvlan-filtering = true\nport.d = { pvid = 7, vlans = [\"5-9\"] }\n",
        &["conflict @ \"5-9\""],
    );
    check("[bridge.a]\npriority = 65536\nageing-time-sec = \"5\"\n", &["invalid-value @ \"5\""]);
    check("[bridge.a]\npriority = 65536\n", &["invalid-value @ 65536"]);
    check("[bridge.a]\nports = [\"a\"]\n", &["parent-cycle @ \"a\""]);
}

const FILTERING: &str = "[dummy.d]\n[bridge.br0]\nports = [\"d\"]\nvlan-filtering = true\n\
                         port.d = { pvid = 7, vlans = [\"20-22\", 30] }\n[vlan.v20]\nid = 20\nparent = \"br0\"\n";

#[test]
fn a_port_passes_what_it_is_given() {
    let drop_in = file(FILTERING, "10-hostwright-d.network.d/br0.conf");
    let lines =
        "[BridgeVLAN]\nPVID=7\nEgressUntagged=7\n\n[BridgeVLAN]\nVLAN=20-22\n\n[BridgeVLAN]\nVLAN=30\n";
    assert!(drop_in.ends_with(lines), "{drop_in}");
}

#[test]
fn a_card_that_is_a_port_has_no_link_local_address() {
    let text = file("[nic.eno5]\n[bridge.br0]\nports = [\"eno5\"]\n", "10-hostwright-eno5.network");
    assert!(text.contains("LinkLocalAddressing=no\n"), "{text}");
}

#[test]
fn the_host_takes_part_in_the_vlans_it_has_devices_for() {
    let text = file(FILTERING, "10-hostwright-br0.network");
    assert!(text.ends_with("[BridgeVLAN]\nVLAN=20\n"), "{text}");
    let device = file(FILTERING, "10-hostwright-br0.netdev");
    assert!(device.contains("VLANFiltering=yes\nDefaultPVID=none\n"), "{device}");
    assert!(device.contains("AgeingTimeSec=300000ms\n"), "{device}");
}

#[test]
fn a_bridge_without_ports_keeps_its_addresses_while_nobody_is_on_it() {
    let alone = file("[bridge.br0]\naddresses = [\"10.9.0.1/24\"]\n", "10-hostwright-br0.network");
    assert!(
        alone.contains("ConfigureWithoutCarrier=yes\n") && alone.contains("RequiredForOnline=no\n"),
        "{alone}"
    );
    let wired = file(
        "[nic.eno2]\n[bridge.br0]\nports = [\"eno2\"]\naddresses = [\"10.9.0.1/24\"]\n",
        "10-hostwright-br0.network",
    );
    assert!(!wired.contains("ConfigureWithoutCarrier") && !wired.contains("RequiredForOnline"), "{wired}");
}
