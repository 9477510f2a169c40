//! What the kind refuses, and what it renders.

use super::super::testing::{check, file};

#[test]
fn rejects() {
    check("[macvlan.a]\nparent = \"eno1\"\nmode = \"source\"\n", &["unknown-value @ \"source\""]);
    check("[macvlan.a]\n", &["missing-key @ a"]);
}

#[test]
fn it_attaches_itself_to_its_parent() {
    let spec = "[macvlan.host20]\nparent = \"eno1\"\n";
    let drop_in = file(spec, "10-hostwright-eno1.network.d/host20.conf");
    assert!(drop_in.ends_with("[Network]\nMACVLAN=host20\n"), "{drop_in}");
    let device = file(spec, "10-hostwright-host20.netdev");
    assert!(device.contains("MACAddress=") && device.ends_with("[MACVLAN]\nMode=bridge\n"), "{device}");
}
