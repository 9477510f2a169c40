# What scenarios with targets have in common: the targets, by tgt or by the kernel's own LIO, sessions, disks, readers
# shellcheck shell=bash disable=SC2034,SC2154
#
# Parameters: TARGET tgt or lio; SAN, where the disks lie

TARGET=${TARGET:-tgt}
SAN=${SAN:-/var/lib/lab/san}
PORTAL=10.0.42.1:3260
NAMES=iqn.2026-01.example.san
ONE=$NAMES:one
TWO=$NAMES:two
THREE=$NAMES:three
SECRET=geheim-4711-geheim
LIO=/sys/kernel/config/target

set_up_peer() {
    targets_come
}

# On the host's own file system what is on the disks outlives a boot. The portal opens when all is behind it.
targets_come() {
    local disk order=(1 2)
    mkdir -p "$SAN"
    for disk in 1 2 3 4; do
        [[ -e $SAN/$disk ]] || make_disk "$SAN/$disk"
    done
    [[ ! -e $SAN/swapped ]] || order=(2 1)
    "${TARGET}_start"
    "${TARGET}_target" 1 "$ONE" "${order[@]}"
    "${TARGET}_target" 2 "$TWO" 3
    "${TARGET}_target" 3 "$THREE" 4
    "${TARGET}_secret" 1 "$ONE" "$SECRET"
    "${TARGET}_open"
}

targets_go() {
    "${TARGET}_go"
}

make_disk() {
    truncate --size=64M "$1"
    mkfs.ext4 -q "$1"
}

# Not `ip netns exec`: it has a /sys of its own, without LIO's configuration.
at_peer() {
    nsenter --net=/run/netns/peer -- "$@"
}

# In a unit of its own, which waits for logouts at a shutdown.
tgt_start() {
    systemd-run --quiet --collect --unit=lab-target --property=TimeoutStopSec=60 --property=Nice=-20 \
        nsenter --net=/run/netns/peer -- tgtd --foreground --iscsi portal=127.0.0.1:3260
    until tgt --mode target --op show > /dev/null 2>&1; do sleep 0.2; done
}

tgt() {
    tgtadm --lld iscsi "$@"
}

# tgt_target NUMBER NAME DISK…: a disk's name follows the disk, not its number
tgt_target() {
    local number=$1 disk lun=0
    tgt --mode target --op new --tid "$number" --targetname "$2"
    for disk in "${@:3}"; do
        lun=$((lun + 1))
        tgt --mode logicalunit --op new --tid "$number" --lun "$lun" --backing-store "$SAN/$disk"
        tgt --mode logicalunit --op update --tid "$number" --lun "$lun" --params "scsi_sn=disk$disk,scsi_id=disk$disk"
    done
    tgt --mode target --op bind --tid "$number" --initiator-address ALL
}

# tgt_secret NUMBER NAME SECRET
tgt_secret() {
    tgt --mode account --op new --user hv1 --password "$3"
    tgt --mode account --op bind --tid "$1" --user hv1
}

tgt_open() {
    tgt --mode portal --op new --param "portal=$PORTAL"
}

tgt_go() {
    systemctl kill --signal=KILL lab-target
    while systemctl is-active --quiet lab-target; do sleep 0.2; done
}

# What is there from before is the same: it only has to be opened again.
lio_start() {
    modprobe --all iscsi_target_mod target_core_file
    mountpoint --quiet /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
    mkdir -p "$LIO/iscsi"
}

# lio_disk NUMBER: the name is made of the hexadecimal digits of the serial number
lio_disk() {
    local disk=$LIO/core/fileio_0/disk$1
    [[ ! -e $disk ]] || return 0
    mkdir -p "$disk"
    echo "fd_dev_name=$SAN/$1,fd_dev_size=$((64 * 1024 * 1024))" > "$disk/control"
    echo 1 > "$disk/enable"
    echo "d15c000$1" > "$disk/wwn/vpd_unit_serial"
}

# lio_target NUMBER NAME DISK…
lio_target() {
    local group=$LIO/iscsi/$2/tpgt_1 disk lun=0
    [[ ! -e $group ]] || return 0
    mkdir -p "$group"
    for disk in "${@:3}"; do
        lun=$((lun + 1))
        lio_disk "$disk"
        mkdir "$group/lun/lun_$lun"
        ln -s "$LIO/core/fileio_0/disk$disk" "$group/lun/lun_$lun/"
    done
    echo 1 > "$group/attrib/generate_node_acls"
    echo 1 > "$group/attrib/cache_dynamic_acls"
    echo 0 > "$group/attrib/demo_mode_write_protect"
    echo 0 > "$group/attrib/authentication"
}

# lio_secret NUMBER NAME SECRET
lio_secret() {
    local group=$LIO/iscsi/$2/tpgt_1
    echo 1 > "$group/attrib/authentication"
    echo -n hv1 > "$group/auth/userid"
    echo -n "$3" > "$group/auth/password"
}

# A portal listens in the namespace of who makes it.
lio_open() {
    local group
    for group in "$LIO"/iscsi/"$NAMES"*/tpgt_1; do
        echo 1 > "$group/enable"
        at_peer mkdir "$group/np/$PORTAL"
    done
}

lio_go() {
    local group
    for group in "$LIO"/iscsi/"$NAMES"*/tpgt_1; do
        rmdir "$group/np/$PORTAL"
        echo 0 > "$group/enable"
    done
}

spec_san() {
    cat << END
[host.iscsi]
initiator = "iqn.2026-01.example:hv1"

[vlan.storage]
id = 42
parent = "eth0"
addresses = ["10.0.42.2/24"]

[iscsi.one]
target = "$ONE"
portals = ["10.0.42.9", "10.0.42.1"]
chap = { user = "hv1", credential = "one-chap" }

END
}

spec_two() {
    printf '%s\n' '[iscsi.two]' "target = \"$TWO\"" 'portals = ["10.0.42.1"]' ''
}

spec_three() {
    printf '%s\n' '[iscsi.three]' "target = \"$THREE\"" 'portals = ["10.0.42.1"]' ''
}

store_secret() {
    printf '%s\n' "$1" | hostwright secret set one-chap
}

sessions() {
    { cat /sys/class/iscsi_session/*/targetname 2> /dev/null || true; } | { grep --line-regexp --count "$1" || true; }
}

has_sessions() {
    test "$(sessions "$1")" = "$2"
}

# session_of TARGET: its name in the kernel, which a new one does not have
session_of() {
    grep --line-regexp --files-with-matches "$1" /sys/class/iscsi_session/*/targetname | cut -d/ -f5
}

# disk_of LUN: the device behind a name like one/1
disk_of() {
    hostwright iscsi status "${1%/*}" | sed -n "s|^ *$1 .* ||p"
}

# Where the records of open-iscsi are: Debian 13 or 12.
records() {
    ls --directory /var/lib/iscsi/nodes 2> /dev/null || echo /etc/iscsi/nodes
}
