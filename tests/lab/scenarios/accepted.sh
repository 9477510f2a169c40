# What goes is in use, and its removal is accepted for the boot: until then it stays, whatever else is applied
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=1200
CONTROL_SECONDS=30

spec_wide() {
    spec_base | sed 's|"192.0.2.2/24"|"192.0.2.2/24", "192.0.2.4/24"|'
}

# Without the address of the BGP session.
spec_narrow() {
    spec_base | sed 's|"192.0.2.2/24"|"192.0.2.4/24"|'
}

boot_1() {
    claim 'hostwright installs itself' install_hostwright
    systemctl enable --quiet bird
    write_spec wide
    claim 'the first apply succeeds' hostwright apply --at-boot --yes
    machine_reboot
}

boot_2() {
    local status=0
    claim 'the BGP session is established' wait_for_bgp
    control "$CONTROL_SECONDS"
    write_spec narrow
    hostwright plan > "$OUT/narrow.txt" 2>&1 || status=$?
    claim_equal 'what takes the address of a session stops the plan' "$status" 5
    measured 'accepted for the boot' apply --at-boot
    it_waits 'accepted for the boot'
    write_spec narrow storage
    measured 'the next change' apply
    it_waits 'the next change'
    claim 'the next change is done' wait_until 20 ping -c 1 -W 1 -I storage 10.0.42.1
    machine_reboot
}

# it_waits LABEL
it_waits() {
    claim "$1: the address stays" has_address eth0 192.0.2.2/24
    claim "$1: status says what waits" bash -c 'hostwright status | grep "^pending: nic eth0: "'
    claim "$1: nothing else is to be done" plan_is_empty
}

boot_3() {
    claim 'the other address is there' wait_until 60 has_address eth0 192.0.2.4/24
    claim 'behind the boot the address is gone' fails has_address eth0 192.0.2.2/24
    claim 'the storage VLAN answers behind the boot' wait_until 30 ping -c 1 -W 1 -I storage 10.0.42.1
    claim 'nothing waits any more' bash -c '! hostwright status | grep "^pending: "'
    claim 'nothing is to be done at the end' plan_is_empty
}
