# A change is taken back, or its confirmation said truthfully, when the disk of the state is full or hangs
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=1800

# On the machine that starts the lab only the settings above are read.
if [[ -e /lab/in/inside/window.sh ]]; then
    # shellcheck source=../inside/window.sh
    source /lab/in/inside/window.sh
fi

boot_1() {
    first_apply_of_the_uplink
    machine_reboot
}

boot_2() {
    begin_of_windows
    claim 'the state has a disk of its own' state_on_a_disk_of_its_own
    no_space_in_the_window
    confirmed_without_space
    no_space_on_the_way
    disk_that_hangs
    claim 'the state is where it was' state_back
}

# Fills the disk of the state to the last block.
fill_the_disk() {
    dd if=/dev/zero of=/var/lib/hostwright/ballast bs=64k status=none 2> /dev/null
    dd if=/dev/zero of=/var/lib/hostwright/ballast-2 bs=512 status=none 2> /dev/null
    sync
    ! echo more > /var/lib/hostwright/ballast-3
}

# fill_the_disk_but_for KIBIBYTES
fill_the_disk_but_for() {
    fill_the_disk && truncate --size="-${1}K" /var/lib/hostwright/ballast && sync
}

no_space_in_the_window() {
    in_a_window "$OUT/full.log"
    claim 'the disk is full inside the window' fill_the_disk
    claim 'disk full: the window stays open' stays_for 2
    old_again 'disk full inside the window' $((WINDOW + 30)) is_back
    ends_without_history 'disk full inside the window' "$OUT/full.log"
    rm -f /var/lib/hostwright/ballast*
}

# Who confirms is told the truth: the journal takes that word as long as its last block has room.
confirmed_without_space() {
    local status=0
    in_a_window "$OUT/full-confirmed.log"
    claim 'the disk is full before somebody confirms' fill_the_disk
    hostwright confirm --same-connection > "$OUT/full-confirm.log" 2>&1 || status=$?
    note "disk full: a confirm ends with $status"
    sleep $((WINDOW + 10))
    if ((status == 0)); then
        claim 'disk full: what was confirmed stays' ip link show dev v20
        claim 'disk full: and in the applied spec' grep --quiet vlan.v20 "$APPLIED"
    else
        old_again 'disk full: a confirm that was not taken' 30 is_back
    fi
    rm -f /var/lib/hostwright/ballast*
    # Whose journal is still there as its history could not be written is not to be taken for the next one.
    write_spec uplink management
    claim 'with space the next apply succeeds' apply
    claim 'and nothing is left of a journal' test ! -e "$JOURNAL"
}

# The disk has room for the journal's beginning and not for all of its steps: how long it is, an apply that is killed tells.
no_space_on_the_way() {
    local room
    write_one_more
    seq --format='[dummy.many%g]' 40 >> "$SPEC"
    paused_after 2 "$OUT/paused.log"
    room=$(($(stat --format=%s "$JOURNAL") / 1024 + 2))
    kill_the_executor
    old_again 'killed to know how long its journal is' 60
    claim 'the disk is full but for the beginning of a journal' fill_the_disk_but_for "$room"
    apply_in_background "$OUT/full-way.log"
    command=$!
    ends_without_history 'disk full on the way' "$OUT/full-way.log"
    claim 'disk full on the way: the journal is what it lacks' grep --quiet 'taken back: .*write the journal' "$OUT/full-way.log"
    old_again 'disk full on the way' 30 is_back
    rm -f /var/lib/hostwright/ballast*
}

# ends_without_history WHAT LOG: the apply says what the host is, and that the history was not written
ends_without_history() {
    local status=0
    wait "$command" || status=$?
    claim_equal "$1: exit 4" "$status" 4
    claim "$1: it says that the history was not written" grep --quiet 'the history is without generation' "$2"
}

# Has the state on a disk of its own, which can hang while the others do not.
state_on_a_disk_of_its_own() {
    truncate --size=64M /var/lib/lab/state.img && mkfs.ext4 -q -b 1024 /var/lib/lab/state.img &&
        mount -o loop /var/lib/lab/state.img /mnt && cp --archive /var/lib/hostwright/. /mnt && umount /mnt &&
        mount -o loop /var/lib/lab/state.img /var/lib/hostwright
}

state_back() {
    cp --archive --no-target-directory /var/lib/hostwright /var/lib/lab/state && wait_until 30 umount /var/lib/hostwright &&
        rm -r /var/lib/hostwright/* && cp --archive /var/lib/lab/state/. /var/lib/hostwright
}

disk_that_hangs() {
    in_a_window "$OUT/hangs.log"
    fsfreeze --freeze /var/lib/hostwright
    (trap - ERR && exec timeout 120 hostwright confirm --same-connection) > "$OUT/hangs-confirm.log" 2>&1 &
    claim 'disk hangs: the link is gone within 30 s' wait_until 30 no_link v20
    claim 'disk hangs: the BGP session is the same socket' same_socket
    claim 'disk hangs: the apply ends while it does' wait_until 60 fails kill -0 "$command"
    local hung=yes
    if fails kill -0 "$command"; then
        hung=no
        ends_without_history 'disk hangs' "$OUT/hangs.log"
        claim 'disk hangs: status says so' bash -c 'hostwright status | grep "^history: without generation"'
    fi
    fsfreeze --unfreeze /var/lib/hostwright
    [[ $hung = no ]] || wait "$command" || true
    old_again 'disk that hung' 30
    claim 'disk that hung: status says how it ended' bash -c 'hostwright status | grep "^last: .*taken back: .*the disk hangs"'
    claim 'disk that hung: the history does' bash -c 'hostwright history | tail -n 1 | grep "taken back: .*the disk hangs"'
}
