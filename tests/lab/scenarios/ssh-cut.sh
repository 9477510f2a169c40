# A change asked for over ssh that cuts ssh is taken back by itself; what keeps it is a login that began after it
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=1500
WINDOW=30
KEY=/var/lib/lab/key
ADDRESS=10.0.42.2

spec_management() {
    cat << END
[vlan.storage]
id = 42
parent = "eth0"
addresses = ["${1:-$ADDRESS}/24"]

END
}

spec_moved() {
    spec_management 10.0.42.3
}

boot_1() {
    first_apply
    ssh-keygen -q -t ed25519 -N '' -f "$KEY"
    install -D --mode=600 "$KEY.pub" /root/.ssh/authorized_keys
    machine_reboot
}

boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    write_spec base management
    claim 'the address for management comes' apply
    systemctl start ssh
    claim 'the peer logs in by ssh' wait_until 60 over_ssh true
    kernel_state "$STATES/old"
    bgp_socket > "$STATES/socket"
    hostwright history | tail -1 > "$STATES/newest"
    the_change_cuts_it
    the_wire_cuts_it
    a_new_login_confirms
}

# The client ends when nothing comes from the host for 4 s.
over_ssh() {
    ip netns exec peer ssh -i "$KEY" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        -o LogLevel=ERROR -o ConnectTimeout=5 -o ServerAliveInterval=2 -o ServerAliveCountMax=2 "root@$ADDRESS" "$@"
}

# apply_over_ssh LOG ARGUMENT…: in the background; the client is $!
apply_over_ssh() {
    (trap - ERR && over_ssh hostwright apply --yes --confirm "${WINDOW}s" "${@:2}") > "$1" 2>&1 &
}

is_old() {
    test ! -e "$JOURNAL" && test ! -e "$RUNNING" && no_link v20 && has_address storage "$ADDRESS/24"
}

# old_again WHAT SECONDS
old_again() {
    claim "$1: the host is as before within $2 s" wait_until "$2" is_old
    claim "$1: status says so" bash -c 'hostwright status | grep "^machine: as applied$"'
    sleep 1
    kernel_state "$STATES/again"
    same_kernel_state "$STATES/old" "$STATES/again" "$1: the kernel state is the old one"
    claim "$1: the BGP session is the same socket" same_socket
    claim "$1: the peer logs in by ssh" wait_until 10 over_ssh true
}

the_change_cuts_it() {
    local what='the change cuts ssh'
    write_spec base moved
    apply_over_ssh "$OUT/cut-by-change.log" --allow links
    claim "$what: it does" wait_until 60 has_address storage 10.0.42.3/24
    old_again "$what" $((WINDOW + 30))
    wait "$!" || true
    told_by_history "$what"
}

# told_by_history WHAT: the newest generation, which is one of its own
told_by_history() {
    local newest=$OUT/history-${1// /-}
    hostwright history | tail -1 > "$newest"
    claim "$1: the history says that it was taken back" grep 'taken back' "$newest"
    claim_fails "$1: of this very apply" grep --quiet --fixed-strings --line-regexp --file="$STATES/newest" "$newest"
    cp "$newest" "$STATES/newest"
}

# Nothing is wrong with the change; whoever asked for it is gone.
the_wire_cuts_it() {
    local what='the wire cuts ssh'
    write_spec base management guests
    apply_over_ssh "$OUT/cut-by-wire.log"
    wait_until 60 ip link show dev v20
    in_peer_cut
    claim "$what: the client ends" wait_until 20 fails kill -0 "$!"
    in_peer_whole
    old_again "$what" $((WINDOW + 30))
    told_by_history "$what"
}

in_peer_cut() {
    ip -netns peer link set eth1.42 down
}

in_peer_whole() {
    ip -netns peer link set eth1.42 up
}

waits() {
    grep --quiet '"watching":' "$JOURNAL"
}

a_new_login_confirms() {
    local what='a new login'
    write_spec base management guests
    # What the first login does after its apply is in the background: a confirm over the same connection.
    over_ssh "hostwright apply --yes --confirm 2min > /dev/null 2>&1 & until grep -s -q '\"watching\":' $JOURNAL; do
        sleep 1; done; hostwright confirm; echo \"confirm: \$?\"" > "$OUT/same-login.log" 2>&1 || true
    claim 'the login that asked for it cannot confirm' grep --quiet 'this login is older than the change' "$OUT/same-login.log"
    claim 'what the timer of an apply before starts late ends well' hostwright unit undo --stop --generation 1
    claim 'the apply still waits' waits
    claim "$what confirms" over_ssh hostwright confirm
    claim "$what: the link stays" ip link show dev v20
    claim "$what: nothing waits any more" test ! -e "$JOURNAL"
    claim "$what: the BGP session is the same socket" same_socket
}
