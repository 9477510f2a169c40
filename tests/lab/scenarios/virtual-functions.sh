# Virtual functions of a card: there after a boot as the spec says, handed out by a network, and never touched before one
#
# The emulated card lets its functions carry no traffic: its PF answers no message of theirs, however they are made. What
# they do with VLAN, MAC address and trust is the card's; here it is shown that the card was told.
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
NEEDS_IGB=yes
LIMIT=2700
CONTROL_SECONDS=30
OWN_LINKS=(fast0)

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

spec_pool() {
    cat << 'END'
[network.fast]
sr-iov = { pf = "fast0", vlan = 40 }

END
}

spec_more_functions() {
    spec_card | sed 's/^vfs = 2$/vfs = 4/; s/^vlan = 30$/vlan = 31/'
}

spec_other_vlan() {
    spec_card | sed 's/^vlan = 30$/vlan = 32/'
}

boot_1() {
    first_apply
    machine_reboot
}

boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    note "the card is $(card_now)"
    control "$CONTROL_SECONDS"
    write_spec base card pool
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
    claim 'every link is configured' wait_until 60 all_configured
    pool_is_there 2
    understood
    claim 'nothing is pending after the boot' plan_is_empty
    state_without_functions "$STATES/first"
    machine_reboot
}

boot_4() {
    claim 'the BGP session is established after another boot' wait_for_bgp
    the_card_is_as_written 30
    claim 'every link is configured' wait_until 60 all_configured
    understood
    state_without_functions "$STATES/second"
    same_kernel_state "$STATES/first" "$STATES/second" 'the kernel state is the same after another boot'
    control "$CONTROL_SECONDS"
    functions_are_told
    write_spec base more_functions pool
    note_plan
    functions_stay 'a change of virtual functions' apply
    claim 'nothing is pending after the change' plan_is_empty
    claim 'status says that the change waits for the boot' bash -c 'hostwright status | grep "^pending: nic fast0: "'
    functions_stay 'udev finds the card again' udevadm trigger --action=add --settle /sys/class/net/fast0
    machine_reboot
}

boot_5() {
    claim 'the BGP session is established after the last boot' wait_for_bgp
    claim_equal 'there are four functions' "$(functions)" 4
    the_card_is_as_written 31
    claim 'every link is configured' wait_until 60 all_configured
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

# state_without_functions FILE: nobody gave the functions' own cards a name or an address
state_without_functions() {
    kernel_state "$1" && sed --in-place '/ eth[1-9] /d' "$1"
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

# What changes for a function alone can be told to the card at once, and taken back, where no network hands it out.
functions_are_told() {
    write_spec base other_vlan pool
    functions_stay 'a change of a function that a network hands out' apply --allow links
    claim 'it is rolled back' roll_back
    write_spec base card
    claim 'the network goes' apply
    write_spec base other_vlan
    note_plan
    measured 'functions are told' apply --allow links
    claim 'function 0 has another VLAN at once' function_says 0 'vlan 32,'
    claim 'nothing waits for a boot' plan_is_empty
    claim 'udev finds the card again' udevadm trigger --action=add --settle /sys/class/net/fast0
    claim 'function 0 keeps its other VLAN' function_says 0 'vlan 32,'
    claim 'an apply that is killed behind it' fails env HOSTWRIGHT_KILL_AFTER_STEP=2 hostwright rollback --yes --allow links
    claim 'is taken back' wait_until 60 function_says 0 'vlan 32,'
    claim 'and nothing is under way' wait_until 60 nothing_under_way
    measured 'rolled back' roll_back --allow links
    claim 'function 0 has its VLAN again' function_says 0 'vlan 30,'
}

# functions_stay LABEL COMMAND…: they are as many as before and as they were, and nothing else is disturbed
functions_stay() {
    local label=$1 before
    before=$(functions) && shift
    measured "$label" "$@"
    claim_equal "$label: as many functions as before" "$(functions)" "$before"
    claim "$label: function 0 keeps its VLAN" function_says 0 'vlan 30,'
}
