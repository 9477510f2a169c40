# hostwright's column: each change by a spec and an apply
# shellcheck shell=bash disable=SC2034,SC2154

# networkd reads its drop-in when it starts: one that comes behind is as good as none.
start_unprotected() {
    local drop_in=/run/systemd/networkd.conf.d/10-hostwright.conf
    mv "$drop_in" /run/aside.conf
    kill_networkd
    mv /run/aside.conf "$drop_in"
}

matrix_spec() {
    cat << END
[host]
name = "hv1"
site = "lab"

[safety]
watch = "5s"

END
    spec_uplink
    echo "addresses = [\"192.0.2.2/24\", \"2001:db8:7::2/64\"${UPLINK_ADDRESS:+, \"$UPLINK_ADDRESS\"}]"
    [[ -z ${UPLINK_ROUTE:-} ]] || echo "routes = [{ to = \"$UPLINK_ROUTE\", via = \"192.0.2.1\" }]"
    [[ -z ${VLAN_ID:-} ]] || cat << END

[vlan.storage]
id = $VLAN_ID
parent = "$PARENT"
mtu = ${VLAN_MTU:-1500}
addresses = ["${VLAN_ADDRESS:-10.0.42.2/24}"]

END
    [[ -z ${MACVTAP:-} ]] || printf '%s\n' '' '[macvtap.tap20]' "parent = \"$UP\"" 'mode = "bridge"' ''
    [[ -z ${MACVLAN:-} ]] || printf '%s\n' '' '[macvlan.host20]' "parent = \"$UP\"" 'addresses = ["10.0.20.2/24"]' ''
    [[ -z ${BRIDGE:-} ]] || printf '%s\n' '' '[bridge.br9]' "addresses = [\"$BRIDGE\"]" ''
    printf '%s\n' '' '[nic.up2]' "addresses = [\"${NIC_ADDRESS:-10.0.8.1/24}\"]" ''
    [[ -z $VRF ]] || printf '%s\n' "[vrf.$VRF]" "table = $TABLE" "ports = [\"$UP\"]"
}

# What the uplink is; its addresses follow.
spec_uplink() {
    case $UPLINK in
        plain) printf '%s\n' '[nic.up0]' 'match = { mac = "02:00:00:00:01:01" }' ;;
        bond) spec_bond ;;
        vlan) spec_bond && printf '%s\n' '' '[vlan.up7]' 'id = 7' 'parent = "bond0"' ;;
    esac
}

spec_bond() {
    printf '%s\n' '[nic.up0]' '' '[nic.up1]' '' '[bond.bond0]' 'ports = ["up0", "up1"]' 'mode = "active-backup"'
}

# What the plan must call harmless on every host whose networkd is kept from what others own.
PROMISED='add VLAN|add macvtap|add macvlan|add bridge|remove macvtap|remove macvlan|remove VLAN|remove bridge'

# promise OPERATION REFUSED FORECAST: it is kept. Where no way to an address on the uplink exists, the plan says why.
promise() {
    [[ $PROTECTED == yes ]] || return 0
    if [[ $1 =~ ^($PROMISED)$ ]]; then
        claim_equal "$1: the plan calls it harmless" no "$2$3"
    elif [[ $1 == 'add address to uplink' && $2 == yes ]]; then
        claim "$1: the plan says why not" test -n "$(why_refused "$1")"
    fi
}

# cell OPERATION [ARGUMENT…]: the spec as it is now, foretold, applied with the arguments, measured; REFUSED says whether
# the plan stopped
cell() {
    local operation=$1 status=0 forecast
    shift
    REFUSED=no
    claim "$operation: the daemon is well before" recovered
    cp "$SPEC" /run/former.toml
    matrix_spec > "$SPEC"
    hostwright plan --format json "$@" > "$OUT/plan-$operation.json" 2> "$OUT/plan-$operation.txt" || status=$?
    if ((status == 5)); then
        REFUSED=yes
        record "$operation" '' refused refused "$(why_refused "$operation")"
        note "$operation: refused: $(why_refused "$operation")"
        promise "$operation" yes ''
        cp /run/former.toml "$SPEC"
        return
    fi
    forecast=$(foretold_by_plan "$OUT/plan-$operation.json")
    promise "$operation" no "$forecast"
    begin "$operation "
    claim "$operation: the apply succeeds" apply "$@"
    measure_stop "$operation "
    compare "$operation" '' "$forecast"
    [[ $AFTERSHOCKS != each ]] || aftershocks "$operation"
    [[ $ROLLBACKS != each ]] || there_and_back "$operation" "$@"
}

# cell_of_removal OPERATION LINK: a removal that is promised is done at once, not at the next boot
cell_of_removal() {
    cell "$1"
    [[ $PROTECTED != yes || $REFUSED == yes ]] || claim "$1: the link is gone" no_link "$2"
}

# there_and_back OPERATION [ARGUMENT…]: taken back with the arguments, then made again without a measuring
there_and_back() {
    cp /run/former.toml "$SPEC"
    roll_back_cell "$@"
    matrix_spec > "$SPEC"
    claim "$1: it is applied again" apply "${@:2}"
}

# roll_back_cell OPERATION [ARGUMENT…]: foretold by the plan for the spec that was there before
roll_back_cell() {
    local label="rollback: $1" status=0
    shift
    claim "$label: the daemon is well before" recovered
    hostwright plan --format json "$@" > "$OUT/plan-$label.json" 2> /dev/null || status=$?
    begin "$label "
    claim "$label: it succeeds" roll_back "$@"
    measure_stop "$label "
    compare "$label" '' "$(foretold_by_plan "$OUT/plan-$label.json")"
}

hostwright_few() {
    VLAN_ID=42 && cell 'add VLAN'
    UPLINK_ADDRESS=192.0.2.22/24 && cell 'add address to uplink'
    [[ $REFUSED == no ]] || unset UPLINK_ADDRESS
    MACVLAN=yes && cell 'add macvlan'
    VLAN_ID='' && cell_of_removal 'remove VLAN' storage
}

# What must be harmless everywhere: additions, and the removal of what was made since the boot and is not in use.
hostwright_promised() {
    VLAN_ID=42 && cell 'add VLAN'
    MACVTAP=yes && cell 'add macvtap'
    MACVLAN=yes && cell 'add macvlan'
    BRIDGE=10.0.9.1/24 && cell 'add bridge'
    UPLINK_ADDRESS=192.0.2.22/24 && cell 'add address to uplink'
    [[ $REFUSED == no ]] || unset UPLINK_ADDRESS
    MACVTAP='' && cell_of_removal 'remove macvtap' tap20
    MACVLAN='' && cell_of_removal 'remove macvlan' host20
    VLAN_ID='' && cell_of_removal 'remove VLAN' storage
    BRIDGE='' && cell_of_removal 'remove bridge' br9
}

hostwright_all() {
    VLAN_ID=42 && cell 'add VLAN'
    VLAN_ADDRESS=10.0.42.3/24 && cell 'change address of VLAN'
    VLAN_MTU=1400 && cell 'change MTU of VLAN'
    VLAN_ID=43 && cell 'change id of VLAN'
    VLAN_ID=42
    [[ $REFUSED == no ]] || { VLAN_ID=43 && cell 'change id of VLAN, agreed to' --allow links; }
    MACVTAP=yes && cell 'add macvtap'
    MACVLAN=yes && cell 'add macvlan'
    BRIDGE=10.0.9.1/24 && cell 'add bridge'
    ip tuntap add tap-foreign mode tap && ip link set tap-foreign master br9 up
    BRIDGE=10.0.9.2/24 && cell 'change bridge with a foreign tap'
    UPLINK_ADDRESS=192.0.2.22/24 && cell 'add address to uplink'
    [[ $REFUSED == no ]] || unset UPLINK_ADDRESS
    claim 'the foreign tap is a port of the bridge' bash -c 'ip link show tap-foreign | grep "master br9"'
    UPLINK_ROUTE=10.77.0.0/16 && cell 'add route over uplink'
    if [[ $REFUSED == no && $ROLLBACKS == last ]]; then
        cp /run/former.toml "$SPEC"
        roll_back_cell 'add route over uplink'
    fi
    unset UPLINK_ROUTE
    OWN_LINKS+=(up2)
    NIC_ADDRESS=10.0.8.2/24 && cell 'change address of another NIC'
    unset 'OWN_LINKS[-1]'
    [[ $REFUSED == no ]] || unset NIC_ADDRESS
    MACVTAP='' && cell_of_removal 'remove macvtap' tap20
    MACVLAN='' && cell_of_removal 'remove macvlan' host20
    VLAN_ID='' && cell_of_removal 'remove VLAN' storage
    BRIDGE='' && cell 'remove bridge with a foreign tap'
    claim 'the bridge with the foreign tap stays' bash -c 'ip link show tap-foreign | grep "master br9"'
    networkd_itself
}

# restart_agreed: with leave for everything that it says it disturbs. A session that was given up may take longer to come back
# than the watch: that is exit 6, and what is lost the measuring says.
restart_agreed() {
    local status=0
    hostwright networkd restart --allow links --allow routes --allow sessions || status=$?
    ((status == 0 || status == 6))
}

# Of a restart that is refused the table has no row: nothing is foretold.
networkd_itself() {
    shock 'reinstall of systemd' '' refused-restart same reinstall_systemd
    shock 'restart of networkd' '' restart other restart_agreed
}

# The packages try to restart networkd, which is refused on a host of ours.
reinstall_systemd() {
    install_files /var/lib/lab/debs/*.deb
}
