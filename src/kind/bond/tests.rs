//! What the kind refuses, and what it renders.

use super::super::testing::{check, file};

#[test]
fn rejects() {
    check("[bond.a]\nmode = \"lacp\"\n", &["unknown-value @ \"lacp\""]);
    check("[bond.a]\nmode = \"802.3ad\"\nports = [\"eno1\"]\nprimary = \"eno1\"\n", &["conflict @ \"eno1\""]);
    check(
        "[bond.a]\nmode = \"active-backup\"\nlacp-transmit-rate = \"fast\"\ntransmit-hash-policy = \"layer2\"\n",
        &["conflict @ \"fast\"", "conflict @ \"layer2\""],
    );
    check(
        "[bond.a]\nmode = \"active-backup\"\nmii-monitor-sec = \"1s\"\narp-ip-targets = [\"192.0.2.1\"]\n",
        &["conflict @ \"1s\""],
    );
    check("[bond.a]\nmode = \"active-backup\"\narp-interval-sec = \"1s\"\n", &["conflict @ \"1s\""]);
    check(
        "[bond.a]\nmode = \"802.3ad\"\nports = [\"p\"]\n[dummy.p]\naddresses = [\"192.0.2.9/32\"]\n",
        &["address-on-port @ \"192.0.2.9/32\""],
    );
}

#[test]
fn its_ports_learn_of_it() {
    let spec = "[dummy.a]\n[dummy.b]\n[bond.bond0]\nmode = \"active-backup\"\nports = [\"a\", \"b\"]\nprimary = \"b\"\n";
    let drop_in = file(spec, "10-hostwright-b.network.d/bond0.conf");
    let lines = "[Network]\nKeepMaster=no\nBond=bond0\nPrimarySlave=yes\n";
    assert!(drop_in.ends_with(lines), "{drop_in}");
    let device = file(spec, "10-hostwright-bond0.netdev");
    let lines =
        "[Bond]\nMode=active-backup\nMinLinks=0\nMIIMonitorSec=100ms\nUpDelaySec=0ms\nDownDelaySec=0ms\n";
    assert!(device.contains("MACAddress=") && device.ends_with(lines), "{device}");
}
