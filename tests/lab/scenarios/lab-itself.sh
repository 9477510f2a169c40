# The lab is shown to keep its promises: disks and boots counted over a reboot and a reset, the picture of the kernel
# stays the same over them, a change shows in it
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=no
LIMIT=900

boot_1() {
    printf '%s\n' '[Match]' 'Name=eth0' '' '[Network]' 'Address=192.0.2.2/24' > /etc/systemd/network/10-uplink.network
    sync
    systemctl enable --quiet bird
    machine_reboot
}

boot_2() {
    claim 'the BGP session is established after a reboot' wait_for_bgp
    claim 'the second disk is there' test -b "$PERSISTENT_DISK"
    kernel_state "$STATES/first"
    networkctl reload
    wait_for_networkd
    kernel_state "$STATES/second"
    same_kernel_state "$STATES/first" "$STATES/second" 'the picture stays the same when nothing happens'
    ip address add 192.0.2.3/24 dev eth0
    kernel_state "$STATES/changed"
    claim_fails 'an address more is seen in the picture' diff "$STATES/first" "$STATES/changed"
    sync
    machine_reset
}

boot_3() {
    claim 'the BGP session is established after a reset' wait_for_bgp
    kernel_state "$STATES/third"
    same_kernel_state "$STATES/first" "$STATES/third" 'the picture is the same after a reset'
    claim 'the journal of the boot before is kept' test -s "$OUT/journal-2.log"
    what_measurings_see
}

# sees LABEL CLAIM COMMAND…: what the command does is seen, although nothing of it is left at the end
sees() {
    local label=$1 claim=$2
    shift 2
    measure_begin "$label"
    "$@"
    measure_stop "$label"
    must_fail "$label" "$claim"
    claim_equal "$label: all of it was heard" ok "$(judged "$label" "$CLAIM_HEARD" | cut -f2)"
}

what_measurings_see() {
    local there='192.0.2.1 dev eth0' legs='nexthop via 192.0.2.1 dev eth0 nexthop via 192.0.2.7 dev eth0'
    ip nexthop add id 4242 via 192.0.2.1 dev eth0
    ip rule add pref 3000 from 203.0.113.77 lookup main
    ip route add 10.55.0.0/16 via 192.0.2.1
    # shellcheck disable=SC2086
    ip route add 10.56.0.0/16 $legs
    ip link add aside type dummy && ip link set aside up mtu 1400 && ip address add 10.57.0.1/24 dev aside
    MEASURE_AFTER=1
    measure_begin 'nothing'
    measure_end 'nothing'
    sees 'nexthop' "$CLAIM_ROUTES" eval "ip nexthop delete id 4242; ip nexthop add id 4242 via $there"
    sees 'rule' "$CLAIM_ROUTES" eval 'ip rule delete pref 3000; ip rule add pref 3000 from 203.0.113.77 lookup main'
    sees 'route' "$CLAIM_ROUTES" eval "ip route delete 10.55.0.0/16; ip route add 10.55.0.0/16 via $there"
    sees 'route replaced' "$CLAIM_ROUTES" \
        eval "ip route replace 10.55.0.0/16 via 192.0.2.9; ip route replace 10.55.0.0/16 via $there"
    sees 'leg' "$CLAIM_ROUTES" eval "ip route replace 10.56.0.0/16 via $there; ip route replace 10.56.0.0/16 $legs"
    # shellcheck disable=SC2086
    ip route add 10.58.0.0/16 proto bgp $legs
    sees 'leg of a daemon' "$CLAIM_ROUTES" \
        eval "ip route replace 10.58.0.0/16 proto bgp via $there; sleep 0.2; ip route replace 10.58.0.0/16 proto bgp $legs"
    written_anew "$there" "$legs"
    sees 'address' "$CLAIM_ADDRESSES" \
        eval 'ip address delete 10.57.0.1/24 dev aside; ip address add 10.57.0.1/24 dev aside'
    sees 'link down' "$CLAIM_LINKS" eval 'ip link set aside down; ip link set aside up'
    sees 'MTU' "$CLAIM_LINKS" eval 'ip link set aside mtu 1300; ip link set aside mtu 1400'
}

# As FRR does at each message about its link: a leg goes and comes within a moment.
written_anew() {
    measure_begin 'written anew'
    printf 'route replace 10.58.0.0/16 proto bgp %s\n' "via $1" "$2" | ip -batch -
    measure_end 'written anew'
}
