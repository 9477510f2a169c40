//! What the kind refuses, and what it renders.

use super::super::testing::{check, file};

#[test]
fn rejects() {
    check("[nic.eno2]\nmtu = 67\n", &["invalid-value @ 67"]);
    check(
        "[nic.eno2]\nmatch = { mac = \"01:00:5e:00:00:01\" }\n",
        &["invalid-value @ \"01:00:5e:00:00:01\""],
    );
    check("[nic.eno2]\nmatch = { mak = \"02:00:00:00:00:01\" }\n", &["unknown-key @ mak"]);
    check(
        "[nic.eno2]\naddresses = [\"192.0.2.2\", \"192.0.2.0/24\"]\n",
        &["invalid-value @ \"192.0.2.2\"", "invalid-value @ \"192.0.2.0/24\""],
    );
    check("[nic.eno2]\naddresses = \"192.0.2.2/24\"\n", &["invalid-value @ addresses"]);
    check("[nic.lo]\n", &["invalid-name @ lo"]);
    check("[nic.eno2]\nraw.network.Match.Name = \"*\"\n", &["invalid-value @ Match"]);
    check("[nic.eno2]\nraw.network.Network.DNS = 'a\\'\n", &["invalid-value @ 'a\\'"]);
}

#[test]
fn rejects_of_what_udev_sets() {
    check("[nic.eno2]\nvfs = 4\n", &["missing-key @ 4"]);
    check("[nic.eno2]\nrename = true\n", &["missing-key @ true"]);
    check("[nic.eno2]\nwake-on-lan = [\"magick\"]\n", &["unknown-value @ \"magick\""]);
    let known = "[nic.eno2]\nmatch = { path = \"pci-0000:3b:00.0\" }\nvfs = 4\n";
    check(&format!("{known}vf.4.vlan = 7\n"), &["invalid-name @ 4"]);
    check(&format!("{known}vf.01.vlan = 7\n"), &["invalid-name @ 01"]);
    check(&format!("{known}vf.3.vlan = 4095\n"), &["invalid-value @ 4095"]);
}

#[test]
fn udev_knows_the_card_by_what_it_is() {
    let text = file(
        "[nic.eno2]\nmatch = { mac = \"3c:ec:ef:00:00:02\" }\nvfs = 4\nlarge-receive-offload = false\n\
         wake-on-lan = [\"magic\", \"phy\"]\nvf.3 = { vlan = 30, trust = true, spoof-check = false, link-state = \"auto\" }\n",
        "10-hostwright-eno2.link",
    );
    assert!(text.contains("[Match]\nPermanentMACAddress=3c:ec:ef:00:00:02\n\n"), "{text}");
    let lines = "NamePolicy=keep kernel database onboard slot path\nAlternativeNamesPolicy=database onboard slot path\n\
                 MACAddressPolicy=persistent\nWakeOnLan=magic phy\nLargeReceiveOffload=no\nSR-IOVVirtualFunctions=4\n\n\
                 [SR-IOV]\nVirtualFunction=3\nVLANId=30\nTrust=yes\nMACSpoofCheck=no\nLinkState=auto\n";
    assert!(text.ends_with(lines), "{text}");
}

#[test]
fn an_address_is_written_with_its_broadcast() {
    let text = file("[nic.eno2]\naddresses = [\"192.0.2.2/24\"]\n", "10-hostwright-eno2.network");
    assert!(text.contains("[Match]\nName=eno2\n") && text.contains("MTUBytes=1500\n"), "{text}");
    assert!(text.contains("[Address]\nAddress=192.0.2.2/24\nBroadcast=192.0.2.255\n"), "{text}");
}
