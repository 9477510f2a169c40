# Every kind of link, torn: an apply killed behind each step leaves links wholly old, one that gets through wholly new
#
#   EVERY=N  behind every N-th step only; 1 for all of them
#   FROM=N   beginning with this one: with EVERY=3 three runs, from 1, 2 and 3, are all of them
#
# All goes over netlink: nexthops of others forbid that networkd is told.
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=7200
STRIDE=${EVERY:-4}
FIRST=${FROM:-1}
CHANGES=(addition change removal)

if [[ -e /lab/in/inside/every-link.sh ]]; then
    # shellcheck source=../inside/every-link.sh
    source /lab/in/inside/every-link.sh
fi

# What each change begins and ends with.
spec_before_addition() { spec_lan; }
spec_after_addition() { spec_made; }
spec_before_change() { spec_made; }
spec_after_change() { spec_changed; }
spec_before_removal() { spec_changed; }
spec_after_removal() { spec_cards; }

boot_1() {
    first_apply
    machine_reboot
}

# Once without a death in between: what each change has to end with.
boot_2() {
    local change
    begin_boot
    begin_with_cards
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
    begin_with_cards
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

begin_with_cards() {
    write_spec base before_addition
    claim 'cards and what stands on them come' apply
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
    claim "$change: the first one is one of them" test "$FIRST" -le "$count"
    for ((step = FIRST; step <= count; step += STRIDE)); do
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
    claim "$label: for it was killed" grep 'was killed' "$OUT/kill-$2-$1.log"
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
