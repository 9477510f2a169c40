# Every kind of link, torn: an apply killed behind each step leaves links wholly old, one that gets through wholly new
#
#   EVERY=N  behind every N-th step only; 1 for all of them
#
# All goes over netlink: nexthops of others forbid that networkd is told.
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=7200
STRIDE=${EVERY:-4}
CHANGES=(addition change removal)

# What each change begins and ends with.
spec_before_addition() { :; }
spec_after_addition() { spec_made; }
spec_before_change() { spec_made; }
spec_after_change() { spec_changed; }
spec_before_removal() { spec_changed; }
spec_after_removal() { spec_cards; }

# Cards come by networkd's files alone: others stand for them.
spec_cards() {
    cat << 'END'
[dummy.lan2]

[dummy.lan3]

[dummy.lan4]

END
    spec_foot
}

# It stays when its master goes, with addresses and a route that its master's coming and going takes.
spec_foot() {
    cat << 'END'
[dummy.foot]
addresses = ["10.5.0.2/24", "2001:db8:5::2/64"]
routes = [{ to = "10.96.0.0/16", via = "10.5.0.1" }]

END
}

spec_made() {
    spec_cards
    cat << 'END'
[bond.bond0]
mode = "active-backup"
ports = ["lan2", "lan3"]
primary = "lan2"
mii-monitor-sec = "50ms"

[bond.solo]
mode = "active-backup"
ports = ["lan4"]

[bridge.br0]
ports = ["bond0", "stub"]
vlan-filtering = true

[bridge.br0.port.bond0]
vlans = ["20-40"]
pvid = 10

[bridge.br0.port.stub]
vlans = [20]

[dummy.stub]

[vlan.v10]
id = 10
parent = "br0"
addresses = ["10.1.10.2/24"]
neighbors = [{ address = "10.1.10.9", link-layer-address = "02:00:00:00:10:09" }]

[vlan.v20]
id = 20
parent = "br0"
egress-qos-maps = ["6-7"]
addresses = ["10.1.20.2/24", "2001:db8:20::2/64"]
routes = [
    { to = "10.98.0.0/16", via = "10.1.20.1", table = 200, metric = 50 },
    { to = "10.99.0.0/16", type = "unreachable" },
    { to = "2001:db8:98::/48", via = "2001:db8:20::1" },
]
rules = [{ priority = 500, from = "10.1.20.0/24", table = 200 }]

[vlan.v30]
id = 30
parent = "br0"

[macvlan.host30]
parent = "v30"
addresses = ["10.1.30.2/24"]

[macvtap.tap30]
parent = "v30"

[vlan.v40]
id = 40
parent = "br0"
addresses = ["10.1.40.2/24", "2001:db8:40::2/64"]
routes = [{ to = "default", via = "10.1.40.1" }]

[vlan.v41]
id = 41
parent = "br0"

[vrf.blue]
table = 1000
ports = ["v40", "v41"]

[vrf.green]
table = 1001
ports = ["foot"]

[dummy.anycast]
addresses = ["192.0.2.153/32"]

END
}

# A port leaves its master, the only one of another goes to a third, settings, MTUs, addresses, routes, rules and neighbors change, a VLAN gets another number.
spec_changed() {
    spec_cards
    cat << 'END'
[bond.bond0]
mode = "active-backup"
ports = ["lan2", "lan3"]
primary = "lan3"
mii-monitor-sec = "100ms"

[bond.solo]
mode = "active-backup"

[bond.duo]
mode = "active-backup"
ports = ["lan4"]

[bridge.br0]
ports = ["bond0"]
vlan-filtering = true
ageing-time-sec = "1min"

[bridge.br0.port.bond0]
vlans = ["20-45"]
pvid = 11

[dummy.stub]
mtu = 1600

[vlan.v10]
id = 11
parent = "br0"
addresses = ["10.1.10.2/24"]
neighbors = [{ address = "10.1.10.9", link-layer-address = "02:00:00:00:10:0a" }]

[vlan.v20]
id = 20
parent = "br0"
mtu = 1400
egress-qos-maps = ["6-7"]
addresses = ["10.1.21.3/24", "2001:db8:20::2/64", "2001:db8:20::3/64"]
routes = [
    { to = "10.98.0.0/16", via = "10.1.21.9", table = 200, metric = 50 },
    { to = "10.99.0.0/16", type = "blackhole" },
    { to = "2001:db8:98::/48", via = "2001:db8:20::9" },
]
rules = [{ priority = 500, from = "10.1.20.0/24", table = 201 }]

[vlan.v30]
id = 30
parent = "br0"
mtu = 1450

[macvlan.host30]
parent = "v30"
mode = "vepa"
mtu = 1450
addresses = ["10.1.30.2/24"]
neighbors = [{ address = "10.1.30.9", link-layer-address = "02:00:00:00:30:09" }]

[macvtap.tap30]
parent = "v30"
mode = "vepa"
mtu = 1450

[vlan.v40]
id = 40
parent = "br0"
addresses = ["10.1.40.2/24", "2001:db8:40::2/64"]
routes = [{ to = "default", via = "10.1.40.9" }]

[vlan.v41]
id = 41
parent = "br0"

[vrf.blue]
table = 1000
ports = ["v40"]

[vrf.green]
table = 1002
ports = ["foot"]

[dummy.anycast]
addresses = ["192.0.2.153/32", "192.0.2.154/32"]

END
}

boot_1() {
    first_apply
    machine_reboot
}

# Once without a death in between: what each change has to end with.
boot_2() {
    local change
    begin_boot
    for change in "${CHANGES[@]}"; do
        write_spec base "after_$change"
        claim "$change: it gets through" apply_change "$change"
        settled_state "$STATES/new-$change"
    done
    write_spec base
    claim 'the next boot begins without links' apply --at-boot
    machine_reboot
}

boot_3() {
    local change
    begin_boot
    for change in "${CHANGES[@]}"; do
        torn "$change"
    done
}

# The kernel keeps its rule for VRFs from the first one on, and takes it back with none.
begin_boot() {
    claim 'the BGP session is established' wait_for_bgp
    ip link add probe type vrf table 999
    ip link delete probe
    ip nexthop add id 12 via 192.0.2.1 dev eth0 protocol zebra
    bgp_socket > "$STATES/socket"
}

# What changes for good a link that is there, and takes its addresses along.
apply_change() {
    apply --allow links
}

# steps CHANGE: how many there are, and what each does in a file
steps() {
    local status=0
    hostwright plan --allow links --format json > "$OUT/plan-$1.json" || status=$?
    python3 -c "
import json
for number, step in enumerate(json.load(open('$OUT/plan-$1.json'))['plan']['steps'], 1):
    print(number, json.dumps(step['action'])[:100])" > "$OUT/steps-$1"
    wc -l < "$OUT/steps-$1"
}

torn() {
    local change=$1 step count
    settled_state "$STATES/old"
    write_spec base "after_$change"
    count=$(steps "$change")
    note "$change: $count steps"
    claim "$change: it has steps" test "$count" -gt 5
    for ((step = 1; step <= count; step += STRIDE)); do
        killed_after "$step" "$change"
    done
    [[ $change != removal ]] || undo_that_cannot_be_whole
    claim "$change: it gets through at last" apply_change
    settled_state "$STATES/new"
    same_kernel_state "$STATES/new-$change" "$STATES/new" "$change: what got through is wholly new"
    claim "$change: the BGP session is the same socket" same_socket
}

killed_after() {
    local label="$2 killed after step $1" status=0
    HOSTWRIGHT_KILL_AFTER_STEP=$1 apply_change > "$OUT/kill-$2-$1.log" 2>&1 || status=$?
    claim_equal "$label: it is taken back whole" "$status" 4
    wait_until 15 state_is_old || true
    claim "$label: the kernel state is the old one" diff --unified=0 "$STATES/old" "$STATES/torn"
    claim "$label: the BGP session is the same socket" same_socket
}

state_is_old() {
    kernel_state "$STATES/torn" && diff "$STATES/old" "$STATES/torn" > /dev/null
}

# A link of another form takes the name of one that is to come back.
undo_that_cannot_be_whole() {
    local command status=0
    paused_after "$(step_with '"delete-link": "anycast"')" "$OUT/fails.log" --allow links
    command=$!
    ip link add anycast type bridge
    kill_the_executor
    wait "$command" || status=$?
    claim_equal 'an undo that cannot be whole exits with 6' "$status" 6
    claim 'it names what is left' grep 'left: create link anycast.*a link of another form has the name' "$OUT/fails.log"
    claim 'status names it, too' bash -c 'hostwright status | grep "a link of another form has the name"'
    claim 'the rest is taken back' bash -c 'ip link show host30 && ip link show tap30 && ip link show bond0'
    claim 'the BGP session is the same socket' same_socket
    ip link delete anycast
    write_spec base before_removal
    claim 'the former spec brings it back' apply
    settled_state "$STATES/again"
    same_kernel_state "$STATES/old" "$STATES/again" 'then the kernel state is the old one'
    write_spec base after_removal
}

step_with() {
    sed -n "/$1/{s/ .*//p;q}" "$OUT/steps-removal"
}

# networkd works on after it has answered.
settled_state() {
    wait_for_networkd
    kernel_state "$1"
}
