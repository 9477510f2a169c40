# The other end of the matrix: a switch behind wires that can go down, a station with BIRD, for FRR a second one with FRR
# shellcheck shell=bash disable=SC2034,SC2154

set_up_peer() {
    local station=switch
    in_peer ip link delete eth1.42
    in_peer ip address flush dev eth1
    in_peer ip link add switch type bridge
    wire up0
    wire up1
    wire up2
    in_peer ip link set peer-up0 master switch
    [[ $UPLINK == plain ]] || in_peer ip link set peer-up1 master switch
    in_peer ip link add link switch name switch.42 type vlan id 42
    in_peer ip link set switch up
    in_peer ip link set switch.42 up
    if [[ $UPLINK == vlan ]]; then
        station=switch.7
        in_peer ip link add link switch name "$station" type vlan id 7
        in_peer ip link set "$station" up
    fi
    in_peer ip address add 192.0.2.1/24 dev "$station"
    in_peer ip address add 2001:db8:7::1/64 dev "$station" nodad
    in_peer ip address add 10.0.42.1/24 dev switch.42
    case $DAEMON in
        bird*) start_bird_of_ipv6 ;;
        frr*) second_station ;;
    esac
}

# The station's BIRD speaks IPv4; another of it, beside, IPv6.
start_bird_of_ipv6() {
    cat > "$run/six.conf" << 'END'
router id 192.0.2.1;
protocol device { }
protocol static { ipv6; route 2001:db8:99::/48 blackhole; route 2001:db8:98::/48 blackhole; }
protocol bgp host {
    local 2001:db8:7::1 as 64501;
    strict bind yes;
    neighbor 2001:db8:7::2 as 64500;
    connect delay time 1;
    connect retry time 5;
    error wait time 1, 5;
    ipv6 { import all; export where source = RTS_STATIC; };
}
END
    in_peer bird -c "$run/six.conf" -s "$run/six.ctl" -P "$run/six.pid"
}

in_second() {
    ip netns exec peer2 "$@"
}

# It announces what the first one does, over a session without numbers.
second_station() {
    local link=second
    ip netns add peer2
    in_peer ip link add port-second type veth peer name second netns peer2
    in_peer ip link set port-second master switch up
    in_second ip link set lo up
    in_second ip link set second up
    if [[ $UPLINK == vlan ]]; then
        link=second.7
        in_second ip link add link second name "$link" type vlan id 7
        in_second ip link set "$link" up
    fi
    in_second ip address add 192.0.2.3/24 dev "$link"
    in_second ip link add announced type dummy
    in_second ip link set announced up
    in_second ip address add 198.51.100.1/24 dev announced
    start_second_frr "$link"
}

start_second_frr() {
    local state=/run/frr/peer2 settings=/etc/frr/peer2 daemon
    mkdir -p "$state" "$settings"
    touch "$settings/zebra.conf"
    printf '%s\n' 'log syslog informational' 'router bgp 64502' ' bgp log-neighbor-changes' \
        ' bgp router-id 192.0.2.3' ' no bgp ebgp-requires-policy' ' no bgp network import-check' \
        ' timers bgp 3 9' " neighbor $1 interface remote-as 64500" " neighbor $1 timers connect 2" ' address-family ipv4 unicast' '  network 198.51.100.0/24' \
        '  network 203.0.113.0/24' '  network 10.99.1.0/24' '  network 10.99.2.0/24' > "$settings/bgpd.conf"
    chown -R frr:frr /run/frr "$settings"
    for daemon in zebra bgpd; do
        in_second "/usr/lib/frr/$daemon" -d -N peer2 -f "$settings/$daemon.conf"
    done
}
