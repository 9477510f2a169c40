# A change that waits to be confirmed: the spec, the window, and what the host must be behind it
# shellcheck shell=bash disable=SC2034,SC2154

WINDOW=20
# What is reached over the default route alone.
BEYOND=198.51.101.1

spec_uplink() {
    cat << END
[host]
name = "hv1"
site = "lab"

[safety]
watch = "20s"

[safety.probe.beyond]
ping = "$BEYOND"

[nic.eth0]
match = { mac = "02:00:00:00:00:01" }
mtu = ${MTU:-1500}
addresses = [${ADDRESSES:-\"192.0.2.2/24\"}]
routes = [${ROUTES-{ to = \"default\", via = \"192.0.2.1\" \}}]

END
}

spec_management() {
    cat << END
[safety.probe.management]
ping = "10.0.42.1"

[vlan.storage]
id = ${ID:-42}
parent = "eth0"
addresses = ["10.0.42.2/24"]

END
}

set_up_peer() {
    answer_beyond
}

answer_beyond() {
    in_peer ip link set lo up && in_peer ip address add "$BEYOND/32" dev lo
}

# The uplink for the next boot
first_apply_of_the_uplink() {
    claim 'hostwright installs itself' install_hostwright
    systemctl enable --quiet bird
    write_spec uplink
    claim 'the first apply succeeds' hostwright apply --at-boot --yes
}

# A good change, and what each of the following must come back to
begin_of_windows() {
    claim 'the BGP session is established' wait_for_bgp
    claim 'nothing is pending' plan_is_empty
    write_spec uplink management
    claim 'a good change is applied' apply
    kernel_state "$STATES/old"
    bgp_socket > "$STATES/socket"
}

waits() {
    grep --quiet '"watching":' "$JOURNAL"
}

write_one_more() {
    { write_spec uplink management && spec_guests >> "$SPEC"; }
}

# in_a_window LOG: an apply in the background that waits to be confirmed
in_a_window() {
    write_one_more
    apply_in_background "$1" --confirm "${WINDOW}s"
    command=$!
    wait_until 60 waits
}

# stays_for SECONDS: the window is open all the while
stays_for() {
    local second
    for ((second = 0; second < $1; second++)); do
        sleep 1
        waits && ip link show dev v20 || return 1
    done
}

is_old() {
    test ! -e "$JOURNAL" && is_back
}

# On a full disk the journal stays until the history has taken it.
is_back() {
    test ! -e "$RUNNING" && no_link v20 && hostwright status | grep '^machine: as applied$' > /dev/null
}

# old_again WHAT SECONDS [is_back]
old_again() {
    claim "$1: the host is as before within $2 s" wait_until "$2" "${3:-is_old}"
    sleep 1
    kernel_state "$STATES/again"
    same_kernel_state "$STATES/old" "$STATES/again" "$1: the kernel state is the old one"
    claim "$1: the BGP session is the same socket" same_socket
}
