# A container on LVM on a disk of an iSCSI target behind a VLAN: up after each boot, late when the target is late
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=3600
TARGET=iqn.2026-01.lab:hv1
DISK=/dev/disk/by-path/ip-10.0.42.1:3260-iscsi-$TARGET-lun-1
IMAGE=/var/lib/lab/lun.img
# While it is there the target does not start with the peer.
DEAD=/var/lib/lab/dead
PARTS=(base storage target bridge network)

set_up_peer() {
    [[ -e $DEAD ]] || start_target
}

start_target() {
    mkdir -p /var/lib/lab
    [[ -e $IMAGE ]] || truncate --size=256M "$IMAGE"
    ip netns exec peer tgtd
    until tgtadm --lld iscsi --op show --mode target > /dev/null 2>&1; do sleep 0.2; done
    tgtadm --lld iscsi --op new --mode target --tid 1 --targetname "$TARGET"
    tgtadm --lld iscsi --op new --mode logicalunit --tid 1 --lun 1 --backing-store "$IMAGE"
    tgtadm --lld iscsi --op bind --mode target --tid 1 --initiator-address ALL
}

spec_target() {
    printf '%s\n' '[iscsi.san1]' "target = \"$TARGET\"" 'portals = ["10.0.42.1:3260"]' ''
}

spec_container() {
    cat << 'END'
[container.ci1]
rootfs = { source = { volume = "vg_san/ct_ci1" }, type = "ext4" }
needs = ["iscsi.san1"]
memory = "256MiB"
cpus = 1

[container.ci1.interface.mv-storage]
network = "guests"

[container.ci1.interface.host0]
bridge = "br9"

END
}

# tgtd ignores SIGTERM while it has sessions: the peer must not hold up the host's own shutdown.
peer_stops_at_once() {
    mkdir -p /etc/systemd/system/lab-peer.service.d
    printf '[Service]\nTimeoutStopSec=3\n' > /etc/systemd/system/lab-peer.service.d/target.conf
}

boot_1() {
    peer_stops_at_once
    first_apply
    machine_reboot
}

boot_2() {
    wait_until 60 has_address eth0 192.0.2.2/24
    claim 'the BGP session is established' wait_for_bgp
    write_spec "${PARTS[@]}"
    claim 'an apply logs in' apply
    claim 'the disk is there' wait_until 30 test -e "$DISK"
    vgcreate --quiet --yes vg_san "$DISK"
    make_root_file_system vg_san
    write_spec "${PARTS[@]}" container
    claim 'an apply starts the container' apply
    container_works
    machine_shuts_down
}

logged_out_last() {
    local unmounted logout
    unmounted=$(journal_before 'Unmount.*srv-ct-ci1.mount')
    logout=$(journal_before 'Stopp.*hostwright-iscsi-san1.service')
    echo "unmounted $unmounted, logout $logout"
    [[ -n $unmounted && -n $logout ]] && ! [[ $unmounted > $logout ]]
}

journal_before() {
    journalctl --boot=-1 --output=short-unix | grep "$1" | tail -1 | cut -d' ' -f1
}

on_target_after_boot() {
    up_after_boot
    claim 'the logout came after the unmounting' logged_out_last
}

boot_3() {
    on_target_after_boot
    machine_shuts_down
}

boot_4() {
    on_target_after_boot
    machine_shuts_down
}

boot_5() {
    on_target_after_boot
    touch "$DEAD"
    machine_shuts_down
}

boot_6() {
    note "the boot to here took $(cut -d. -f1 /proc/uptime) s"
    claim 'with a dead target the boot reaches multi-user.target' wait_until 30 systemctl is-active multi-user.target
    claim_fails 'the container does not run' container_runs
    claim 'plan answers in 5 s' timeout 5 hostwright plan
    claim 'status answers in 5 s' timeout 5 hostwright status
    sleep 60
    start_target
    claim 'the container starts when the target comes' wait_until 240 container_runs
    container_works
    no_ordering_cycle
}
