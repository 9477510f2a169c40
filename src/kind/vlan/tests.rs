//! What the kind refuses, and what it renders.

use super::super::testing::{check, file};

#[test]
fn rejects() {
    check("[vlan.a]\nid = 0\nparent = \"eno1\"\n", &["invalid-value @ 0"]);
    check("[vlan.a]\nid = 4095\nparent = \"eno1\"\n", &["invalid-value @ 4095"]);
    check("[vlan.a]\nid = 0\nparent = \"eno2\"\n", &["invalid-value @ 0", "unknown-reference @ \"eno2\""]);
    check("[vlan.a]\nid = 1\nparnt = \"eno1\"\n", &["unknown-key @ parnt"]);
    check("[vlan.a]\nid = 1\nparent = \"a\"\n", &["parent-cycle @ \"a\""]);
    check("[vlan.a]\nid = 1\nparent = \"eno1\"\nmtu = 1501\n", &["mtu-above-parent @ 1501"]);
}

#[test]
fn it_attaches_itself_to_its_parent() {
    let spec = "[vlan.storage]\nid = 42\nparent = \"eno1\"\n";
    let drop_in = file(spec, "10-hostwright-eno1.network.d/storage.conf");
    assert_eq!(drop_in, "# hostwright [vlan.storage]; do not edit\n[Network]\nVLAN=storage\n");
    let device = file(spec, "10-hostwright-storage.netdev");
    assert!(device.contains("Kind=vlan\n") && device.ends_with("[VLAN]\nId=42\n"), "{device}");
}
