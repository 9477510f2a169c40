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
    add_nexthop
    control 30
    write_spec base storage guests
    claim 'the plan says that networkd learns of it at the next boot' bash -c 'hostwright plan | grep "at the next boot"'
    measured 'apply' apply
    claim 'the nexthop of others is there' bash -c 'ip nexthop show | grep "id 12"'
    claim 'the storage VLAN answers by its name' wait_until 20 ping -c 1 -W 1 -I storage 10.0.42.1
    claim 'networkd was not told' bash -c '! ls /run/systemd/network/*storage*'
    claim 'nothing is pending after the apply' plan_is_empty
    delete_nexthop
    kernel_state "$STATES/live"
    machine_reboot
}

add_nexthop() {
    ip nexthop add id 12 via 192.0.2.1 dev eth0 protocol zebra && ip route add 198.18.0.0/24 nhid 12 protocol zebra
}

delete_nexthop() {
    ip route delete 198.18.0.0/24 && ip nexthop delete id 12
}

boot_3() {
    claim 'the BGP session is established after the boot' wait_for_bgp
    claim 'the storage VLAN answers after the boot' wait_until 30 ping -c 1 -W 1 -I storage 10.0.42.1
    kernel_state "$STATES/booted"
    same_kernel_state "$STATES/live" "$STATES/booted" 'the kernel state is the same after the boot'
    claim 'networkd has loaded it now' bash -c 'networkctl status storage | grep 10-hostwright-storage.network'
    claim 'nothing is pending at the end' plan_is_empty
    unread_file
    neighbor_of_others
    forgotten_at_a_restart
}

# Somebody writes a drop-in for the uplink and does not say so to networkd: the next reload, whoever asks for it, brings it.
unread_file() {
    local drop_ins=/etc/systemd/network/10-hostwright-eth0.network.d
    mkdir -p "$drop_ins" && printf '%s\n' '[Network]' 'Address=192.0.2.77/24' > "$drop_ins/50-somebody.conf"
    write_spec base storage guests && sed -i 's|10.0.42.2/24|10.0.42.3/24|' "$SPEC"
    stops_at "$drop_ins/50-somebody.conf" 'a file that networkd has not read'
    systemctl reload systemd-networkd && wait_for_networkd
    claim 'a reload brought what it says' wait_until 10 has_address eth0 192.0.2.77/24
    claim 'then the plan may tell networkd of another link' hostwright plan
    rm "$drop_ins/50-somebody.conf"
    stops_at "$drop_ins" 'a file that is gone'
    systemctl reload systemd-networkd && wait_for_networkd
    claim 'then the apply succeeds' apply
    claim 'it did what it says' has_address storage 10.0.42.3/24
}

# stops_at PATH WHAT: the plan stops before its first step and names it
stops_at() {
    local status=0
    hostwright plan > "$OUT/unread.txt" 2>&1 || status=$?
    claim_equal "$2 stops the plan" "$status" 5
    claim "$2 is named" grep --fixed-strings "$1 changed since" "$OUT/unread.txt"
}

# FRR writes permanent neighbors for sessions without addresses of their own, and routes lead through them.
neighbor_of_others() {
    local neighbor=(10.0.42.99 lladdr 02:00:00:00:00:99 dev storage nud permanent) status=0
    ip neighbor replace "${neighbor[@]}"
    touch /run/systemd/network/10-hostwright-storage.network
    networkctl reload && wait_for_networkd
    claim 'a reload deletes a neighbor of others' wait_until 10 has_no_neighbor
    ip neighbor replace "${neighbor[@]}"
    sed -i 's|10.0.42.3/24|10.0.42.4/24|' "$SPEC"
    hostwright plan > "$OUT/neighbor.txt" 2>&1 || status=$?
    claim_equal 'a neighbor of others stops the plan' "$status" 5
    claim 'the neighbor is why' grep --fixed-strings 'deletes permanent neighbors' "$OUT/neighbor.txt"
    claim 'once it is agreed to, the apply succeeds' apply --allow routes
    claim 'it did what it says, too' has_address storage 10.0.42.4/24
    claim 'the neighbor is there again' fails has_no_neighbor
}

has_no_neighbor() {
    [[ -z $(ip neighbor show 10.0.42.99 dev storage nud permanent) ]]
}

# networkd was not told that a link went, and has files from which it would make that again as it starts.
forgotten_at_a_restart() {
    ip neighbor delete 10.0.42.99 dev storage
    add_nexthop
    write_spec base guests
    claim 'a link that networkd has loaded goes without its knowledge' apply
    claim 'its files stay' ls /run/systemd/network/10-hostwright-storage.netdev
    delete_nexthop
    claim 'a restart of networkd that is watched succeeds' hostwright networkd restart
    claim 'the link does not come back' no_link storage
    claim 'nor do its files stay' fails ls /run/systemd/network/10-hostwright-storage.netdev
    claim 'nothing is to be done behind the restart' plan_is_empty
}
