//! What the kind refuses, and what it renders.

use super::super::testing::{check, file};

#[test]
fn rejects() {
    check("[macvtap.a]\nparent = \"eno1\"\nmode = \"brigde\"\n", &["unknown-value @ \"brigde\""]);
    check("[macvtap.macvtap0]\nparent = \"eno1\"\n", &["invalid-name @ macvtap0"]);
    check("[macvtap.a]\nparent = \"eno1\"\nmac = \"52:54:00\"\n", &["invalid-value @ \"52:54:00\""]);
}

#[test]
fn its_mac_address_is_derived_and_stays() {
    let spec = "[macvtap.a]\nparent = \"eno1\"\n";
    let device = file(spec, "10-hostwright-a.netdev");
    assert!(device.contains("MACAddress=") && device.ends_with("[MACVTAP]\nMode=bridge\n"), "{device}");
    assert_eq!(device, file(spec, "10-hostwright-a.netdev"));
    assert_ne!(
        device,
        file("[macvtap.a]\nparent = \"eno1\"\nmac = \"02:00:00:00:00:01\"\n", "10-hostwright-a.netdev")
    );
}
