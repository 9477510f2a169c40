# A container and a guest on LVM on a disk of an iSCSI target behind a VLAN: up after REBOOTS boots, started late when
# the target is late, and a host that answers and goes off when all paths are dead
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
REBOOTS=${REBOOTS:-3}
LIMIT=$((3000 + REBOOTS * 400))
TARGET=iqn.2026-01.lab:hv1
DISK=/dev/disk/by-path/ip-10.0.42.1:3260-iscsi-$TARGET-lun-1
IMAGE=/var/lib/lab/lun.img
# While it is there the target does not start with the peer.
DEAD=/var/lib/lab/dead
GUEST_LOG=/var/log/libvirt/qemu/web1-serial.log
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

# Among the peer's processes it outlives those of the scenario when the machine goes off.
start_target_late() {
    rm "$DEAD"
    (echo "$BASHPID" > /sys/fs/cgroup/system.slice/lab-peer.service/cgroup.procs && start_target)
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

# The guest boots from its disk alone.
spec_guest() {
    spec_domain | sed '/^\[domain.web1.boot\]/,/^$/d' |
        sed 's|vg_lab|vg_san|; s|^start = .*|&\nneeds = ["iscsi.san1"]|'
}

# A guest whose disk has always something to be written, in a boot sector, which starts at once under emulation:
#     xor ax, ax; mov ds, ax; mov es, ax; sti
#     again: mov ax, 0x301; mov bx, 0x7c00; mov cx, 2; mov dx, 0x80; int 0x13; jc again    writes the second sector
#     mov dx, 0x3f8; mov al, 'w'; out dx, al; hlt; jmp again                               says so at each tick
make_guest_disk() {
    lvcreate --quiet --yes --name web1_root --size 32M vg_san
    {
        printf '\x31\xc0\x8e\xd8\x8e\xc0\xfb'
        printf '\xb8\x01\x03\xbb\x00\x7c\xb9\x02\x00\xba\x80\x00\xcd\x13\x72\xf0'
        printf '\xba\xf8\x03\xb0w\xee\xf4\xeb\xe7'
        head --bytes=478 /dev/zero
        printf '\x55\xaa'
    } | dd of=/dev/vg_san/web1_root conv=fsync status=none
}

guest_has_written() {
    tr --complement --delete w < "$GUEST_LOG" | wc --bytes
}

guest_writes() {
    local before
    before=$(guest_has_written)
    wait_until 120 guest_wrote_more_than "$before"
}

guest_wrote_more_than() {
    (($(guest_has_written) > $1))
}

# tgtd ignores SIGTERM while it has sessions: the peer must not hold up the host's own shutdown.
peer_stops_at_once() {
    mkdir -p /etc/systemd/system/lab-peer.service.d
    printf '[Service]\nTimeoutStopSec=3\n' > /etc/systemd/system/lab-peer.service.d/target.conf
}

# The image has no sshd: a server on its port, in its place in the order of the boot.
install_login_server() {
    cat > /etc/systemd/system/login-server.service << 'END'
[Unit]
After=network.target

[Service]
ExecStart=/usr/bin/python3 -m http.server 22

[Install]
WantedBy=multi-user.target
END
    systemctl enable --quiet login-server.service
}

boot_1() {
    peer_stops_at_once
    install_login_server
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
    make_guest_disk
    write_spec "${PARTS[@]}" container guest
    claim 'an apply starts container and guest' apply
    container_works
    claim 'the guest runs' wait_until 60 domain_runs web1
    claim 'the guest writes its disk' guest_writes
    machine_shuts_down
}

boot_later() {
    case $((BOOT - 2 - REBOOTS)) in
        1) target_is_dead_at_boot ;;
        2) all_paths_die ;;
        3) was_off_in_time ;;
        *) boot_of_many ;;
    esac
}

boot_of_many() {
    is_up
    shutdown_takes_less_than 90
    shutdown_was_in_order
    ((BOOT < 2 + REBOOTS)) || touch "$DEAD"
    machine_shuts_down
}

is_up() {
    up_after_boot
    claim 'the guest runs after the boot' wait_until 120 domain_runs web1
    claim 'volumes are deactivated behind the guest' \
        grep --quiet blk-availability.service <(systemctl show --property=After 'machine-qemu*.scope')
    note "reached: $(reached multi-user.target) s multi-user.target, $(reached login-server.service) s a server"
}

# reached UNIT: seconds from the start of the kernel
reached() {
    echo $(($(systemctl show --property=ActiveEnterTimestampMonotonic --value "$1") / 1000000))
}

shutdown_was_in_order() {
    claim 'the logout came after the unmounting' logged_out_last
    claim_fails 'no session was kept' grep 'kept: ' <(journalctl --boot=-1)
}

# iscsid says when a session has ended.
logged_out_last() {
    local unmounted logout ended
    unmounted=$(journal_before 'Unmounted srv-ct-ci1.mount')
    logout=$(journal_before 'Stopping hostwright-iscsi-san1.service')
    ended=$(journal_before "iscsid.*$TARGET.*is shutdown")
    echo "unmounted $unmounted, logout $logout, ended $ended"
    [[ -n $unmounted && -n $logout && -n $ended ]] && [[ $unmounted < $logout && $logout < $ended ]]
}

journal_before() {
    journalctl --boot=-1 --output=short-unix | grep "$1" | tail -1 | cut -d' ' -f1
}

target_is_dead_at_boot() {
    shutdown_was_in_order
    note "reached: $(reached multi-user.target) s multi-user.target, $(reached login-server.service) s a server"
    claim 'with a dead target the boot reaches multi-user.target' systemctl is-active multi-user.target
    people_can_log_in
    claim_fails 'the container does not run' container_runs
    claim_fails 'the guest does not run' domain_runs web1
    it_answers 'with a dead target'
    sleep 60
    start_target_late
    claim 'the container starts when the target comes' wait_until 240 container_runs
    claim 'the guest starts when the target comes' wait_until 240 domain_runs web1
    container_works
    claim 'the guest writes its disk' guest_writes
    no_ordering_cycle
    machine_shuts_down
}

people_can_log_in() {
    claim 'a server in the place of sshd is reached' \
        ip netns exec peer timeout 5 bash -c 'exec 3<> /dev/tcp/192.0.2.2/22'
    claim 'users may log in' test ! -e /run/nologin
    claim 'so they may on the console' systemctl is-active systemd-user-sessions.service getty.target
}

# it_answers WHEN: a disk that does not answer must not keep hostwright from it
it_answers() {
    claim "$1 plan answers in 5 s" timeout 5 hostwright plan
    claim "$1 status answers in 5 s" timeout 5 hostwright status
}

all_paths_die() {
    is_up
    shutdown_takes_less_than 90
    shutdown_was_in_order
    claim 'the guest writes its disk' guest_writes
    kill_target
    it_answers 'with all paths just dead'
    claim 'the session is lost' wait_until 60 grep --quiet FAILED /sys/class/iscsi_session/session*/state
    it_answers 'with all paths dead'
    machine_shuts_down
}

kill_target() {
    ip netns exec peer ip link set eth1.42 down
    pkill -KILL tgtd
}

was_off_in_time() {
    shutdown_takes_less_than 180
    claim 'the container runs after the boot' wait_until 90 container_runs
    claim 'the guest runs after the boot' wait_until 120 domain_runs web1
    container_works
}
