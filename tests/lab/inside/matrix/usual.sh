# The usual column: files by hand and `networkctl reload`
# shellcheck shell=bash disable=SC2034,SC2154

usual_file() {
    local name=$1
    shift
    printf '%s\n' "$@" > "/etc/systemd/network/$name"
}

# usual_network FILE NAME LINE…: a .network with these lines below [Network]
usual_network() {
    usual_file "$1" '[Match]' "Name=$2" '' '[Network]' 'IPv6AcceptRA=no' "${@:3}"
}

# usual_netdev FILE NAME KIND LINE…
usual_netdev() {
    usual_file "$1" '[NetDev]' "Name=$2" "Kind=$3" '' "${@:4}"
}

# What the uplink lists on itself, and what its parent does: both are written whole each time.
usual_uplink() {
    local on_parent=() on_uplink=()
    [[ -z ${U_VLAN:-} ]] || on_parent+=('VLAN=storage')
    [[ -z ${U_MACVTAP:-} ]] || on_uplink+=('MACVTAP=tap20')
    [[ -z ${U_MACVLAN:-} ]] || on_uplink+=('MACVLAN=host20')
    [[ -z ${U_ADDRESS:-} ]] || on_uplink+=("Address=$U_ADDRESS")
    [[ -z $VRF ]] || on_uplink+=("VRF=$VRF")
    [[ -z ${U_ROUTE:-} ]] || on_uplink+=('' '[Route]' "Destination=$U_ROUTE" 'Gateway=192.0.2.1')
    if [[ $UPLINK == vlan ]]; then
        unless_same usual_network 09-parent.network bond0 'VLAN=up7' "${on_parent[@]}"
    else
        on_uplink=("${on_parent[@]}" "${on_uplink[@]}")
    fi
    unless_same usual_network 10-uplink.network "$UP" 'Address=192.0.2.2/24' 'Address=2001:db8:7::2/64' "${on_uplink[@]}"
    unless_same usual_network 30-other.network up2 "Address=${U_OTHER:-10.0.8.1/24}"
    [[ -e /etc/systemd/network/05-bond.netdev || $UPLINK == plain ]] || usual_bond
    [[ -z $VRF || -e /etc/systemd/network/04-vrf.netdev ]] || usual_vrf
}

# Nobody rewrites a file by hand that does not change: networkd would take it for changed.
unless_same() {
    local file=/etc/systemd/network/$2
    cp --preserve=timestamps "$file" /run/before 2> /dev/null || rm -f /run/before
    "$@"
    if cmp --quiet "$file" /run/before; then touch --reference=/run/before "$file"; fi
}

usual_bond() {
    usual_netdev 05-bond.netdev bond0 bond '[Bond]' 'Mode=active-backup' 'MIIMonitorSec=100ms'
    usual_network 06-ports.network 'up0 up1' 'Bond=bond0'
    [[ $UPLINK == bond ]] || usual_netdev 08-up7.netdev up7 vlan '[VLAN]' 'Id=7'
}

usual_vrf() {
    usual_netdev 04-vrf.netdev "$VRF" vrf '[VRF]' "Table=$TABLE"
    usual_network 04-vrf.network "$VRF"
}

usual_vlan() {
    usual_netdev 20-storage.netdev storage vlan '[VLAN]' 'Id=42'
    usual_network 20-storage.network storage "$@"
}

# Up to 252 nothing tells hostwright that files were read by `networkctl reload`: it says so, and what it says is the remedy.
leave_a_trace() {
    systemctl reload systemd-networkd 2> /dev/null || true
}

# usual OPERATION MODEL LINK COMMAND…
usual() {
    local operation=$1 model=$2 link=$3 forecast
    shift 3
    claim "$operation: the daemon is well before" recovered
    forecast=$(foretold "$model" "$link")
    begin "$operation "
    "$@"
    wait_for_networkd
    measure_stop "$operation "
    leave_a_trace
    compare "$operation" '' "$forecast"
    [[ $AFTERSHOCKS != each ]] || aftershocks "$operation"
}

usual_add_vlan() { U_VLAN=yes && usual_vlan 'Address=10.0.42.2/24' && usual_uplink && networkctl reload; }
usual_change_vlan() { usual_vlan 'Address=10.0.42.33/24' && networkctl reload; }
usual_remove_vlan() {
    U_VLAN='' && rm -f /etc/systemd/network/20-* && usual_uplink && networkctl reload && ip link delete storage
}
usual_add_macvtap() {
    U_MACVTAP=yes && usual_netdev 21-tap20.netdev tap20 macvtap '[MACVTAP]' 'Mode=bridge' &&
        usual_network 21-tap20.network tap20 && usual_uplink && networkctl reload
}
usual_add_macvlan() {
    U_MACVLAN=yes && usual_netdev 22-host20.netdev host20 macvlan '[MACVLAN]' 'Mode=bridge' &&
        usual_network 22-host20.network host20 'Address=10.0.20.2/24' && usual_uplink && networkctl reload
}
usual_add_bridge() {
    usual_netdev 23-br9.netdev br9 bridge &&
        usual_network 23-br9.network br9 'ConfigureWithoutCarrier=yes' 'Address=10.0.9.1/24' && networkctl reload
}
usual_add_address() { U_ADDRESS=192.0.2.22/24 && usual_uplink && networkctl reload; }
usual_add_route() { U_ROUTE=10.77.0.0/16 && usual_uplink && networkctl reload; }
usual_other_nic() { U_OTHER=10.0.8.22/24 && usual_uplink && networkctl reload; }
usual_restart() { systemctl restart systemd-networkd; }

usual_few() {
    usual 'add VLAN' reload-changed "$PARENT" usual_add_vlan
    usual 'add address to uplink' reload-changed "$UP" usual_add_address
    usual 'remove VLAN' reload-changed "$PARENT" usual_remove_vlan
    usual 'restart of networkd' restart '' usual_restart
}

usual_all() {
    usual 'add VLAN' reload-changed "$PARENT" usual_add_vlan
    usual 'change address of VLAN' reload-changed storage usual_change_vlan
    usual 'add macvtap' reload-changed "$UP" usual_add_macvtap
    usual 'add macvlan' reload-changed "$UP" usual_add_macvlan
    usual 'add bridge' reload-new '' usual_add_bridge
    usual 'add address to uplink' reload-changed "$UP" usual_add_address
    usual 'add route over uplink' reload-changed "$UP" usual_add_route
    OWN_LINKS+=(up2)
    usual 'change address of another NIC' reload-changed up2 usual_other_nic
    unset 'OWN_LINKS[-1]'
    usual 'remove VLAN' reload-changed "$PARENT" usual_remove_vlan
    usual 'restart of networkd' restart '' usual_restart
    usual 'reinstall of systemd' restart '' reinstall_systemd
}
