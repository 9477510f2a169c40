//! What the kind refuses, and what it renders.

use super::super::testing::{check, file, xml};

const GUEST: &str = "[domain.a]\nmemory = \"1GiB\"\nvcpus = 2\n";

#[test]
fn rejects() {
    check("[domain.a]\nmemory = \"1GB\"\nvcpus = 0\n", &["invalid-value @ \"1GB\"", "invalid-value @ 0"]);
    check(&format!("{GUEST}disk.a.source = {{}}\n"), &["exactly-one-key @ source"]);
    check(&format!("{GUEST}interface.a.network = \"lan\"\n"), &["unknown-reference @ \"lan\""]);
    check(&format!("{GUEST}uuid = \"web\"\n"), &["invalid-value @ \"web\""]);
    check(&format!("{GUEST}start = \"always\"\n"), &["unknown-value @ \"always\""]);
    check(
        &format!("{GUEST}disk.a = {{ source = {{ device = \"/dev/a\" }}, slot = \"sda\" }}\n"),
        &["invalid-value @ \"sda\""],
    );
}

#[test]
fn defaults_are_those_of_production() {
    let text = xml(&format!("{GUEST}disk.root.source = {{ volume = \"vg/a\" }}\n"));
    for part in [
        "<domain type=\"kvm\">",
        "machine=\"pc-q35-7.2\"",
        "<os firmware=\"efi\">",
        "cache=\"none\" io=\"native\" discard=\"unmap\"",
        "<vcpu placement=\"static\">2</vcpu>",
        "org.qemu.guest_agent.0",
        "<log file=\"/var/log/libvirt/qemu/a-serial.log\" append=\"on\"/>",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("<loader") && !text.contains("<topology"));
}

#[test]
fn the_unit_waits_for_devices_and_file_systems() {
    let spec = format!(
        "{GUEST}disk.a.source = {{ device = \"/dev/x-y\" }}\ndisk.b.source = {{ file = \"/srv/b\" }}\n"
    );
    let text = file(&spec, "hostwright-domain-a.service");
    assert!(
        text.contains(r"Wants=dev-x\x2dy.device") && text.contains("RequiresMountsFor=\"/srv/b\""),
        "{text}"
    );
    assert!(text.contains("ExecStart=/usr/bin/hostwright unit start-domain a\n"), "{text}");
}

#[test]
fn volumes_are_deactivated_when_it_has_ended() {
    let scope = file(GUEST, "machine-.scope.d/50-hostwright.conf");
    assert!(scope.contains("[Unit]\nAfter=blk-availability.service\n"), "{scope}");
}
