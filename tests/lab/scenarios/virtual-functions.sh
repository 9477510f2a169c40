# Virtual functions of a card: there after a boot as the spec says, with traffic in their VLAN, and never touched before one
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
NEEDS_IGB=yes
LIMIT=2700
CONTROL_SECONDS=30
OWN_LINKS=(fast0 vf0 vf1)

# The wire carries VLANs for the functions beside the uplink's own frames.
set_up_peer() {
    local id
    for id in 30 31; do
        in_peer ip link add link eth1 name "eth1.$id" type vlan id "$id"
        in_peer ip link set "eth1.$id" up
        in_peer ip address add "10.3.$id.1/24" dev "eth1.$id"
    done
    in_peer ip address add 10.3.0.1/24 dev eth1
}

spec_card() {
    cat << 'END'
[nic.fast0]
match = { mac = "02:00:00:00:00:03" }
rename = true
vfs = 2

[nic.fast0.vf.0]
vlan = 30
mac = "02:00:00:00:03:00"
trust = true
spoof-check = false

[nic.fast0.vf.1]
mac = "02:00:00:00:03:01"
trust = false
spoof-check = true

END
}

spec_functions() {
    cat << 'END'
[nic.vf0]
match = { path = "pci-0000:01:10.0" }
rename = true
addresses = ["10.3.30.2/24", "10.3.31.2/24"]
pf = "fast0"

[nic.vf1]
match = { path = "pci-0000:01:10.2" }
rename = true
addresses = ["10.3.0.2/24"]
pf = "fast0"

END
}

spec_pool() {
    cat << 'END'
[network.fast]
sr-iov = { pf = "fast0", vlan = 40 }

END
}

spec_more_functions() {
    spec_card | sed 's/^vfs = 2$/vfs = 4/; s/^vlan = 30$/vlan = 31/'
}

# On one wire every card of a host answers for all its addresses unless it is told not to.
boot_1() {
    echo 'net.ipv4.conf.all.arp_ignore = 1' > /etc/sysctl.d/lab.conf
    first_apply
    machine_reboot
}

boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    note "the card is $(card_now)"
    control "$CONTROL_SECONDS"
    write_spec base card functions pool
    note_plan
    claim_equal 'what only a boot brings stops the plan' "$(exit_of apply)" 5
    measured 'accepted for the boot' apply_at_boot
    claim 'nothing is pending after it was accepted' plan_is_empty
    claim 'status says what waits for the boot' bash -c 'hostwright status | grep "^pending: nic fast0: "'
    machine_reboot
}

boot_3() {
    claim 'the BGP session is established after the boot' wait_for_bgp
    the_card_is_as_written 30
    claim_equal 'there are two functions' "$(functions)" 2
    functions_talk 30
    pool_is_there 2
    understood
    claim 'nothing is pending after the boot' plan_is_empty
    kernel_state "$STATES/first"
    machine_reboot
}

boot_4() {
    claim 'the BGP session is established after another boot' wait_for_bgp
    the_card_is_as_written 30
    functions_talk 30
    understood
    kernel_state "$STATES/second"
    same_kernel_state "$STATES/first" "$STATES/second" 'the kernel state is the same after another boot'
    control "$CONTROL_SECONDS"
    write_spec base more_functions functions pool
    note_plan
    functions_are_in_use 'a change of virtual functions' apply
    claim 'nothing is pending after the change' plan_is_empty
    claim 'status says that the change waits for the boot' bash -c 'hostwright status | grep "^pending: nic fast0: "'
    functions_are_in_use 'udev finds the card again' udevadm trigger --action=add --settle /sys/class/net/fast0
    machine_reboot
}

boot_5() {
    claim 'the BGP session is established after the last boot' wait_for_bgp
    claim_equal 'there are four functions' "$(functions)" 4
    the_card_is_as_written 31
    functions_talk 31
    pool_is_there 4
    understood
    claim 'nothing is pending after the last boot' plan_is_empty
    control "$CONTROL_SECONDS"
    write_spec base
    measured 'removal' apply_at_boot
    claim_fails 'the network of functions is gone' virsh net-info fast
}

apply_at_boot() {
    apply --at-boot
}

# A plan that stops is shown as well.
note_plan() {
    note 'plan:'
    { hostwright plan || true; } | tee "$OUT/plan-$BOOT" | while IFS= read -r line; do note "$line"; done
}

exit_of() {
    local status=0
    "$@" > /dev/null 2>&1 || status=$?
    echo "$status"
}

card_now() {
    ip -o link | grep 02:00:00:00:00:03 | cut -d: -f2
}

functions() {
    cat /sys/class/net/fast0/device/sriov_numvfs
}

# function_says NUMBER WORDS: the line of the card's function has them
function_says() {
    ip link show fast0 | grep --extended-regexp "^ *vf $1 .*$2"
}

the_card_is_as_written() {
    ip link show fast0 > "$OUT/card-$BOOT" || true
    claim 'function 0 has its MAC address' function_says 0 '02:00:00:00:03:00'
    claim 'function 0 has its VLAN' function_says 0 "vlan $1,"
    claim 'function 0 is trusted' function_says 0 'trust on'
    claim 'function 0 is not checked for spoofing' function_says 0 'spoof checking off'
    claim 'function 1 has its MAC address' function_says 1 '02:00:00:00:03:01'
    claim_fails 'function 1 has no VLAN' function_says 1 'vlan'
    claim 'function 1 is not trusted' function_says 1 'trust off'
    claim 'function 1 is checked for spoofing' function_says 1 'spoof checking on'
}

functions_talk() {
    local other=$((61 - $1))
    claim 'every link is configured' wait_until 60 all_configured
    claim 'function 0 has a netdev with its MAC address' has_mac vf0 02:00:00:00:03:00
    claim 'function 1 has a netdev with its MAC address' has_mac vf1 02:00:00:00:03:01
    claim 'a function without a VLAN talks' wait_until 20 ping -c 1 -W 1 -I vf1 10.3.0.1
    claim 'the peer knows it by its MAC address' peer_knows 10.3.0.2 02:00:00:00:03:01
    claim 'a function talks in its VLAN' wait_until 20 ping -c 1 -W 1 -I vf0 "10.3.$1.1"
    claim 'its frames come to the peer with the tag' peer_knows "10.3.$1.2" 02:00:00:00:03:00
    claim_fails 'a function does not talk in another VLAN' ping -c 3 -W 1 -I vf0 "10.3.$other.1"
}

has_mac() {
    test "$(cat "/sys/class/net/$1/address")" = "$2"
}

peer_knows() {
    ip -netns peer neighbor show "$1" | grep "lladdr $2"
}

pool_is_there() {
    claim 'the network of functions is active' wait_until 60 bash -c 'virsh net-info fast | grep "^Active: *yes"'
    claim_equal 'libvirt found the functions' "$(virsh net-dumpxml fast | grep --count '<address type=.pci.')" "$1"
}

understood() {
    claim 'networkd understood everything at boot' \
        fails bash -c 'journalctl --boot --unit=systemd-networkd --output=cat | grep -E "Unknown|ignoring|Failed"'
    claim 'udev understood everything at boot' \
        fails bash -c 'journalctl --boot --unit=systemd-udevd --output=cat | grep -E "Unknown|ignoring|Failed|Could not"'
}

# functions_are_in_use LABEL COMMAND…: no packet of a function is lost, and it is the same function
functions_are_in_use() {
    local label=$1 before
    before=$(functions) && shift
    ping -i 0.2 -I vf0 10.3.30.1 > "$OUT/ping-vf0-$BOOT" &
    local pinging=$!
    measured "$label" "$@"
    kill -INT "$pinging"
    wait "$pinging" || true
    note "$label: function 0: $(grep transmitted "$OUT/ping-vf0-$BOOT")"
    claim "$label: function 0 goes on" grep --extended-regexp ' [012](\.[0-9]+)?% packet loss' "$OUT/ping-vf0-$BOOT"
    claim_equal "$label: as many functions as before" "$(functions)" "$before"
    claim "$label: function 0 keeps its VLAN" function_says 0 'vlan 30,'
}
