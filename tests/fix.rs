//! What `check --fix` writes: what is certain, nothing else, and every other byte stays.
#![allow(clippy::disallowed_methods, reason = "this test runs programs")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::target;
use hostwright::fix::mend;
use hostwright::spec::Sources;
use tempfile::TempDir;

const HOST: &str = "[host]\nname = \"hv1\" # ours\n[nic.eno1]\n";

/// Mends a text; returns it and the codes of what is left.
fn mended(text: &str) -> (String, Vec<String>) {
    let check = |sources: &Sources| hostwright::compile(sources, &target(252)).1;
    let sources = Sources::single("host.toml", text);
    let mended = mend(sources, &BTreeSet::new(), check, Clone::clone);
    let left = check(&mended.sources).iter().map(|it| it.code.to_string()).collect();
    (mended.sources.files[0].text.to_string(), left)
}

#[track_caller]
fn check(before: &str, after: &str, left: &[&str]) {
    let (text, found) = mended(&format!("{HOST}{before}"));
    assert_eq!(text.strip_prefix(HOST), Some(after));
    assert_eq!(found, left);
    assert_eq!(mended(&text).0, text, "mended twice");
}

#[test]
fn words_that_can_only_be_meant_are_written() {
    check("mtuu = 9000 # jumbo\n", "mtu = 9000 # jumbo\n", &[]);
    check("\"Mtu\"   =  9000\n", "mtu   =  9000\n", &[]);
    check(
        "tcp_segmentation_offload = true\nmatch = {mac=\"3c:ec:ef:00:00:01\"}\n",
        "tcp-segmentation-offload = true\nmatch = {mac=\"3c:ec:ef:00:00:01\"}\n",
        &[],
    );
    check("[vlans.a]\nid=1\nparent=\"eno1\"\n", "[vlan.a]\nid=1\nparent=\"eno1\"\n", &[]);
    check(
        "[macvtap.t]\nparent = 'eno1'\nmode = 'Bridge'\n",
        "[macvtap.t]\nparent = 'eno1'\nmode = \"bridge\"\n",
        &[],
    );
    check(
        "[vlan.storage]\nid = 1\nparent = \"eno1\"\n[macvtap.t]\nparent = \"storge\"\n",
        "[vlan.storage]\nid = 1\nparent = \"eno1\"\n[macvtap.t]\nparent = \"storage\"\n",
        &[],
    );
}

#[test]
fn values_that_mean_the_same_to_everybody_are_written() {
    check("mtu = \"9000\"\n", "mtu = 9000\n", &[]);
    check("dhcp = true\n", "dhcp = \"yes\"\n", &[]);
    check("ipv6-accept-ra = \"no\"\n", "ipv6-accept-ra = false\n", &[]);
    check("addresses = \"192.0.2.2/24\" # one\n", "addresses = [\"192.0.2.2/24\"] # one\n", &[]);
    check("[safety]\nconfirm = \"5 minutes\"\n", "[safety]\nconfirm = \"5min\"\n", &[]);
    check("[safety]\nconfirm = 5min # enough\n", "[safety]\nconfirm = \"5min\" # enough\n", &[]);
    check(
        "[mount.a]\nwhere = \"/srv//a/\"\nsource.volume = \"vg/a\"\ntype = \"ext4\"\n",
        "[mount.a]\nwhere = \"/srv/a\"\nsource.volume = \"vg/a\"\ntype = \"ext4\"\n",
        &[],
    );
}

/// One change shows the next mistake; all of them are mended.
#[test]
fn it_goes_on_until_nothing_is_certain() {
    check("Mtu = “9000”,\n", "mtu = 9000\n", &[]);
    check("adresses = 192.0.2.2/24\n", "addresses = [\"192.0.2.2/24\"]\n", &[]);
}

#[test]
fn what_only_the_author_can_know_stays() {
    check(
        "[vlan.a]\nid = 1\nparent = \"eno2\"\n",
        "[vlan.a]\nid = 1\nparent = \"eno2\"\n",
        &["unknown-reference"],
    );
    check("[safety]\nconfirm = \"5\"\n", "[safety]\nconfirm = \"5\"\n", &["invalid-value"]);
    check("mtuu = 1\nmtuuu = 2\n", "mtu = 1\nmtuuu = 2\n", &["invalid-value", "unknown-key"]);
    check("addresses = [\"a\", \"b]\n", "addresses = [\"a\", \"b]\n", &["toml-syntax"]);
    check("colour = 1\n", "colour = 1\n", &["unknown-key"]);
    let command = "[safety.probe.time]\ncommand = \"/usr/bin/chronyc waitsync 1\"\n";
    check(command, command, &["invalid-value"]);
}

#[test]
fn a_key_that_is_there_already_is_not_meant() {
    check(
        "match.mac = \"3c:ec:ef:00:00:01\"\n[nic.eno1.macth]\n",
        "match.mac = \"3c:ec:ef:00:00:01\"\n[nic.eno1.macth]\n",
        &["unknown-key"],
    );
}

/// Only the table that would stand twice is left; the rest of the file is mended.
#[test]
fn a_table_that_is_there_already_is_not_meant() {
    check("mtuu = 9000\n[hosts]\n", "mtu = 9000\n[hosts]\n", &["unknown-kind"]);
    check(
        "mtuu = 9000\n[vlan.a]\nid = 1\nparent = \"eno1\"\n[vlans.a]\n[vlans.b]\n",
        "mtu = 9000\n[vlan.a]\nid = 1\nparent = \"eno1\"\n[vlans.a]\n[vlans.b]\n",
        &["unknown-kind"],
    );
}

fn hostwright(directory: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hostwright"));
    command.args(arguments).current_dir(directory).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("an input").write_all(input.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

fn said(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

#[test]
fn files_keep_owner_mode_and_link_and_are_written_only_when_mended() {
    let root = TempDir::new().expect("a directory");
    let file = |name: &str| root.path().join(name);
    fs::write(file("real.toml"), format!("include = [\"more.toml\"]\n{HOST}mtuu = 9000\nvlan = 3\n"))
        .expect("a file");
    fs::write(file("more.toml"), "# VLANs\n[vlan.a]\nidd = 1\nID = 7\nparent = \"eno1\"\n").expect("a file");
    fs::set_permissions(file("real.toml"), fs::Permissions::from_mode(0o640)).expect("a mode");
    symlink("real.toml", file("host.toml")).expect("a link");
    let output = hostwright(root.path(), &["check", "--fix", "host.toml", "--format", "short"], "");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said_out = said(&output.stdout);
    assert!(said_out.contains("host.toml:5:1: fixed[unknown-key]: `mtuu` is `mtu` now"), "{said_out}");
    assert!(said_out.contains("more.toml:4:1: fixed[unknown-key]: `ID` is `id` now"), "{said_out}");
    let left = said(&output.stderr);
    assert!(left.contains("host.toml:6:1: error[unknown-key]") && left.contains("more.toml:3:1"), "{left}");
    assert!(fs::symlink_metadata(file("host.toml")).expect("it is there").is_symlink());
    assert_eq!(fs::metadata(file("real.toml")).expect("it is there").mode() & 0o777, 0o640);
    let text = fs::read_to_string(file("more.toml")).expect("a text");
    assert_eq!(text, "# VLANs\n[vlan.a]\nidd = 1\nid = 7\nparent = \"eno1\"\n");
    let before = fs::metadata(file("real.toml")).expect("it is there").ino();
    let again = hostwright(root.path(), &["check", "--fix", "host.toml"], "");
    assert!(again.stdout.is_empty(), "{again:?}");
    assert_eq!(
        fs::metadata(file("real.toml")).expect("it is there").ino(),
        before,
        "written without a change"
    );
    assert_eq!(fs::read_dir(root.path()).expect("a directory").count(), 3, "something was left");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let root = TempDir::new().expect("a directory");
    let output = hostwright(root.path(), &["check", "--fix", "-"], &format!("{HOST}mtuu = 9000\n"));
    assert_eq!(said(&output.stdout), format!("{HOST}mtu = 9000\n"));
    assert_eq!((output.status.code(), said(&output.stderr).contains("`mtuu` is `mtu` now")), (Some(0), true));
}

#[test]
fn json_says_what_was_changed() {
    let root = TempDir::new().expect("a directory");
    fs::write(root.path().join("host.toml"), format!("{HOST}mtuu = 9000\n")).expect("a file");
    let output = hostwright(root.path(), &["check", "--fix", "host.toml", "--format", "json"], "");
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(value["fixed"][0]["suggestions"][0]["replacement"], "mtu");
    assert_eq!(value["diagnostics"], serde_json::json!([]));
}
