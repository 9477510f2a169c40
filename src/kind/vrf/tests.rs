//! What the kind refuses, and what it renders.

use super::super::testing::{check, file};

#[test]
fn rejects() {
    check("[vrf.a]\ntable = 254\n", &["invalid-value @ 254"]);
    check("[vrf.a]\ntable = 100\nports = [\"eno9\"]\n", &["unknown-reference @ \"eno9\""]);
    check(
        "[vrf.a]\ntable = 100\nports = [\"eno1\"]\n[vrf.b]\ntable = 101\nports = [\"eno1\"]\n",
        &["two-masters @ \"eno1\""],
    );
    check("[vrf.a]\ntable = 100\n[vrf.b]\ntable = 100\n", &["duplicate-value @ 100"]);
}

#[test]
fn routes_of_its_ports_go_to_its_table() {
    let spec = "[vrf.blue]\ntable = 100\nports = [\"v7\"]\n[vlan.v7]\nid = 7\nparent = \"eno1\"\n\
                addresses = [\"10.7.0.2/24\"]\nroutes = [{ to = \"default\", via = \"10.7.0.1\" }]\n";
    let text = file(spec, "10-hostwright-v7.network");
    assert!(text.contains("Gateway=10.7.0.1\nTable=100\n"), "{text}");
    let drop_in = file(spec, "10-hostwright-v7.network.d/blue.conf");
    assert!(drop_in.ends_with("[Network]\nKeepMaster=no\nVRF=blue\n"), "{drop_in}");
}
