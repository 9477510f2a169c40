//! What the kind refuses, and what it renders.

use super::super::testing::{check, domain_xml, file, xml};

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
fn the_processor_is_one_that_can_migrate_unless_it_is_written() {
    let cpu = |lines: &str| {
        let text = xml(&format!("{GUEST}{lines}"));
        text.lines().find(|it| it.contains("<cpu ")).map(|it| it.trim().to_owned()).expect("a processor")
    };
    assert_eq!(cpu(""), "<cpu mode=\"host-model\" check=\"partial\"/>");
    assert_eq!(cpu("accelerator = \"tcg\"\n"), "<cpu mode=\"maximum\"/>");
    assert_eq!(cpu("cpu.mode = \"maximum\"\n"), "<cpu mode=\"maximum\"/>");
    assert_eq!(cpu("cpu.mode = \"host-passthrough\"\n"), "<cpu mode=\"host-passthrough\"/>");
    let own = "cpu = { mode = \"host-passthrough\", migratable = true }\n";
    assert_eq!(cpu(own), "<cpu mode=\"host-passthrough\" migratable=\"on\"/>");
    check(
        &format!("{GUEST}accelerator = \"tcg\"\ncpu.mode = \"host-passthrough\"\n"),
        &["conflict @ \"host-passthrough\""],
    );
    check(&format!("{GUEST}cpu = {{ mode = \"maximum\", migratable = true }}\n"), &["conflict @ true"]);
}

#[test]
fn a_cd_is_read_and_nothing_waits_for_it() {
    let seed = "disk.seed = { device = \"cdrom\", source.file = \"/srv/seeds/a.iso\" }\n";
    let text = xml(&format!("{GUEST}{seed}"));
    let cd = "<source file=\"/srv/seeds/a.iso\" startupPolicy=\"optional\"/>\n      <target bus=\"sata\"/>\n      <readonly/>";
    assert!(text.contains("device=\"cdrom\"") && text.contains(cd), "{text}");
    assert!(!file(&format!("{GUEST}{seed}"), "hostwright-domain-a.service").contains("/srv/seeds"));
    let other = seed.replace("disk.seed", "disk.same");
    check(&format!("{GUEST}{seed}{other}"), &[]);
    for (lines, expected) in [
        (seed.replace(" }", ", slot = \"vda\" }"), "conflict @ \"vda\""),
        (seed.replace(" }", ", format = \"qcow2\" }"), "conflict @ \"qcow2\""),
        (seed.replace(" }", ", cache = \"writeback\" }"), "conflict @ \"writeback\""),
        (seed.replace("file = \"/srv/seeds/a.iso\"", "volume = \"vg/a\""), "conflict @ source"),
    ] {
        check(&format!("{GUEST}{lines}"), &[expected]);
    }
}

const NETWORKS: &str =
    "[nic.eno2]\n[network.fast]\nsr-iov.pf = \"eno2\"\n[network.lan]\nmacvtap.parent = \"eno1\"\n";

#[test]
fn a_virtual_function_and_what_stands_in_for_it_are_one_for_the_guest() {
    let guest = |lines: &str| format!("{NETWORKS}{GUEST}{lines}");
    let good =
        "interface.a = { network = \"fast\", teaming.persistent = \"b\" }\ninterface.b.network = \"lan\"\n";
    let domain = domain_xml(&guest(good));
    let macs: Vec<_> = domain.lines().filter(|it| it.contains("<mac ")).collect();
    assert!(macs.len() == 2 && macs[0] == macs[1], "{domain}");
    assert!(domain.contains("<teaming type=\"transient\" persistent=\"ua-interface-b\"/>"), "{domain}");
    assert_eq!(domain.matches("<teaming type=\"persistent\"/>").count(), 1, "{domain}");
    for (lines, expected) in [
        ("interface.a = { network = \"fast\", teaming.persistent = \"c\" }\n", "unknown-reference @ \"c\""),
        ("interface.a = { network = \"fast\", teaming.persistent = \"a\" }\n", "conflict @ \"fast\""),
        (&good.replace("\"fast\"", "\"lan\""), "conflict @ \"lan\""),
        (&good.replace("\"lan\"", "\"fast\""), "conflict @ \"fast\""),
        (
            &good.replace("\"b\" }", "\"b\" }, mac = \"52:54:00:00:00:01\" }").replace("}, mac", ", mac"),
            "conflict @ \"52:54:00:00:00:01\"",
        ),
        (
            &format!("{good}interface.c = {{ network = \"fast\", teaming.persistent = \"b\" }}\n"),
            "duplicate-value @ \"b\"",
        ),
    ] {
        check(&guest(lines), &[expected]);
    }
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
