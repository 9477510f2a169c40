//! What the kind refuses, and what it renders.

use super::super::testing::{check, file};

const ROOTFS: &str = "rootfs = { source = { volume = \"vg_san/ct_ci1\" }, type = \"ext4\" }\n";
const GUESTS: &str = "[network.guests]\nmacvtap = { parent = \"eno1\" }\n";

fn container(rest: &str) -> String {
    format!("[container.ci1]\n{ROOTFS}{rest}")
}

#[test]
fn rejects() {
    check("[container.ci1]\n", &["missing-key @ ci1"]);
    check(&format!("[container.ci_1]\n{ROOTFS}"), &["invalid-name @ ci_1"]);
    check(&container("backend = \"incus\"\n"), &["unknown-value @ \"incus\""]);
    check(&container("needs = [\"iscsi.san1\"]\n"), &["unknown-reference @ \"iscsi.san1\""]);
    check(&container("capabilities = [\"NET_ADMIN\"]\n"), &["invalid-value @ \"NET_ADMIN\""]);
    check(&container("cpus = 0\nmemory = \"1G\"\n"), &["invalid-value @ 0", "invalid-value @ \"1G\""]);
    check(&container("interface.host0 = {}\n"), &["exactly-one-key @ host0"]);
    check(&container("interface.host0.bridge = \"eno1\"\n"), &["wrong-link @ \"eno1\""]);
    check(&format!("{}[bridge.br0]\n", container("interface.lan.bridge = \"br0\"\n")), &["conflict @ lan"]);
    check(
        &format!("{}{GUESTS}", container("interface.host0.network = \"guests\"\n")),
        &["systemd-too-old @ host0"],
    );
    check(
        &format!(
            "{}[mount.a]\nwhere = \"/srv/ct/ci1\"\nsource = {{ volume = \"a/b\" }}\ntype = \"xfs\"\n",
            container("")
        ),
        &["duplicate-mount-point @ \"/srv/ct/ci1\""],
    );
}

#[test]
fn its_root_is_mounted_with_all_dependencies_on_the_mount() {
    let scratch = "[mount.a]\nwhere = \"/srv/a\"\nsource = { volume = \"a/b\" }\ntype = \"xfs\"\n";
    let spec = format!("{}{scratch}", container("needs = [\"mount.a\"]\n"));
    let mount = file(&spec, "srv-ct-ci1.mount");
    for part in [
        "What=/dev/vg_san/ct_ci1\n",
        "Options=nofail\n",
        "DirectoryMode=0700\n",
        "Wants=srv-a.mount\nAfter=srv-a.mount\n",
        "Requires=systemd-fsck@dev-vg_san-ct_ci1.service\n",
    ] {
        assert!(mount.contains(part), "{part} is not in {mount}");
    }
    let automount = file(&spec, "srv-ct-ci1.automount");
    let quiet = ["After=", "Wants=", "Requires=", "TimeoutIdleSec="].iter().all(|it| !automount.contains(it));
    assert!(quiet && automount.contains("DirectoryMode=0700\n"), "{automount}");
}

#[test]
fn what_is_mounted_below_it_waits_for_it_and_not_it_for_that() {
    let below = "[mount.a]\nwhere = \"/srv/ct/ci1/data\"\nsource = { volume = \"a/b\" }\ntype = \"xfs\"\n";
    let spec = format!("{}{below}", container("needs = [\"mount.a\"]\n"));
    assert!(!file(&spec, "srv-ct-ci1.mount").contains("srv-ct-ci1-data.mount"));
    assert!(file(&spec, DROP_IN).contains("After=srv-ct-ci1-data.mount\n"));
}

const DROP_IN: &str = "systemd-nspawn@ci1.service.d/50-hostwright.conf";

#[test]
fn the_unit_has_the_limits_and_the_settings_have_the_rest() {
    let rest = "memory = \"1GiB\"\ncpus = 2\ncapabilities = [\"CAP_SYS_TIME\", \"CAP_BPF\"]\ninterface.mv-eno1.network = \"guests\"\n";
    let spec = format!("{}{GUESTS}", container(rest));
    let drop_in = file(&spec, DROP_IN);
    for part in [
        "RequiresMountsFor=/srv/ct/ci1\nAfter=blk-availability.service\n",
        "After=sys-subsystem-net-devices-eno1.device\n",
        "ExecStart=\nExecStart=systemd-nspawn ",
        " --machine=ci1 --directory=/srv/ct/ci1\n",
        "MemoryMax=1073741824\nCPUQuota=200%\n",
    ] {
        assert!(drop_in.contains(part), "{part} is not in {drop_in}");
    }
    let settings = file(&spec, "ci1.nspawn");
    for part in [
        "Boot=yes\nPrivateUsers=pick\nCapability=CAP_SYS_TIME CAP_BPF\n",
        "PrivateUsersOwnership=map\n",
        "Private=yes\nVirtualEthernet=no\nMACVLAN=eno1\n",
    ] {
        assert!(settings.contains(part), "{part} is not in {settings}");
    }
}

#[test]
fn a_port_of_a_bridge_is_a_veth() {
    let spec = format!("{}[bridge.br0]\n", container("interface.host0.bridge = \"br0\"\n"));
    assert!(file(&spec, "ci1.nspawn").contains("Private=yes\nBridge=br0\n"));
    assert!(file(&spec, DROP_IN).contains("After=sys-subsystem-net-devices-br0.device\n"));
    let network = "[bridge.br0]\n[network.inner]\nbridge = { name = \"br0\" }\n";
    let spec = format!("{}{network}", container("interface.host0.network = \"inner\"\n"));
    assert!(file(&spec, "ci1.nspawn").contains("Private=yes\nBridge=br0\n"));
}
