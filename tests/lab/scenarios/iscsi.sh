# Targets with CHAP: logins at apply and at boot, a dead portal, refused secrets and logouts, disks that were swapped
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=2400
CONTROL_SECONDS=30
OWN_LINKS=(storage)
WRONG=falsch-4711-falsch

# On the machine that starts the lab only the settings above are read; TARGET=lio has the kernel's target in place of tgt.
if [[ -e /lab/in/inside/iscsi.sh ]]; then
    # shellcheck source=../inside/iscsi.sh
    source /lab/in/inside/iscsi.sh
fi

# Users of both disks.
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
    claim 'there is a record of the target' test -e "$(records)/$ONE/10.0.42.1,3260"
    claim 'the record is for root alone' test -z "$(find "$(records)" -perm /077)"
    claim 'nothing is pending after the apply' plan_is_empty
    logouts_are_refused
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

# The names are the target's: a spec that says another one is told both.
names_of_disks() {
    claim 'status shows the disks' bash -c "hostwright iscsi status one | tee $OUT/status | grep 'one/1 '"
    local number
    for number in 1 2; do
        sed -n "s|^ *one/$number \([^ ]*\) .*|\1|p" "$OUT/status" > "$SAN/wwn$number"
        note "one/$number is $(cat "$SAN/wwn$number")"
    done
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
    device=$(disk_of one/1)
    sleep 600 3< "$device" &
    holder=$!
    claim_fails 'a logout is refused under a raw reader' apply
    claim 'it says who has it open' grep "in use: .*open in process $holder (sleep)" "$OUT/apply-$BOOT.log"
    kill "$holder"
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
