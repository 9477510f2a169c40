# Targets with CHAP: logins at apply and at boot, a dead portal, refused secrets and logouts, disks that were swapped
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=2400
CONTROL_SECONDS=30
OWN_LINKS=(storage)
SAN=/var/lib/lab/san
ONE=iqn.2026-01.example.san:one
TWO=iqn.2026-01.example.san:two
SECRET=geheim-4711-geheim
WRONG=falsch-4711-falsch

# The target's disks lie on the host's own file system: what is on them outlives a boot.
set_up_peer() {
    mkdir -p "$SAN" /run/tgtd
    in_peer tgtd
    local disk order=(1 2)
    for disk in 1 2 3; do
        [[ -e $SAN/$disk ]] || make_disk "$SAN/$disk"
    done
    [[ ! -e $SAN/swapped ]] || order=(2 1)
    wait_for_tgtd
    target 1 "$ONE" "$SAN/${order[0]}" "$SAN/${order[1]}"
    target 2 "$TWO" "$SAN/3"
    in_peer tgtadm --lld iscsi --mode account --op new --user hv1 --password "$SECRET"
    in_peer tgtadm --lld iscsi --mode account --op bind --tid 1 --user hv1
}

make_disk() {
    truncate --size=64M "$1"
    mkfs.ext4 -q "$1"
}

wait_for_tgtd() {
    local try
    for try in {1..50}; do
        in_peer tgtadm --lld iscsi --mode target --op show > /dev/null 2>&1 && return 0
        sleep 0.2
    done
    return 1
}

# target NUMBER NAME DISK…: a disk's name follows the disk, not its number
target() {
    local number=$1 disk lun=0
    in_peer tgtadm --lld iscsi --mode target --op new --tid "$number" --targetname "$2"
    shift 2
    for disk in "$@"; do
        lun=$((lun + 1))
        in_peer tgtadm --lld iscsi --mode logicalunit --op new --tid "$number" --lun "$lun" --backing-store "$disk"
        in_peer tgtadm --lld iscsi --mode logicalunit --op update --tid "$number" --lun "$lun" \
            --params "scsi_sn=disk$(basename "$disk"),scsi_id=disk$(basename "$disk")"
    done
    in_peer tgtadm --lld iscsi --mode target --op bind --tid "$number" --initiator-address ALL
}

spec_san() {
    cat << 'END'
[host.iscsi]
initiator = "iqn.2026-01.example:hv1"

[vlan.storage]
id = 42
parent = "eth0"
addresses = ["10.0.42.2/24"]

[iscsi.one]
target = "iqn.2026-01.example.san:one"
portals = ["10.0.42.9", "10.0.42.1"]
chap = { user = "hv1", credential = "one-chap" }

END
}

# spec_luns NAME1 NAME2: users of both disks
spec_luns() {
    cat << END
[mount.first]
where = "/srv/first"
source = { lun = "one/1", wwn = "$(cat "$SAN/wwn1")" }
type = "ext4"
on-demand = true

[mount.second]
where = "/srv/second"
source = { lun = "one/2", wwn = "$(cat "$SAN/wwn2")" }
type = "ext4"
on-demand = true

END
}

spec_two() {
    cat << 'END'
[iscsi.two]
target = "iqn.2026-01.example.san:two"
portals = ["10.0.42.1"]

END
}

boot_1() {
    first_apply
    machine_reboot
}

boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    control "$CONTROL_SECONDS"
    a_wrong_secret
    claim 'the secret is stored' store_secret "$SECRET"
    write_spec base san
    measured 'apply' apply
    claim 'there is one session' has_sessions "$ONE" 1
    names_of_disks
    write_spec base san luns
    measured 'mounts' apply
    claim 'the first disk is mounted on use' bash -c 'touch /srv/first/was-here && findmnt --type ext4 /srv/first'
    claim 'the second disk is mounted on use' bash -c 'ls /srv/second && findmnt --type ext4 /srv/second'
    claim 'the record is for root alone' bash -c "test -z \"\$(find /etc/iscsi/nodes /var/lib/iscsi/nodes -type f -perm /077 2> /dev/null)\""
    claim 'nothing is pending after the apply' plan_is_empty
    others_come_and_go
    open_iscsi_restarts
    logouts_are_refused
    no_secret_anywhere
    write_spec base san luns
    machine_reboot
}

a_wrong_secret() {
    store_secret "$WRONG" > /dev/null
    write_spec base san
    claim_fails 'an apply with a wrong secret fails' apply
    claim 'it names target, portal and reason' \
        grep --extended-regexp "$ONE: .*portal 10.0.42.9:3260: it does not answer; portal 10.0.42.1:3260: CHAP was refused" "$OUT/apply-$BOOT.log"
    claim 'the rest of it is undone' no_link storage
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

# The names are the target's: a spec that says another one is told both.
names_of_disks() {
    claim 'status shows the disks' bash -c "hostwright iscsi status one | tee $OUT/status | grep 'one/1 '"
    local number
    for number in 1 2; do
        sed -n "s|^ *one/$number \([^ ]*\) .*|\1|p" "$OUT/status" > "$SAN/wwn$number"
        note "one/$number is $(cat "$SAN/wwn$number")"
    done
}

read_disk() {
    dd if="$1" of=/dev/null bs=64k iflag=direct status=none
}

# reads_on COMMAND…: while it runs the first disk is read again and again; an error or a session lost is a failure
reads_on() {
    local device before status=0
    device=$(findmnt --noheadings --output SOURCE --type ext4 /srv/first)
    before=$(ls /sys/class/iscsi_session)
    (trap - ERR; while read_disk "$device"; do :; done) > "$OUT/reads-$BOOT.log" 2>&1 &
    local reader=$!
    "$@" || status=$?
    sleep 3
    kill "$reader" || { cat "$OUT/reads-$BOOT.log"; return 1; }
    wait "$reader" 2> /dev/null || true
    test "$status" = 0 && test ! -s "$OUT/reads-$BOOT.log" && grep --quiet "${before%% *}" <(ls /sys/class/iscsi_session)
}

others_come_and_go() {
    write_spec base san luns two
    claim 'a target comes while another is read' reads_on apply
    claim 'it has its session' has_sessions "$TWO" 1
    write_spec base san luns
    claim 'a target goes while another is read' reads_on apply
    claim 'its session is gone' has_sessions "$TWO" 0
}

open_iscsi_restarts() {
    claim 'open-iscsi restarts while a disk is read' reads_on systemctl restart open-iscsi.service iscsid.service
    claim 'the session is there' has_sessions "$ONE" 1
    claim 'the disk is mounted' findmnt --type ext4 /srv/first
}

logouts_are_refused() {
    unshare --mount --propagation private sleep 600 &
    local holder=$!
    sleep 1
    write_spec base
    claim_fails 'a logout is refused under a mount in a private namespace' apply
    claim 'it says who uses the disk' grep "in use: .*mounted on /srv/first, seen by process $holder (sleep)" "$OUT/apply-$BOOT.log"
    claim 'all is as before' has_sessions "$ONE" 1
    kill "$holder"
    local device
    device=$(hostwright iscsi status one | sed -n 's|^ *one/1 .* ||p')
    sleep 600 < "$device" &
    holder=$!
    claim_fails 'a logout is refused under a raw reader' apply
    claim 'it says who has it open' grep "in use: .*open in process $holder (sleep)" "$OUT/apply-$BOOT.log"
    kill "$holder"
}

no_secret_anywhere() {
    claim_fails 'no file has the secret but the record and the target' \
        bash -c "grep --recursive --files-with-matches --binary-files=text '$SECRET' /etc /run /var/lib/hostwright /var/log /lab/out 2> /dev/null |
            grep --invert-match --extended-regexp '^/(etc|var/lib)/iscsi/nodes/|^/run/(credentials|lab|tgtd)'"
    claim_fails 'the journal does not have it' bash -c "journalctl --no-pager | grep '$SECRET'"
}

boot_3() {
    claim 'the session is there after the boot' wait_until 60 has_sessions "$ONE" 1
    claim 'the first disk is what it was' ls /srv/first/was-here
    claim 'nothing is pending after the boot' plan_is_empty
    claim 'no ordering cycle' fails bash -c 'journalctl --boot | grep -i "ordering cycle"'
    touch "$SAN/swapped"
    machine_reboot
}

boot_4() {
    claim 'the session is there after the swap' wait_until 60 has_sessions "$ONE" 1
    claim_fails 'the first user does not start on a swapped disk' ls /srv/first
    claim_fails 'the second user does not start on a swapped disk' ls /srv/second
    claim 'both names are said' bash -c \
        "journalctl --boot | grep 'find disk one/1: the disk behind it is $(cat "$SAN/wwn2"), the spec says $(cat "$SAN/wwn1")'"
}
