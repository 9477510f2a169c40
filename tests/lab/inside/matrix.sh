# The matrix: what each operation disturbs, foretold and measured, for one daemon and one uplink
# shellcheck shell=bash disable=SC2034,SC2154
#
# Parameters: DAEMON bird, frr (nexthop groups) or frr-plain (`no zebra nexthop kernel enable`); UPLINK plain or bond; COLUMN
# hostwright or usual; AFTERSHOCKS each (behind every operation) or last (behind the last one alone).

RESULTS=/lab/out/matrix.jsonl
DAEMON=${DAEMON:-bird}
COLUMN=${COLUMN:-hostwright}
UPLINK=${UPLINK:-plain}
AFTERSHOCKS=${AFTERSHOCKS:-last}
UP=up0
[[ $UPLINK == plain ]] || UP=bond0
MEASURE_AFTER=2
OWN_LINKS=(storage tap20 host20 br9 10.77.0.0/16)

# The uplink is a wire whose other end can go down. A second session lets zebra make groups: two stations announce the same.
set_up_peer() {
    in_peer ip link delete eth1.42
    in_peer ip address flush dev eth1
    in_peer ip link add switch type bridge
    wire up0
    wire up1
    in_peer ip link set peer-up0 master switch
    [[ $UPLINK == plain ]] || in_peer ip link set peer-up1 master switch
    in_peer ip link add link switch name switch.42 type vlan id 42
    in_peer ip link set switch up
    in_peer ip link set switch.42 up
    in_peer ip address add 192.0.2.1/24 dev switch
    in_peer ip address add 10.0.42.1/24 dev switch.42
    if [[ $DAEMON != bird ]]; then second_station; fi
}

second_station() {
    in_peer ip address add 192.0.2.3/24 dev switch
    sed 's/192\.0\.2\.1/192.0.2.3/g' /lab/in/inside/bird-peer.conf > "$run/second.conf"
    in_peer bird -c "$run/second.conf" -s "$run/second.ctl" -P "$run/second.pid"
}

configure_frr() {
    sed -i 's/^bgpd=no/bgpd=yes/' /etc/frr/daemons
    {
        [[ $DAEMON == frr ]] || echo 'no zebra nexthop kernel enable'
        printf '%s\n' 'ip route 10.64.0.0/16 blackhole' 'router bgp 64500' ' bgp router-id 192.0.2.2' \
            ' no bgp ebgp-requires-policy' ' timers bgp 3 9' ' bgp bestpath as-path multipath-relax' \
            ' neighbor 192.0.2.1 remote-as 64501' ' neighbor 192.0.2.3 remote-as 64501' \
            ' neighbor 192.0.2.1 timers connect 2' ' neighbor 192.0.2.3 timers connect 2'
    } > /etc/frr/frr.conf
    systemctl enable --quiet frr
}

start_daemon() {
    if [[ $DAEMON == bird ]]; then systemctl enable --quiet bird; else configure_frr; fi
}

restart_daemon() {
    if [[ $DAEMON == bird ]]; then systemctl restart bird; else systemctl restart frr; fi
}

sessions() {
    bgp_socket | wc -l
}

# All sessions, the route, the one without a device, and with FRR its groups.
is_up() {
    local wanted=2
    [[ $DAEMON == bird ]] && wanted=1
    (($(sessions) == wanted)) && ip route show | grep --quiet '^198.51.100.0/24 ' || return 1
    ip route show | grep --quiet '^blackhole 10.64.0.0/16 ' || return 1
    [[ $DAEMON != frr ]] || ip nexthop show | grep --quiet group
}

# What a cell before has lost comes back by itself, or with a restart of the daemon.
recovered() {
    wait_until 15 is_up || { restart_daemon && wait_until 60 is_up; }
}

# record OPERATION AFTERSHOCK FORECAST MEASURED NOTE: one line of the table
record() {
    python3 - "$@" >> "$RESULTS" << 'END'
import json, os, sys
operation, aftershock, forecast, measured, note = sys.argv[1:]
print(json.dumps({
    "systemd": os.environ["VERSION"], "daemon": os.environ["DAEMON"], "uplink": os.environ["UPLINK"],
    "column": os.environ["COLUMN"],
    "operation": operation, "aftershock": aftershock, "forecast": forecast.split(), "measured": measured.split(),
    "note": note,
}))
END
}

# disturbed LABEL: what was measured, in the words of the forecast. Routes that go with their session are the session's.
disturbed() {
    local found=()
    [[ $(judged "$1" "$CLAIM_ADDRESSES" | cut -f2) == FAIL ]] && found+=(links)
    [[ $(judged "$1" "$CLAIM_ROUTES" | cut -f2) == FAIL ]] && found+=(routes)
    [[ $(judged "$1" "$CLAIM_SOCKET" | cut -f2) == FAIL ]] && found=(sessions)
    echo "${found[*]}"
}

lost_packets() {
    echo "near $(judged "$1" "$CLAIM_NEAR" | cut -f3), far $(judged "$1" "$CLAIM_FAR" | cut -f3)"
}

# foretold OPERATION: what the model says that networkd would disturb here
foretold() {
    hostwright explain networkd --format json | python3 -c "
import json, sys
rows = [it for it in json.load(sys.stdin)['rows'] if it['operation'] == '$1']
found = sorted({effect for it in rows for effect in it['effects']})
print('sessions' if 'sessions' in found else ' '.join(found))"
}

# compare OPERATION AFTERSHOCK FORECAST: a measuring that has ended, with what was foretold
compare() {
    local label="$1 $2" found
    found=$(disturbed "$label")
    record "$1" "$2" "$3" "$found" "$(lost_packets "$label")"
    claim_equal "$label: \"${3:-nothing}\" is foretold and \"${found:-nothing}\" is lost" "$3" "$found"
    if [[ -z $3 ]]; then
        claim "$label: no more packets are lost than in the control run" no_more_packets "$label"
    fi
}

no_more_packets() {
    local claim
    for claim in "$CLAIM_NEAR" "$CLAIM_FAR"; do
        judged "$1" "$claim"
        [[ $(judged "$1" "$claim" | cut -f2) != FAIL ]] || return 1
    done
}

# cell OPERATION: the spec as it is now, foretold, applied, measured; REFUSED says whether the plan stopped
cell() {
    local status=0 forecast
    REFUSED=no
    claim "$1: the daemon is well before" recovered
    matrix_spec > "$SPEC"
    hostwright plan --format json > "$OUT/plan-$1.json" 2> "$OUT/plan-$1.txt" || status=$?
    if ((status == 5)); then
        record "$1" '' refused refused "$(why_refused "$1")"
        note "$1: refused: $(why_refused "$1")"
        REFUSED=yes
        return
    fi
    forecast=$(python3 -c "
import json
changes = json.load(open('$OUT/plan-$1.json'))['plan']['changes']
names = {'link': 'links', 'routes': 'routes', 'sessions': 'sessions'}
words = {names.get(next(iter(it)) if isinstance(it, dict) else it) for change in changes for it in change['effects']}
print(' '.join(sorted(words)))")
    measure_begin "$1 " "${OWN_LINKS[@]}"
    claim "$1: the apply succeeds" apply
    measure_stop "$1 "
    compare "$1" '' "$forecast"
    [[ $AFTERSHOCKS != each ]] || aftershocks "$1"
}

why_refused() {
    python3 -c "
import json
plan = json.load(open('$OUT/plan-$1.json'))['plan']
print('; '.join(it['message'] for it in plan['blocked'] + plan['problems']))"
}

# aftershocks OPERATION: what others may do at any time
aftershocks() {
    shock "$1" 'reload by hand' reload-unchanged reload_by_hand
    shock "$1" 'carrier blip' carrier-blip blip
    shock "$1" 'crash of networkd' restart kill_networkd
    claim "$1: after the aftershocks the machine is as the plan says" plan_is_empty
}

shock() {
    local forecast
    recovered || true
    forecast=$(foretold "$3")
    measure_begin "$1 $2" "${OWN_LINKS[@]}"
    "$4" > "$OUT/shock.log" 2>&1 || true
    measure_stop "$1 $2"
    compare "$1" "$2" "$forecast"
}

blip() {
    local wire
    for wire in peer-up0 peer-up1; do ip netns exec peer ip link set "$wire" down; done
    sleep 2
    for wire in peer-up0 peer-up1; do ip netns exec peer ip link set "$wire" up; done
    sleep 3
}

matrix_spec() {
    cat << END
[host]
name = "hv1"
site = "lab"

[safety]
watch = "5s"

END
    if [[ $UPLINK == plain ]]; then
        printf '%s\n' '[nic.up0]' 'match = { mac = "02:00:00:00:01:01" }'
    else
        printf '%s\n' '[nic.up0]' '' '[nic.up1]' '' '[bond.bond0]' 'ports = ["up0", "up1"]' 'mode = "active-backup"'
    fi
    echo "addresses = [\"192.0.2.2/24\"${UPLINK_ADDRESS:+, \"$UPLINK_ADDRESS\"}]"
    [[ -z ${UPLINK_ROUTE:-} ]] || echo "routes = [{ to = \"$UPLINK_ROUTE\", via = \"192.0.2.1\" }]"
    [[ -z ${VLAN_ID:-} ]] || cat << END

[vlan.storage]
id = $VLAN_ID
parent = "$UP"
mtu = ${VLAN_MTU:-1500}
addresses = ["${VLAN_ADDRESS:-10.0.42.2/24}"]

END
    [[ -z ${MACVTAP:-} ]] || printf '%s\n' '' '[macvtap.tap20]' "parent = \"$UP\"" 'mode = "bridge"' ''
    [[ -z ${MACVLAN:-} ]] || printf '%s\n' '' '[macvlan.host20]' "parent = \"$UP\"" 'addresses = ["10.0.20.2/24"]' ''
    [[ -z ${BRIDGE:-} ]] || printf '%s\n' '' '[bridge.br9]' 'addresses = ["10.0.9.1/24"]' ''
    [[ -z ${NIC_ADDRESS:-} ]] || printf '%s\n' '' '[dummy.other]' "addresses = [\"$NIC_ADDRESS\"]" ''
}

hostwright_column() {
    VLAN_ID=42 && cell 'add VLAN'
    VLAN_ADDRESS=10.0.42.3/24 && cell 'change address of VLAN'
    VLAN_MTU=1400 && cell 'change MTU of VLAN'
    VLAN_ID=43 && cell 'change id of VLAN'
    [[ $REFUSED == no ]] || VLAN_ID=42
    MACVTAP=yes && cell 'add macvtap'
    MACVLAN=yes && cell 'add macvlan'
    BRIDGE=yes && cell 'add bridge'
    ip tuntap add tap-foreign mode tap && ip link set tap-foreign master br9 up
    UPLINK_ADDRESS=192.0.2.22/24 && cell 'add address to uplink'
    [[ $REFUSED == no ]] || unset UPLINK_ADDRESS
    claim 'the foreign tap is a port of the bridge' bash -c 'ip link show tap-foreign | grep "master br9"'
    UPLINK_ROUTE=10.77.0.0/16 && cell 'add route over uplink'
    [[ $REFUSED == yes ]] || roll_back_cell
    unset UPLINK_ROUTE
    NIC_ADDRESS=10.0.8.1/24 && cell 'add dummy'
    MACVTAP='' && cell 'remove macvtap'
    MACVLAN='' && cell 'remove macvlan'
    VLAN_ID='' && cell 'remove VLAN'
    BRIDGE='' && cell 'remove bridge with a foreign tap'
    claim 'the bridge with the foreign tap stays' bash -c 'ip link show tap-foreign | grep "master br9"'
    aftershocks 'at last'
}

roll_back_cell() {
    claim 'rollback: the daemon is well before' recovered
    measure_begin 'rollback ' "${OWN_LINKS[@]}"
    claim 'rollback succeeds' roll_back
    measure_stop 'rollback '
    compare rollback '' ''
}

# The usual files of the usual way, and networkctl reload.
usual_file() {
    local name=$1
    shift
    printf '%s\n' "$@" > "/etc/systemd/network/$name"
}

usual_uplink() {
    usual_file 10-uplink.network '[Match]' "Name=$UP" '' '[Network]' 'Address=192.0.2.2/24' "$@"
    [[ $UPLINK == plain ]] || usual_bond
}

usual_bond() {
    usual_file 05-bond.netdev '[NetDev]' 'Name=bond0' 'Kind=bond' '' '[Bond]' 'Mode=active-backup' 'MIIMonitorSec=100ms'
    usual_file 06-ports.network '[Match]' 'Name=up0 up1' '' '[Network]' 'Bond=bond0'
}

usual_vlan() {
    usual_file 20-storage.netdev '[NetDev]' 'Name=storage' 'Kind=vlan' '' '[VLAN]' 'Id=42'
    usual_file 20-storage.network '[Match]' 'Name=storage' '' '[Network]' "Address=${1:-10.0.42.2/24}"
}

# usual OPERATION MODEL COMMAND…
usual() {
    local operation=$1 model=$2 forecast
    shift 2
    claim "$operation: the daemon is well before" recovered
    forecast=$(foretold "$model")
    measure_begin "$operation " "${OWN_LINKS[@]}"
    "$@"
    wait_for_networkd
    measure_stop "$operation "
    compare "$operation" '' "$forecast"
}

usual_add_vlan() { usual_uplink 'VLAN=storage' && usual_vlan && networkctl reload; }
usual_change_vlan() { usual_vlan 10.0.42.3/24 && networkctl reload; }
usual_add_address() { usual_uplink 'VLAN=storage' 'Address=192.0.2.22/24' && networkctl reload; }
usual_remove_vlan() { rm -f /etc/systemd/network/20-* && usual_uplink && networkctl reload && ip link delete storage; }
usual_restart() { systemctl restart systemd-networkd; }

usual_column() {
    usual 'add VLAN' reload-changed usual_add_vlan
    usual 'add address to uplink' reload-changed usual_add_address
    usual 'change address of VLAN' reload-new usual_change_vlan
    usual 'remove VLAN' reload-changed usual_remove_vlan
    usual 'restart of networkd' restart usual_restart
    shock 'at last' 'crash of networkd' restart kill_networkd
}

boot_1() {
    claim 'hostwright installs itself' install_hostwright
    start_daemon
    if [[ $COLUMN == usual ]]; then
        usual_uplink
    else
        mkdir -p /etc/hostwright && matrix_spec > "$SPEC"
        claim 'the first apply succeeds' hostwright apply --at-boot --yes
    fi
    machine_reboot
}

boot_2() {
    export VERSION DAEMON UPLINK COLUMN
    VERSION=$(systemd_version)
    claim 'the daemon is well at the beginning' recovered
    control 20
    "${COLUMN}_column"
}
