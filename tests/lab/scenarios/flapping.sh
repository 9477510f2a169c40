# A full table that never stands still: an apply neither takes its churn for a loss nor misses what goes beyond it
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=3600
ROUTES=200000
FLAPS=80
ROUTER=192.0.2.3
RUN=/run/lab-router
FLAPPING=/var/lib/lab/flapping
OWN_LINKS=(storage v20)

spec_watched() {
    spec_base | sed 's/^watch = .*/watch = "90s"/'
}

boot_1() {
    claim 'hostwright installs itself' install_hostwright
    systemctl enable --quiet bird
    write_spec watched
    claim 'the first apply succeeds' hostwright apply --at-boot --yes
    peer_with_router
    machine_reboot
}

# The host's BIRD speaks with a second router, which has the table.
peer_with_router() {
    cat >> /etc/bird/bird.conf << END

protocol bgp second {
    local 192.0.2.2 as 64500;
    neighbor $ROUTER as 64502;
    connect retry time 5;
    error wait time 1, 5;
    ipv4 {
        import all;
        export none;
    };
}
END
}

boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    start_router
    claim "$ROUTES routes are in the kernel" wait_until 900 routes_are "$ROUTES"
    flap &
    flapper=$!
    sleep 5
    rate_of_flaps
    bgp_socket > "$STATES/socket"
    an_apply_is_no_loss
    what_goes_beyond_is
    kill "$flapper"
}

in_peer() {
    ip netns exec peer "$@"
}

# In a table of the router's kernel, which its BIRD learns from.
start_router() {
    mkdir -p "$RUN"
    in_peer ip address add "$ROUTER/24" dev eth1
    prefixes 0 "$ROUTES" | change add
    cat > "$RUN/bird.conf" << END
log stderr all;
router id $ROUTER;
ipv4 table flapping;
protocol device {
}
protocol kernel {
    kernel table 99;
    learn;
    scan time 3600;
    ipv4 {
        table flapping;
        import all;
        export none;
    };
}
protocol bgp host {
    local $ROUTER as 64502;
    strict bind yes;
    neighbor 192.0.2.2 as 64500;
    connect retry time 5;
    error wait time 1, 5;
    ipv4 {
        table flapping;
        next hop self;
        import none;
        export all;
    };
}
END
    in_peer bird -c "$RUN/bird.conf" -s "$RUN/bird.ctl" -P "$RUN/bird.pid"
}

# prefixes FIRST COUNT: from 20.0.0.0/24 on, spread over the table
prefixes() {
    awk "BEGIN { for (i = $1; i < $1 + $2; i++) { n = (i * 7) % $ROUTES
        printf \"%d.%d.%d.0/24\n\", 20 + int(n / 65536), int(n / 256) % 256, n % 256 } }"
}

# change VERB: what comes as prefixes, in the router's kernel
change() {
    sed "s|.*|route $1 blackhole & table 99|" | in_peer ip -batch -
}

routes_are() {
    local found
    found=$(ip -4 route show proto bird | wc -l)
    echo "$found"
    ((found >= $1))
}

# Others in each turn of about a second go, and come again half a second later.
flap() {
    trap - ERR
    local turn=0
    while prefixes $((turn * FLAPS)) "$FLAPS" > "$FLAPPING"; do
        change del < "$FLAPPING"
        sleep 0.4
        change add < "$FLAPPING"
        sleep 0.4
        turn=$((turn + 1))
    done
}

rate_of_flaps() {
    timeout 20 ip monitor route > "$STATES/flaps" || true
    local gone
    gone=$(grep --count '^Deleted 2[0-9]\.' "$STATES/flaps" || true)
    note "routes that go from the host's table in a second: $((gone / 20))"
    claim 'the table flaps' test $((gone / 20)) -ge 50
}

an_apply_is_no_loss() {
    local begin=$SECONDS
    write_spec watched storage guests
    claim 'an apply while the table flaps succeeds' with_executor apply
    note "the apply took $((SECONDS - begin)) s with 90 s of watching, its executor at most $(cat "$STATES/executor") KiB"
    claim 'its executor takes at most 64 MiB' executor_within 65536
    claim 'it watched' grep --quiet 'watching for' "$OUT/apply-$BOOT.log"
    claim 'the storage VLAN answers' wait_until 20 ping -c 1 -W 1 10.0.42.1
    claim 'the BGP sessions are the same sockets' same_socket
    claim 'nothing more is to be done' plan_is_empty
    claim "history tells of the table" bash -c 'hostwright history 2 | grep -E "routes of protocol 12 in table 254"'
}

# The guard sees what churn does not explain.
what_goes_beyond_is() {
    local status=0
    write_spec watched storage
    with_executor lose_routes || status=$?
    claim_equal 'two thousand routes lost: exit 4' "$status" 4
    claim 'two thousand routes lost: the report says so' grep --quiet 'taken back: .*lost: route .* and .* more' "$OUT/beyond.log"
    note "taking it back, its executor took at most $(cat "$STATES/executor") KiB"
    claim 'taking back, its executor takes at most 64 MiB' executor_within 65536
}

# Two thousand routes taken behind BIRD's back while an apply watches
lose_routes() {
    apply_in_background "$OUT/beyond.log"
    local command=$!
    wait_until 300 grep --quiet 'watching for' "$OUT/beyond.log"
    ip -4 route show proto bird | awk 'NR % 100 == 0 { print "route del " $1 " proto bird" }' | ip -force -batch - || true
    claim 'two thousand routes lost: it still watches' kill -0 "$command"
    wait "$command"
}
