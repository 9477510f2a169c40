# A change that is bad on purpose is taken back by itself, and the report names the cause
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=1500
# The address that another station has
TAKEN=192.0.2.7

# On the machine that starts the lab only the settings above are read.
if [[ -e /lab/in/inside/window.sh ]]; then
    # shellcheck source=../inside/window.sh
    source /lab/in/inside/window.sh
fi

set_up_peer() {
    answer_beyond
    in_peer ip address add "$TAKEN/24" dev eth1
    # Packets of 8 to 16 KiB get lost on the way: this wire itself would carry them.
    in_peer tc qdisc add dev eth1 ingress
    in_peer tc filter add dev eth1 ingress protocol ip u32 match u16 0x2000 0xe000 at 2 action drop
}

boot_1() {
    first_apply_of_the_uplink
    machine_reboot
}

boot_2() {
    begin_of_windows
    bad_changes
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

# stopped TEXT ARGUMENT…: before the first step, with exit 5
stopped() {
    local text=$1 status=0
    shift
    apply "$@" || status=$?
    claim_equal "$text" "$status" 5
}

bad_changes() {
    ID=43 write_spec uplink management
    bad 'wrong VLAN id for the management address' 'ping 10.0.42.1' --allow links
    old_again 'wrong VLAN id for the management address' 30
    MTU=9000 write_spec uplink management
    stopped 'MTU that blackholes: stopped without leave for the BGP session' --allow links
    bad 'MTU that blackholes' 'full-sized packets' --allow links --allow sessions
    old_again 'MTU that blackholes' 30
    ROUTES='' write_spec uplink management
    bad 'removed default route' "ping $BEYOND"
    old_again 'removed default route' 30
    ROUTES='{ to = "192.0.2.1/32", via = "192.0.2.9" }' write_spec uplink management
    stopped 'another way to the BGP peer: stopped without leave'
    claim 'and the plan says what carries the session' bash -c \
        'hostwright plan | grep "the route 192.0.2.0/24 over eth0, which carries a BGP session"'
    ADDRESSES="\"192.0.2.2/24\", \"$TAKEN/24\"" write_spec uplink management
    bad 'duplicate address' "a station on eth0 has $TAKEN already"
    old_again 'duplicate address' 30
    ADDRESSES='"192.0.2.3/24"' write_spec uplink management
    stopped 'removed address of the BGP session: stopped without leave'
    bad 'removed address of the BGP session' 'BGP session 192.0.2.2 with 192.0.2.1|packets from 192.0.2.2' \
        --allow sessions --allow routes
    claim 'removed address of the BGP session: the host is as before' wait_until 30 is_old
    claim 'removed address of the BGP session: the session is back' wait_for_bgp
    kernel_state "$STATES/again"
    same_kernel_state "$STATES/old" "$STATES/again" 'removed address of the BGP session: the kernel state is the old one'
}
