# The usual way breaks BGP: a VLAN added to the uplink with a reload, and a restart of networkd
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=no
LIMIT=900

write_uplink() {
    printf '%s\n' '[Match]' 'Name=eth0' '' '[Network]' 'Address=192.0.2.2/24' "$@" \
        > /etc/systemd/network/10-uplink.network
}

write_vlan() {
    printf '%s\n' '[NetDev]' 'Name=storage' 'Kind=vlan' '' '[VLAN]' 'Id=42' > /etc/systemd/network/20-storage.netdev
    printf '%s\n' '[Match]' 'Name=storage' '' '[Network]' 'Address=10.0.42.2/24' \
        > /etc/systemd/network/20-storage.network
}

# What breaks depends on networkd: up to 254 a changed file takes the address, and the session with it; from 251 to 254
# a restart does so, too. All others delete the routes behind the session's back.
broken_by_reload() {
    if (($(systemd_version) < 255)); then echo "$CLAIM_SOCKET"; else echo "$CLAIM_ROUTES"; fi
}

broken_by_restart() {
    local version
    version=$(systemd_version)
    if ((version >= 251 && version < 255)); then echo "$CLAIM_SOCKET"; else echo "$CLAIM_ROUTES"; fi
}

boot_1() {
    write_uplink
    networkctl reload
    wait_for_networkd
    systemctl start bird
    claim 'the BGP session is established' wait_for_bgp
    control 20
    reload_with_a_vlan
    restart_networkd
}

reload_with_a_vlan() {
    measure_begin 'usual way'
    write_uplink 'VLAN=storage'
    write_vlan
    networkctl reload
    claim 'usual way: the VLAN answers' wait_until 60 ping -c 1 -W 1 -I storage 10.0.42.1
    sleep 5
    measure_stop 'usual way'
    must_fail 'usual way' "$(broken_by_reload)"
    measure_notes 'usual way'
}

# Routes that were deleted behind its back BIRD puts back only when it looks again.
restart_bird() {
    systemctl restart bird && wait_for_bgp
}

restart_networkd() {
    claim 'the BGP session is established again' restart_bird
    measure_begin 'restart'
    systemctl restart systemd-networkd
    wait_for_networkd
    measure_stop 'restart'
    must_fail 'restart' "$(broken_by_restart)"
    measure_notes 'restart'
}
