# Where a reload of networkd would do harm it is not told: addresses over netlink, networkd's files at the next boot
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=1200

boot_1() {
    first_apply
    machine_reboot
}

# A nexthop object of somebody else, as FRR's zebra makes them: a reload would delete it on 252.
boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    ip nexthop add id 12 via 192.0.2.1 dev eth0 protocol zebra
    ip route add 198.18.0.0/24 nhid 12 protocol zebra
    control 30
    write_spec base storage guests
    claim 'the plan says that networkd learns of it at the next boot' bash -c 'hostwright plan | grep "at the next boot"'
    measured 'apply' apply
    claim 'the nexthop of others is there' bash -c 'ip nexthop show | grep "id 12"'
    claim 'the storage VLAN answers by its name' wait_until 20 ping -c 1 -W 1 -I storage 10.0.42.1
    claim 'networkd was not told' bash -c '! ls /run/systemd/network/*storage*'
    claim 'nothing is pending after the apply' plan_is_empty
    ip route delete 198.18.0.0/24
    ip nexthop delete id 12
    kernel_state "$STATES/live"
    machine_reboot
}

boot_3() {
    claim 'the BGP session is established after the boot' wait_for_bgp
    claim 'the storage VLAN answers after the boot' wait_until 30 ping -c 1 -W 1 -I storage 10.0.42.1
    kernel_state "$STATES/booted"
    same_kernel_state "$STATES/live" "$STATES/booted" 'the kernel state is the same after the boot'
    claim 'networkd has loaded it now' bash -c 'networkctl status storage | grep 10-hostwright-storage.network'
    claim 'nothing is pending at the end' plan_is_empty
}
