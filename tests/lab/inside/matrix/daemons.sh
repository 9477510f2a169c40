# The host's routing daemon in the matrix
# shellcheck shell=bash disable=SC2034,SC2154

start_daemon() {
    case $DAEMON in
        bird*) configure_bird && systemctl enable --quiet bird ;;
        frr*) configure_frr && systemctl enable --quiet frr ;;
    esac
}

restart_daemon() {
    case $DAEMON in
        bird*) systemctl restart bird ;;
        frr*) systemctl restart frr ;;
    esac
}

# bird_protocol NAME FAMILY LOCAL PEER
bird_protocol() {
    cat << END
protocol bgp $1 {
    ${VRF:+vrf \"$VRF\";}
    local $3 as 64500;
    neighbor $4 as 64501;
    connect delay time 1;
    connect retry time 5;
    error wait time 1, 5;
    $2 { import all; export where source = RTS_STATIC; };
}
END
}

configure_bird() {
    local in_vrf=${VRF:+vrf \"$VRF\"; } table=${VRF:+kernel table $TABLE; }
    {
        cat << END
log syslog all;
router id 192.0.2.2;
protocol device { }
protocol static { ${in_vrf}ipv4; route 10.64.0.0/16 blackhole; }
protocol kernel { ${in_vrf}${table}ipv4 { import none; export all; }; }
protocol kernel { ${in_vrf}${table}ipv6 { import none; export all; }; }
END
        bird_protocol uplink ipv4 192.0.2.2 192.0.2.1
        bird_protocol six ipv6 2001:db8:7::2 2001:db8:7::1
    } > /etc/bird/bird.conf
}

configure_frr() {
    sed -i 's/^bgpd=no/bgpd=yes/' /etc/frr/daemons
    {
        [[ $DAEMON == frr ]] || echo 'no zebra nexthop kernel enable'
        printf '%s\n' 'log syslog informational' 'ip route 10.64.0.0/16 blackhole' 'router bgp 64500' \
            ' bgp router-id 192.0.2.2' ' bgp log-neighbor-changes' ' no bgp ebgp-requires-policy' \
            ' timers bgp 3 9' ' bgp bestpath as-path multipath-relax' \
            ' neighbor 192.0.2.1 remote-as 64501' ' neighbor 192.0.2.1 timers connect 2' \
            " neighbor $UP interface remote-as 64502" " neighbor $UP timers connect 2"
    } > /etc/frr/frr.conf
}

# FRR knows two ways to the same destination.
has_both_ways() {
    (($(ip route show 198.51.100.0/24 | grep --count 'nexthop via') == 2))
}

has_route() {
    ip route show table "$TABLE" | grep --quiet "^$1 "
}

# All sessions, a route, the one without a device, and what else the daemon has.
is_up() {
    (($(bgp_socket | wc -l) == 2)) && has_route 198.51.100.0/24 && has_route 'blackhole 10.64.0.0/16' || return 1
    case $DAEMON in
        bird*) ip -6 route show table "$TABLE" | grep --quiet '^2001:db8:99::/48 ' ;;
        frr) ip nexthop show | grep --quiet group && has_both_ways ;;
        # What goes to the session without numbers leaves by a neighbor of zebra's own.
        frr-plain) has_both_ways && ip neighbor show 169.254.0.1 nud permanent | grep --quiet . ;;
    esac
}

# What a cell before has lost comes back by itself, or with a restart of the daemon. A rule of nobody known is there, too.
recovered() {
    ip rule show | grep --quiet 203.0.113.77 || ip rule add pref 3000 from 203.0.113.77 lookup main protocol 251
    wait_until 15 is_up || { note 'the daemon is started anew' && restart_daemon && wait_until 60 is_up; }
}
