# Every kind of link: made live they do what their kind should, are silent for BGP, and are the same after a boot
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=1800
CONTROL_SECONDS=30
OWN_LINKS=(lan2 lan3 lan4 bond0 br0 br1 v10 v20 v30 v40 v50 v99 host30 tap30 blue anycast)

# Two cards to an LACP partner with VLANs, one to a router that advertises itself and answers DHCP.
set_up_peer() {
    wire lan2
    wire lan3
    wire lan4
    in_peer ip link add agg address 02:00:00:00:02:99 type bond mode 802.3ad lacp_rate fast miimon 50
    local card
    for card in lan2 lan3; do
        in_peer ip link set "peer-$card" down
        in_peer ip link set "peer-$card" master agg
    done
    in_peer ip link set agg up
    in_peer ip address add 10.1.10.1/24 dev agg
    in_peer ip address add 10.77.0.1/32 dev announced
    in_peer ip route add 192.0.2.153/32 via 192.0.2.2
    for card in 20 30 40 99; do
        in_peer ip link add "agg.$card" link agg type vlan id "$card"
        in_peer ip link set "agg.$card" up
        in_peer ip address add "10.1.$card.1/24" dev "agg.$card"
    done
    in_peer ip address add 10.2.0.1/24 dev peer-lan4
    in_peer ip address add 2001:db8:2::1/64 dev peer-lan4 nodad
    # Who does not forward says so in its neighbor advertisements, and is nobody's default router from then on.
    in_peer sysctl -q -w net.ipv6.conf.peer-lan4.forwarding=1
    in_peer dnsmasq --interface=peer-lan4 --bind-interfaces --port=0 --enable-ra --leasefile-ro \
        --dhcp-range=10.2.0.50,10.2.0.60,1h --dhcp-range=2001:db8:2::50,2001:db8:2::60,64,1h \
        --pid-file=/run/lab-peer/dnsmasq.pid
}

# Rules and routes that lead nowhere belong to no link: the measuring would take their removal for a loss.
spec_links_without_rules() {
    spec_links | sed '/^rules = /d; /type = "unreachable"/d'
}

spec_links() {
    cat << 'END'
[nic.lan2]
match = { mac = "02:00:00:00:01:01" }

[nic.lan3]

[nic.lan4]
dhcp = "yes"
ipv6-accept-ra = true
dns = ["10.2.0.1"]

[bond.bond0]
mode = "802.3ad"
ports = ["lan2", "lan3"]
lacp-transmit-rate = "fast"
mii-monitor-sec = "50ms"

[bridge.br0]
ports = ["bond0"]
vlan-filtering = true

[bridge.br0.port.bond0]
vlans = ["20-40"]
pvid = 10

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
    { to = "10.97.0.0/16", via = "10.1.20.1", preferred-source = "192.0.2.2" },
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
addresses = ["10.1.30.3/24"]

[vlan.v40]
id = 40
parent = "br0"
addresses = ["10.1.40.2/24"]
routes = [{ to = "default", via = "10.1.40.1" }]

[vrf.blue]
table = 1000
ports = ["v40"]

[vlan.v50]
id = 50
parent = "br0"

[bridge.br1]
ports = ["v50"]

[vlan.v99]
id = 99
parent = "br0"
addresses = ["10.1.99.2/24"]

[dummy.anycast]
addresses = ["192.0.2.153/32"]

END
}

boot_1() {
    first_apply
    machine_reboot
}

boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    claim 'nothing is pending after the boot' plan_is_empty
    control "$CONTROL_SECONDS"
    write_spec base links
    note 'plan:'
    hostwright plan | tee "$OUT/plan" | while IFS= read -r line; do note "$line"; done
    measured 'apply' apply
    claim 'networkd understood everything' networkd_is_content_since apply
    links_work
    a_port_is_pulled
    links_are_the_same "$STATES/live"
    claim 'nothing is pending after the apply' plan_is_empty
    measured 'networkd killed' kill_networkd
    links_are_the_same "$STATES/killed"
    same_kernel_state "$STATES/live" "$STATES/killed" 'the kernel state is the same after networkd was killed'
    machine_reboot
}

boot_3() {
    claim 'the BGP session is established after the boot' wait_for_bgp
    claim 'every link is configured' wait_until 60 all_configured
    claim 'networkd understood everything at boot' \
        fails bash -c 'journalctl --boot --unit=systemd-networkd --output=cat | grep -E "Unknown|ignoring|Failed"'
    links_work
    links_are_the_same "$STATES/booted"
    same_kernel_state "$STATES/live" "$STATES/booted" 'the kernel state is the same after the boot'
    claim 'nothing is pending after the boot with links' plan_is_empty
    control "$CONTROL_SECONDS"
    a_port_leaves
    write_spec base links_without_rules
    claim 'rules and routes go' apply
    write_spec base
    measured 'removal' apply_at_boot
    claim 'removal: the made links are gone' no_made_links
}

apply_at_boot() {
    apply --at-boot
}

# Leases and advertised addresses end at different times.
links_are_the_same() {
    wait_until 30 bond_has_both_ports || true
    kernel_state "$1"
}

links_work() {
    claim 'bond: LACP has both ports' wait_until 60 bond_has_both_ports
    claim 'bridge: the VLAN without a tag passes' wait_until 20 ping -c 1 -W 1 -I v10 10.1.10.1
    claim 'bridge: a VLAN with its tag passes' wait_until 20 ping -c 1 -W 1 -I v20 10.1.20.1
    claim_fails 'bridge: a VLAN that the port is not given does not pass' ping -c 3 -W 1 -I v99 10.1.99.1
    claim 'macvlan talks' wait_until 20 ping -c 1 -W 1 -I host30 10.1.30.1
    claim 'macvtap talks' wait_until 20 ping -c 1 -W 1 -I tap30 10.1.30.1
    claim 'VRF: its default route leads' wait_until 20 ping -c 1 -W 1 -I blue 10.77.0.1
    claim_fails 'VRF: its routes are nobody else'"'"'s' bash -c 'ip route show table main | grep 10.1.40.1'
    claim 'dummy: its address answers the peer' ip netns exec peer ping -c 1 -W 2 192.0.2.153
    claim 'rule: it leads to its table' bash -c 'ip route get 10.98.1.1 from 10.1.20.2 | grep "table 200"'
    claim 'DHCP: there is a lease' wait_until 60 bash -c 'ip -4 address show dev lan4 | grep 10.2.0.5'
    claim 'RA: there is an address' wait_until 60 bash -c 'ip -6 address show dev lan4 | grep "2001:db8:2:"'
    claim 'neighbor: it is permanent' bash -c 'ip neighbor show dev v10 | grep "10.1.10.9 .*PERMANENT"'
}

# A port counts when it sends: LACP takes a moment longer than the aggregate to say so.
bond_has_both_ports() {
    test "$(sed -n 's/^\tNumber of ports: //p' /proc/net/bonding/bond0)" = 2 &&
        test "$(cat /sys/class/net/lan[23]/bonding_slave/state | grep --count active)" = 2
}

a_port_is_pulled() {
    ip -netns peer link set peer-lan2 down
    claim 'bond: with one port pulled traffic goes on' wait_until 10 ping -c 1 -W 1 -I v20 10.1.20.1
    ip -netns peer link set peer-lan2 up
    claim 'bond: the port comes back' wait_until 60 bond_has_both_ports
}

# networkd has loaded the port with its master at the boot.
a_port_leaves() {
    write_spec base links_without_a_port
    measured 'a port leaves' apply
    claim 'a port leaves: it is free' has_no_master v50
    claim 'a port leaves: networkd leaves it free' stays_free v50
    claim 'a port leaves: nothing more is to be done' plan_is_empty
}

spec_links_without_a_port() {
    spec_links | sed 's/^ports = \["v50"\]/ports = []/'
}

no_made_links() {
    local link
    for link in bond0 br0 br1 v10 v20 v30 v40 v50 v99 host30 tap30 blue anycast; do
        no_link "$link" || return 1
    done
}
