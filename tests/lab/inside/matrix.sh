# The matrix: what each operation disturbs, foretold and measured, for one daemon and one uplink
# shellcheck shell=bash disable=SC2034,SC2154
#
# Parameters:
#   DAEMON       bird (IPv4 and IPv6), bird-vrf (the same in a VRF), frr (nexthop groups), frr-plain (`no zebra nexthop
#                kernel enable`); FRR has one numbered and one unnumbered session
#   UPLINK       plain, bond, vlan (VLAN 7 on a bond)
#   COLUMN       hostwright or usual (files by hand and `networkctl reload`)
#   PROTECTED    no: networkd started without the drop-in that keeps it from what others own
#   AFTERSHOCKS  each (behind every operation) or last (behind the last one alone)
#   ROLLBACKS    each (of every operation) or last (of the last addition alone)
#   OPERATIONS   all, few: those that differ most, or promised (hostwright's column): those that must disturb nothing

RESULTS=/lab/out/matrix.jsonl
DAEMON=${DAEMON:-bird}
COLUMN=${COLUMN:-hostwright}
UPLINK=${UPLINK:-plain}
AFTERSHOCKS=${AFTERSHOCKS:-last}
ROLLBACKS=${ROLLBACKS:-last}
OPERATIONS=${OPERATIONS:-all}
PROTECTED=${PROTECTED:-yes}
[[ $COLUMN == hostwright ]] || PROTECTED=no
MEASURE_AFTER=2
OWN_LINKS=(storage tap20 host20 br9 10.77.0.0/16 192.0.2.22/24 192.0.2.22)

# UP has the addresses, VLANs are made on PARENT.
case $UPLINK in
    plain) UP=up0 PARENT=up0 ;;
    bond) UP=bond0 PARENT=bond0 ;;
    vlan) UP=up7 PARENT=bond0 ;;
esac
VRF=
TABLE=main
if [[ $DAEMON == bird-vrf ]]; then
    VRF=blue
    TABLE=100
    PING_OPTIONS=(-I "$VRF")
fi

# shellcheck source=matrix/peer.sh
source /lab/in/inside/matrix/peer.sh
# shellcheck source=matrix/daemons.sh
source /lab/in/inside/matrix/daemons.sh
# shellcheck source=matrix/cells.sh
source /lab/in/inside/matrix/cells.sh
# shellcheck source=matrix/hostwright.sh
source /lab/in/inside/matrix/hostwright.sh
# shellcheck source=matrix/usual.sh
source /lab/in/inside/matrix/usual.sh

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
    export VERSION DAEMON UPLINK COLUMN PROTECTED
    VERSION=$(systemd_version)
    [[ $PROTECTED == yes || $COLUMN == usual ]] || start_unprotected
    claim 'the daemon is well at the beginning' recovered
    control 20
    "${COLUMN}_$OPERATIONS"
    aftershocks 'at last'
}
