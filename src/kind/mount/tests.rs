//! What the kind refuses, and what it renders.

use super::super::testing::{check, file};

const SOURCE: &str = "source = { volume = \"vg/a-b\" }\ntype = \"ext4\"\n";

#[test]
fn rejects() {
    check(&format!("[mount.a]\nwhere = \"srv\"\n{SOURCE}"), &["invalid-value @ \"srv\""]);
    check("[mount.a]\nwhere = \"/srv\"\nsource = {}\ntype = \"ext4\"\n", &["exactly-one-key @ source"]);
    check(
        "[mount.a]\nwhere = \"/srv\"\nsource = { volume = \"a\" }\n",
        &["missing-key @ a", "invalid-value @ \"a\""],
    );
    check(
        &format!("[mount.a]\nwhere = \"/srv\"\n{SOURCE}options = [\"ro,exec\"]\n"),
        &["invalid-value @ \"ro,exec\""],
    );
    check(&format!("[mount.a]\nwhere = \"/etc\"\n{SOURCE}"), &["invalid-value @ \"/etc\""]);
    check(&format!("[mount.a]\nwhere = \"/sys/a\"\n{SOURCE}"), &["invalid-value @ \"/sys/a\""]);
}

#[test]
fn a_mount_checks_its_file_system_and_doubles_percent_signs() {
    let text = file(&format!("[mount.a]\nwhere = \"/srv/100%\"\n{SOURCE}"), r"srv-100\x25.mount");
    assert!(text.contains("Where=/srv/100%%\n") && text.contains("What=/dev/vg/a-b\n"), "{text}");
    assert!(text.contains(r"Requires=systemd-fsck@dev-vg-a\x2db.service"), "{text}");
}

#[test]
fn an_automount_depends_on_nothing() {
    let spec = format!("[mount.a]\nwhere = \"/srv/a\"\n{SOURCE}on-demand = true\n");
    let text = file(&spec, "srv-a.automount");
    assert!(!text.contains("After=") && !text.contains("Requires="), "{text}");
}
