# A change that is bad, or that nobody confirms, is taken back by itself; whoever is killed, reset or out of space meanwhile
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=3600
WINDOW=20
# What is reached over the default route alone, and the address that another station has.
BEYOND=198.51.101.1
TAKEN=192.0.2.7

set_up_peer() {
    in_peer ip link set lo up
    in_peer ip address add "$BEYOND/32" dev lo
    in_peer ip address add "$TAKEN/24" dev eth1
    # Packets of 8 to 16 KiB get lost on the way: this wire itself would carry them.
    in_peer tc qdisc add dev eth1 ingress
    in_peer tc filter add dev eth1 ingress protocol ip u32 match u16 0x2000 0xe000 at 2 action drop
}

spec_uplink() {
    cat << END
[host]
name = "hv1"
site = "lab"

[safety]
watch = "20s"

[safety.probe.beyond]
ping = "$BEYOND"

[nic.eth0]
match = { mac = "02:00:00:00:00:01" }
mtu = ${MTU:-1500}
addresses = [${ADDRESSES:-\"192.0.2.2/24\"}]
routes = [${ROUTES-{ to = \"default\", via = \"192.0.2.1\" \}}]

END
}

spec_management() {
    cat << END
[safety.probe.management]
ping = "10.0.42.1"

[vlan.storage]
id = ${ID:-42}
parent = "eth0"
addresses = ["10.0.42.2/24"]

END
}

# The very first apply, for a host whose uplink nobody manages, is reset inside its window, with the session that it brought.
# Its networkd has not started under our protection yet.
boot_1() {
    claim 'hostwright installs itself' install_hostwright
    systemctl enable --quiet --now bird
    write_spec uplink
    apply_in_background "$OUT/first.log" --confirm 10min --allow routes
    claim 'the first apply waits to be confirmed' wait_until 120 waits
    claim 'it gave the address' has_address eth0 192.0.2.2/24
    claim 'and BGP came up inside the window' wait_for_bgp
    machine_reset
}

waits() {
    grep --quiet '"watching":' "$JOURNAL"
}

boot_2() {
    claim 'after a reset in the first window nothing is applied' test ! -e "$APPLIED"
    claim 'and networkd has no file of it' test -z "$(ls /run/systemd/network 2> /dev/null)"
    claim_fails 'nor the uplink an address' has_address eth0 192.0.2.2/24
    claim 'status says how it ended' bash -c 'hostwright status | grep "taken back: the machine was reset"'
    write_spec uplink
    claim 'the first apply succeeds' hostwright apply --at-boot --yes
    machine_reboot
}

boot_3() {
    claim 'the BGP session is established' wait_for_bgp
    claim 'nothing is pending' plan_is_empty
    write_spec uplink management
    claim 'a good change is applied' apply
    kernel_state "$STATES/old"
    bgp_socket > "$STATES/socket"
    nobody_confirms
    somebody_confirms
    killed_in_the_window
    disturbed_in_the_window
    claim 'the state has a disk of its own' state_on_a_disk_of_its_own
    no_space_in_the_window
    confirmed_without_space
    no_space_on_the_way
    disk_that_hangs
    claim 'the state is where it was' state_back
    bad_changes
    reset_in_the_window
}

write_one_more() {
    { write_spec uplink management && spec_guests >> "$SPEC"; }
}

# in_a_window LOG: an apply in the background that waits to be confirmed
in_a_window() {
    write_one_more
    apply_in_background "$1" --confirm "${WINDOW}s"
    command=$!
    wait_until 60 waits
}

is_old() {
    test ! -e "$JOURNAL" && is_back
}

# On a full disk the journal stays until the history has taken it.
is_back() {
    test ! -e "$RUNNING" && no_link v20 && hostwright status | grep '^machine: as applied$' > /dev/null
}

# old_again WHAT SECONDS [is_back]
old_again() {
    claim "$1: the host is as before within $2 s" wait_until "$2" "${3:-is_old}"
    sleep 1
    kernel_state "$STATES/again"
    same_kernel_state "$STATES/old" "$STATES/again" "$1: the kernel state is the old one"
    claim "$1: the BGP session is the same socket" same_socket
}

nobody_confirms() {
    in_a_window "$OUT/unconfirmed.log"
    claim 'the new link is there inside the window' ip link show dev v20
    claim 'status says that it waits' bash -c 'hostwright status | grep "waits: .hostwright confirm. keeps it"'
    old_again 'not confirmed' $((WINDOW + 30))
    local status=0
    wait "$command" || status=$?
    claim_equal 'not confirmed: exit 4' "$status" 4
    claim 'not confirmed: it says so' grep --quiet "nobody confirmed it within $WINDOW s" "$OUT/unconfirmed.log"
}

somebody_confirms() {
    claim_fails 'nothing waits: a confirm is refused' hostwright confirm --same-connection
    in_a_window "$OUT/confirmed.log"
    claim_fails 'a confirm without a login by ssh is refused' hostwright confirm
    claim 'a confirm over the same connection keeps it' hostwright confirm --same-connection
    sleep $((WINDOW + 20))
    claim 'the link stays beyond the deadline' ip link show dev v20
    claim 'and in the applied spec' grep --quiet vlan.v20 "$APPLIED"
    write_spec uplink management
    claim 'it is removed again' apply
}

killed_in_the_window() {
    in_a_window "$OUT/killed-executor.log"
    kill_the_executor
    old_again 'executor killed inside the window' 30
    in_a_window "$OUT/killed-command.log"
    kill -KILL "$command"
    old_again 'command killed inside the window' $((WINDOW + 30))
    in_a_window "$OUT/killed-both.log"
    kill -KILL "$command"
    kill_the_executor
    old_again 'command and executor killed inside the window' 30
    in_a_window "$OUT/killed-undo.log"
    kill_the_executor
    claim 'the undo is killed, too' kill_the_undo
    old_again 'executor and undo killed inside the window' $((WINDOW + 60))
    in_a_window "$OUT/stopped-executor.log"
    systemctl kill --kill-who=main --signal=STOP hostwright-apply.service
    old_again 'executor stopped inside the window' $((WINDOW + 60))
}

# The process that the executor leaves the undo to
kill_the_undo() {
    wait_until 10 systemctl kill --kill-who=control --signal=KILL hostwright-apply.service
}

# stays_for SECONDS: the window is open all the while
stays_for() {
    local second
    for ((second = 0; second < $1; second++)); do
        sleep 1
        waits && ip link show dev v20 || return 1
    done
}

disturbed_in_the_window() {
    in_a_window "$OUT/clock.log"
    date --set='+1 hour' > /dev/null
    claim 'clock an hour ahead: the window stays open' stays_for 5
    old_again 'clock an hour ahead' $((WINDOW + 30))
    in_a_window "$OUT/clock-back.log"
    date --set='-1 hour' > /dev/null
    claim 'clock an hour back: the window stays open' stays_for 5
    old_again 'clock an hour back' $((WINDOW + 30))
    in_a_window "$OUT/daemon-reload.log"
    systemctl daemon-reload
    claim 'the link is there after a daemon-reload of somebody else' ip link show dev v20
    old_again 'a daemon-reload of somebody else' $((WINDOW + 30))
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
        rm -f /var/lib/hostwright/ballast*
        write_spec uplink management
        claim 'it is removed again, with space' apply
    else
        old_again 'disk full: a confirm that was not taken' 30 is_back
    fi
    rm -f /var/lib/hostwright/ballast*
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

# bad WHAT CAUSE ARGUMENT…: an apply that must be taken back by itself
bad() {
    local what=$1 cause=$2 status=0 begin=$SECONDS
    shift 2
    hostwright apply --yes "$@" > "$OUT/bad-${what// /-}.log" 2>&1 || status=$?
    claim_equal "$what: exit 4" "$status" 4
    claim "$what: within a hold time" test $((SECONDS - begin)) -lt 90
    claim "$what: the report names the cause" grep --quiet --extended-regexp "taken back: .*$cause" "$OUT/bad-${what// /-}.log"
}

bad_changes() {
    ID=43 write_spec uplink management
    bad 'wrong VLAN id for the management address' 'ping 10.0.42.1' --allow links
    old_again 'wrong VLAN id for the management address' 30
    MTU=9000 write_spec uplink management
    claim_fails 'MTU that blackholes: stopped without leave for the BGP session' hostwright apply --yes --allow links
    bad 'MTU that blackholes' 'full-sized packets' --allow links --allow sessions
    old_again 'MTU that blackholes' 30
    ROUTES='' write_spec uplink management
    bad 'removed default route' "ping $BEYOND"
    old_again 'removed default route' 30
    ROUTES='{ to = "192.0.2.1/32", via = "192.0.2.9" }' write_spec uplink management
    claim_fails 'another way to the BGP peer: stopped without leave' hostwright apply --yes
    claim 'and the plan says what carries the session' bash -c \
        'hostwright plan | grep "the route 192.0.2.0/24 over eth0, which carries a BGP session"'
    ADDRESSES="\"192.0.2.2/24\", \"$TAKEN/24\"" write_spec uplink management
    bad 'duplicate address' "a station on eth0 has $TAKEN already"
    old_again 'duplicate address' 30
    ADDRESSES='"192.0.2.3/24"' write_spec uplink management
    claim_fails 'removed address of the BGP session: stopped without leave' hostwright apply --yes
    bad 'removed address of the BGP session' 'BGP session 192.0.2.2 with 192.0.2.1|packets from 192.0.2.2' \
        --allow sessions --allow routes
    claim 'removed address of the BGP session: the host is as before' wait_until 30 is_old
    claim 'removed address of the BGP session: the session is back' wait_for_bgp
    kernel_state "$STATES/again"
    same_kernel_state "$STATES/old" "$STATES/again" 'removed address of the BGP session: the kernel state is the old one'
}

reset_in_the_window() {
    in_a_window "$OUT/reset.log"
    machine_reset
}

boot_4() {
    claim 'a reset inside the window boots the generation before' wait_for_bgp
    claim 'reset: the host is as before' wait_until 60 is_old
    kernel_state "$STATES/booted"
    same_kernel_state "$STATES/old" "$STATES/booted" 'reset: the kernel state is the old one'
}
