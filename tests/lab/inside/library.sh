# What every scenario has at hand: claims, waiting, the ends of a boot, BGP, pictures of the kernel's state
# shellcheck shell=bash disable=SC2034,SC2154

INSIDE=/lab/in/inside
OUT=/lab/out

say() {
    echo "$*" >> "$OUT/claims"
    echo "lab: $*"
}

note() {
    say "     $*"
}

say_ok() {
    say "ok   $1"
}

say_failed() {
    say "FAIL $1: $2"
}

# Many lines would hide the claim: the beginning and the end tell most.
shortened() {
    awk '{ line[NR] = $0 } END { for (i = 1; i <= NR; i++) {
        if (i <= 20 || i > NR - 25) print (i > 1 ? "          " : "") substr(line[i], 1, 400)
        else if (i == 21) print "          […]"
    } }'
}

# claim TEXT COMMAND…: ok if the command succeeds. A failed claim does not end the scenario. As in every condition, bash
# goes on after a failure inside a function that is claimed: join its steps with &&.
claim() {
    local text=$1 seen status=0
    shift
    seen=$("$@" 2>&1) || status=$?
    if ((status == 0)); then
        say_ok "$text"
    else
        say_failed "$text" "exit $status from \"$*\": $(shortened <<< "$seen")"
    fi
}

# claim_fails TEXT COMMAND…: ok if the command does not succeed
claim_fails() {
    local text=$1
    shift
    claim "$text" fails "$@"
}

fails() {
    if "$@"; then
        echo 'it succeeded'
        return 1
    fi
}

claim_equal() {
    claim "$1" test "$2" = "$3"
}

wait_until() {
    local limit=$((SECONDS + $1))
    shift
    until "$@" > /dev/null 2>&1; do
        if ((SECONDS >= limit)); then
            echo "not within its time: $*"
            return 1
        fi
        sleep 0.5
    done
}

# The last step of a boot, all three: nothing after them runs.
machine_reboot() {
    note 'reboot'
    echo "rebooting $BOOT" > "$OUT/state"
    trap - ERR
    systemctl reboot --no-block
    exit 0
}

# As if the power had gone: nothing is synced, nothing is stopped.
machine_reset() {
    note 'reset'
    echo "rebooting $BOOT" > "$OUT/state"
    echo 1 > /proc/sys/kernel/sysrq
    echo b > /proc/sysrq-trigger
    sleep 60
}

# wire on|off: the carrier of the uplink, within a second or two
wire() {
    echo "$1" > "$OUT/wire"
}

first_boot() {
    mkdir -p /var/lib/lab
    install -D --mode=644 "$INSIDE/bird-host.conf" /etc/bird/bird.conf
    rm -f /etc/systemd/network/*
}

bgp_established() {
    birdc show protocols | grep --quiet --extended-regexp '^uplink .* Established'
}

# A session is known by its socket: a new one has another inode and another cookie.
bgp_socket() {
    python3 "$INSIDE/measure.py" sockets
}

bgp_route_there() {
    ip route show proto bird | grep --quiet '^198.51.100.0/24 ' && ip route show proto bird | grep --quiet '^blackhole 10.64.0.0/16 '
}

# A networkd that is not ours may have deleted BIRD's routes: BIRD puts them back when it looks at the kernel's, each minute.
wait_for_bgp() {
    wait_until 120 bgp_established && wait_until 100 bgp_route_there
}

# kernel_state FILE: a picture of links, addresses, routes, rules and sysctls that can be compared as text
kernel_state() {
    python3 "$INSIDE/kernel_state.py" > "$1"
    cp "$1" "$OUT/state-$BOOT-$(basename "$1").txt"
}

same_kernel_state() {
    claim "$3" diff --unified=1 "$1" "$2"
}

systemd_version() {
    systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p'
}

networkd_settled() {
    systemctl is-active --quiet systemd-networkd &&
        ! networkctl --no-legend list | grep --extended-regexp --quiet 'pending|configuring|initialized'
}

# install_files PACKAGE.deb…: by apt, which brings them into an order in which each finds what it needs before it is unpacked
install_files() {
    DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes --reinstall --allow-downgrades --no-install-recommends \
        -o APT::Sandbox::User=root -o Dpkg::Options::=--force-confold install "$@"
}

# networkd applies a reload after it has answered, so quiet is asked for twice.
wait_for_networkd() {
    wait_until 60 networkd_settled && sleep 2 && wait_until 60 networkd_settled
}
