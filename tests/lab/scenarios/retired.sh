# FRR makes nexthop groups and retires them as routes change: an apply takes none of it for a loss, and sees what others take
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=1500
CHANGING=198.18.0.0/24
STILL=198.18.1.0/24
OWN_LINKS=(storage v20)

spec_watched() {
    spec_base | sed 's/^watch = .*/watch = "20s"/'
}

spec_v20() {
    printf '%s\n' '[vlan.v20]' 'id = 20' 'parent = "eth0"' ''
}

configure_frr() {
    printf '%s\n' 'zebra nexthop-group keep 2' \
        "ip route $STILL 192.0.2.1" "ip route $STILL 192.0.2.8" \
        "ip route $CHANGING 192.0.2.1" "ip route $CHANGING 192.0.2.100" > /etc/frr/frr.conf
}

boot_1() {
    claim 'hostwright installs itself' install_hostwright
    configure_frr
    systemctl enable --quiet frr
    write_spec watched
    claim 'the first apply succeeds' hostwright apply --at-boot --yes
    machine_reboot
}

boot_2() {
    claim 'FRR has a group for each route' wait_until 120 groups_are 2
    change &
    changer=$!
    rate_of_retired
    an_apply_is_no_loss
    what_others_take_is
    kill "$changer"
}

groups_are() {
    (($(ip nexthop show | grep --count ' group ') >= $1))
}

# The route stays, over another group each time; two seconds later zebra retires the one before.
change() {
    trap - ERR
    local turn=0 before=100 next
    while true; do
        turn=$((turn + 1))
        next=$((100 + turn % 50))
        vtysh -c 'configure terminal' -c "ip route $CHANGING 192.0.2.$next" -c "no ip route $CHANGING 192.0.2.$before"
        before=$next
        sleep 1
    done
}

rate_of_retired() {
    local gone
    timeout 15 ip monitor nexthop > "$STATES/retired" || true
    gone=$(grep --count '^Deleted .* group ' "$STATES/retired" || true)
    note "groups that zebra retires in 15 s: $gone"
    claim 'zebra retires groups' test "$gone" -ge 3
}

an_apply_is_no_loss() {
    write_spec watched storage
    claim 'an apply while zebra retires groups succeeds' apply
    claim 'it watched' grep --quiet 'watching for' "$OUT/apply-$BOOT.log"
    claim 'the storage VLAN answers' wait_until 20 ping -c 1 -W 1 10.0.42.1
    claim 'nothing more is to be done' plan_is_empty
}

# zebra hears of it and puts the group back, and not its route.
what_others_take_is() {
    local status=0 command
    write_spec watched storage v20
    apply_in_background "$OUT/taken.log"
    command=$!
    wait_until 120 grep --quiet 'watching for' "$OUT/taken.log"
    ip nexthop delete id "$(ip route show "$STILL" | sed -n 's/.* nhid \([0-9]*\) .*/\1/p')"
    wait "$command" || status=$?
    claim_equal 'a group taken from zebra: exit 4' "$status" 4
    claim 'a group taken from zebra: the report says so' grep --quiet "taken back: .*lost: .*$STILL" "$OUT/taken.log"
}
