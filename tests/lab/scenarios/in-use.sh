# What a running guest or somebody else uses of a link stays when the spec changes or removes the link
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=2700
CONTROL_SECONDS=40
OWN_LINKS=(v20 br0 v50 v51 v60 v61 v62)
LIVE=/var/lib/lab/live.xml

spec_bridge() {
    cat << END
[vlan.v50]
id = 50
parent = "eth0"

[bridge.br0]
ports = ["${PORT:-v50}"]
mtu = ${MTU:-1500}
ageing-time-sec = "${AGEING:-5min}"
addresses = ["${ADDRESS:-10.50.0.2/24}"]

END
}

spec_inside() {
    printf '%s\n' '[network.inside]' 'bridge = { name = "br0" }' ''
}

# The links of the guests' network, and the network on another link.
spec_v20() {
    printf '%s\n' '[vlan.v20]' 'id = 20' 'parent = "eth0"' ''
}

spec_network() {
    printf '%s\n' '[network.guests]' "macvtap = { parent = \"${PARENT:-v20}\" }" ''
}

# The guest has a foot in a network of macvtap devices and one in a bridge.
spec_guest() {
    spec_domain | sed '/^\[domain.web1.interface/,$d'
    printf '%s\n' '[domain.web1.interface.lan]' "network = \"${NETWORK:-guests}\"" ''
    printf '%s\n' '[domain.web1.interface.back]' 'network = "inside"'
}

# Links that nobody is on but somebody in another network namespace.
spec_boxes() {
    printf '%s\n' '[vlan.v60]' 'id = 60' 'parent = "eth0"' '' '[vlan.v61]' 'id = 61' 'parent = "eth0"' ''
}

PARTS=(base bridge inside v20 network guest)

boot_1() {
    first_apply
    machine_reboot
}

boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    control "$CONTROL_SECONDS"
    write_spec base bridge inside v20 network boxes guest
    measured 'links, networks and guest' apply
    boxes_leave
    somebody_comes_meanwhile
    everything_in_use 'made live'
    machine_reboot
}

# The same for links that hostwright has made live, and for those that networkd has made at boot.
boot_3() {
    claim 'the BGP session is established after the boot' wait_for_bgp
    control "$CONTROL_SECONDS"
    everything_in_use 'made at boot'
    leave_for_good
    machine_reboot
}

everything_in_use() {
    claim "$1: the guest runs" wait_until 120 domain_runs web1
    add_foreign_tap
    remember_what_is_used
    link_leaves "$1"
    network_moves "$1"
    bridge_changes "$1"
    bridge_leaves "$1"
}

add_foreign_tap() {
    TAP=tap0
    ip tuntap add "$TAP" mode tap
    ip link set "$TAP" master br0
    ip link set "$TAP" up
}

# A process in a network namespace without a name, as that of a container, with links that are built on ours.
fill_box() {
    systemd-run --quiet --unit=lab-box unshare --net sleep infinity
    BOX=$(systemctl show --property=MainPID --value lab-box)
    wait_until 30 bash -c "! cmp -s <(readlink /proc/self/ns/net) <(readlink /proc/$BOX/ns/net)"
    ip link add mv0 link v60 type macvlan mode bridge
    ip link add mt0 link v60 type macvtap mode bridge
    ip link add vl0 link v60 type vlan id 7
    ip link add iv0 link v61 type ipvlan
    for link in mv0 mt0 vl0 iv0; do
        ip link set "$link" netns "$BOX"
    done
}

box_has() {
    nsenter --target "$BOX" --net ip link show dev "$1"
}

plan_knows() {
    hostwright plan --format json | grep --extended-regexp "\"$1\": *\"$2\""
}

# Links leave that a process in another network namespace has something on; nothing here shows it.
boxes_leave() {
    local label='links of a process leave' link
    claim "$label: the guest runs" wait_until 120 domain_runs web1
    remember_what_is_used
    fill_box
    for link in mv0 mt0 vl0; do
        claim "$label: $link is seen" plan_knows "$link" v60
    done
    claim "$label: iv0 is seen" plan_knows iv0 v61
    write_spec "${PARTS[@]}"
    stays "$label"
    claim "$label: the plan names link and unit" says "$label" \
        'vlan v60 .*stays until the next boot: .(mv0|mt0|vl0). in the network namespace of .lab-box.service. is built on .v60.'
    claim "$label: the links are there" bash -c 'ip link show dev v60 up && ip link show dev v61 up'
    for link in mv0 mt0 vl0 iv0; do
        claim "$label: $link is there" box_has "$link"
    done
    claim "$label: status names it" status_says 'pending: vlan v60: link .v60. left the spec and stays until the next boot'
    systemctl stop lab-box
}

come() {
    ip link add come0 link v62 type macvtap mode bridge
}

# The question is answered when somebody has come.
answered_late() {
    { wait_until 60 grep --quiet 'apply this' "$OUT/asked.log" && come && echo y && sleep 30; } |
        script --quiet --return --flush --command 'hostwright apply' "$OUT/asked.log"
}

# The journal is there before the first step.
raced() {
    apply_in_background "$OUT/raced.log"
    local command=$!
    until [[ -e $JOURNAL ]]; do kill -0 "$command" || return 1; done
    come && wait "$command"
}

both_are_there() {
    ip link show dev v62 up && ip link show dev come0
}

# A link leaves that nobody is on when the plan is made, and somebody before it goes.
somebody_comes_meanwhile() {
    local label='somebody comes meanwhile' status=0
    write_spec "${PARTS[@]}" && printf '%s\n' '[vlan.v62]' 'id = 62' 'parent = "eth0"' '' >> "$SPEC"
    claim "$label: the link is made" apply
    write_spec "${PARTS[@]}"
    answered_late > "$OUT/answered.log" 2>&1 || status=$?
    claim_equal "$label, while the question stands: exit 5" "$status" 5
    claim "$label, while the question stands: it says why" grep 'the machine changed while the plan was shown' "$OUT/asked.log"
    claim "$label, while the question stands: both are there" both_are_there
    ip link delete come0
    status=0
    raced || status=$?
    claim_equal "$label, behind the plan: exit 4" "$status" 4
    claim "$label, behind the plan: it says why" grep 'delete link v62: come0 is built on it' "$OUT/raced.log"
    claim "$label, behind the plan: both are there" both_are_there
    ip link delete come0
    claim "$label: without it the link goes" apply
    claim "$label: it is gone" no_link v62
}

# Index, parent or master, MAC address and whether it is up; who holds them.
used() {
    local tap
    for tap in "$MACVTAP" "$VNET" ${TAP:+"$TAP"}; do
        ip -o link show dev "$tap" | sed -E 's/ (state|qlen|mtu|qdisc) [^ ]*//g; s/NO-CARRIER,//'
    done
    cat /run/libvirt/qemu/web1.pid
}

remember_what_is_used() {
    MACVTAP=$(tap_of direct)
    VNET=$(tap_of bridge)
    note "the guest has $MACVTAP and $VNET"
    used > "$STATES/used"
    virsh dumpxml web1 > "$LIVE"
}

everything_used_is_there() {
    diff "$STATES/used" <(used) && diff "$LIVE" <(virsh dumpxml web1)
}

# stays LABEL [ARGUMENT…]: a change is silent for BGP and leaves what is used
stays() {
    note "$1, plan:"
    hostwright plan "${@:2}" 2>&1 | tee "$OUT/plan-$BOOT-${1// /-}" | while IFS= read -r line; do note "$line"; done
    measured "$1" apply "${@:2}"
    claim "$1: guest, its taps and the foreign one are as before" everything_used_is_there
    claim "$1: nothing more is to be done" plan_is_empty
}

says() {
    grep --extended-regexp "$2" "$OUT/plan-$BOOT-${1// /-}"
}

stops_for() {
    local status=0
    hostwright plan > "$STATES/stopped" || status=$?
    test "$status" = 5 && grep --extended-regexp "$1" "$STATES/stopped"
}

status_says() {
    hostwright status | tee /dev/stderr | grep --extended-regexp "$1" > /dev/null
}

back() {
    measured "$1, rollback" roll_back "${@:2}"
    claim "$1, rollback: guest, its taps and the foreign one are as before" everything_used_is_there
    write_spec "${PARTS[@]}"
    claim "$1, rollback: nothing is to be done" plan_is_empty
}

link_leaves() {
    local label="$1, the link leaves"
    NETWORK=inside write_spec base bridge inside guest
    stays "$label"
    claim "$label: the plan names the guest that is on the link" says "$label" \
        "vlan v20 .*stays until the next boot: .$MACVTAP. of guest .web1. is built on .v20."
    claim "$label: the plan names the guest that is on the network" says "$label" \
        'network guests .*stays while guest .web1. is on it'
    claim "$label: the link is there" ip link show dev v20 up
    claim "$label: status names the link" status_says 'pending: vlan v20: link .v20. left the spec and stays until the next boot'
    claim "$label: status names the network" status_says \
        'pending: network guests: network .guests. left the spec and stays while guest .web1. is on it'
    claim "$label: a reload by hand leaves all" reload_by_hand
    claim "$label: guest and taps are there after it" everything_used_is_there
    back "$label"
}

network_moves() {
    local label="$1, the network moves"
    PARENT=eth0 write_spec base bridge inside network guest
    stays "$label"
    claim "$label: the link is there" ip link show dev v20 up
    claim "$label: the network waits for its next start" says "$label" 'network guests .*takes effect when the network starts next'
    claim "$label: status names the link" status_says 'pending: vlan v20: .*stays until the next boot'
    back "$label"
}

bridge_changes() {
    local label="$1, the bridge changes"
    AGEING=10min ADDRESS=10.50.0.3/24 PORT=v51 MTU=1400 write_bridge
    claim "$label: the plan stops, for others on it may lose their way" stops_for 'is a port of .br0., and may lose its way'
    stays "$label" --allow links
    claim "$label: it has its address" has_address br0 10.50.0.3/24
    claim "$label: it has its MTU" bash -c "ip link show dev br0 | grep 'mtu 1400'"
    claim "$label: it has its port" bash -c "ip link show dev v51 | grep 'master br0'"
    claim "$label: the port that it had is free" has_no_master v50
    claim "$label: networkd leaves it free" stays_free v50
    back "$label" --allow links
}

write_bridge() {
    { write_spec "${PARTS[@]}" && printf '%s\n' '' '[vlan.v51]' 'id = 51' 'parent = "eth0"' >> "$SPEC"; }
}

bridge_leaves() {
    local label="$1, the bridge leaves"
    NETWORK=guests write_spec base v20 network guest
    sed -i '/^\[domain.web1.interface.back\]/,$d' "$SPEC"
    stays "$label"
    claim "$label: the plan says who is on it" says "$label" 'bridge br0 .*stays until the next boot: .* is a port of .br0.'
    claim "$label: status names it" status_says 'pending: bridge br0: .*stays until the next boot'
    claim "$label: the plan says that its port stays with it" says "$label" \
        'vlan v50 .*stays until the next boot: .v50. is a port of .br0., which stays'
    claim "$label: it has its port" bash -c "ip link show dev v50 | grep 'master br0'"
    back "$label"
}

# Nothing in use comes back at the boot behind it, and the network goes when nobody is on it.
leave_for_good() {
    NETWORK=inside write_spec base bridge inside guest
    stays 'for good'
}

boot_4() {
    claim 'the BGP session is established at the end' wait_for_bgp
    claim 'the guest runs at the end' wait_until 120 domain_runs web1
    claim 'the link is gone' no_link v20
    claim 'the plan is to remove the network that nobody is on' plan_is_pending
    measured 'the rest' apply
    claim 'the network is gone' fails virsh net-info guests
    claim 'nothing is to be done at the end' plan_is_empty
    claim 'nothing is pending at the end' bash -c '! hostwright status | grep pending'
}
