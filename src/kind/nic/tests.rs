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
}

#[test]
fn an_address_is_written_with_its_broadcast() {
    let text = file("[nic.eno2]\naddresses = [\"192.0.2.2/24\"]\n", "10-hostwright-eno2.network");
    assert!(text.contains("[Match]\nName=eno2\n") && text.contains("MTUBytes=1500\n"), "{text}");
    assert!(text.contains("[Address]\nAddress=192.0.2.2/24\nBroadcast=192.0.2.255\n"), "{text}");
}
