//! What the kind refuses, and what it renders.

use super::super::testing::{check, file};

#[test]
fn rejects() {
    check("[dummy.vnet0]\n", &["invalid-name @ vnet0"]);
    check("[dummy.a]\nparent = \"eno1\"\n", &["unknown-key @ parent"]);
}

#[test]
fn it_has_a_mac_address_and_nothing_below() {
    let device = file("[dummy.anycast]\naddresses = [\"192.0.2.53/32\"]\n", "10-hostwright-anycast.netdev");
    assert!(device.contains("Kind=dummy\n") && device.contains("MACAddress="), "{device}");
    assert!(!device.ends_with("[]\n"), "{device}");
}
