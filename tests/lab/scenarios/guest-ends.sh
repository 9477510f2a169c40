# A guest that its owner pauses or saves while an apply is watched takes nothing back, and one that is destroyed does
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=1500
OWN_LINKS=(v20 v21 v22)

spec_watched() {
    spec_base | sed 's/^watch = .*/watch = "30s"/'
}

spec_network() {
    printf '%s\n' '[network.guests]' 'macvtap = { parent = "eth0" }' ''
}

vlans() {
    local id
    for id in "$@"; do
        printf '%s\n' "[vlan.v$id]" "id = $id" 'parent = "eth0"' '' >> "$SPEC"
    done
}

boot_1() {
    first_apply
    machine_reboot
}

boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    write_spec watched network domain
    claim 'the guest is made' apply
    claim 'the guest runs' wait_until 120 domain_runs web1
    MACVTAP=$(tap_of direct)
    note "it has $MACVTAP"
    while_watched paused 20
    claim 'paused: it has no carrier meanwhile' grep --quiet 'NO-CARRIER\|state DOWN' "$STATES/paused"
    claim 'paused: the apply stays' applied paused 0
    while_watched saved 20 21
    claim 'saved: the apply stays' applied saved 0
    claim 'saved: the guest does not run' fails domain_runs web1
    claim 'the guest is started again' virsh start web1
    while_watched destroyed 20 21 22
    claim 'destroyed: the apply is taken back' applied destroyed 4
    claim 'destroyed: the report names the guest' grep --quiet 'web1 does not run' "$OUT/destroyed.log"
    claim 'destroyed: the link of it is gone' no_link v22
}

# while_watched WHAT ID…: an apply of VLANs, while which that happens to the guest
while_watched() {
    local what=$1 command
    write_spec watched network domain
    vlans "${@:2}"
    apply_in_background "$OUT/$what.log"
    command=$!
    STATUS=0
    claim "$what: it is watched" wait_until 60 grep --quiet 'watching for' "$OUT/$what.log"
    "$what"
    wait "$command" || STATUS=$?
}

applied() {
    note "$1: exit $STATUS: $(tail -n 1 "$OUT/$1.log")"
    test "$STATUS" = "$2"
}

paused() {
    virsh suspend web1
    ip link show dev "$MACVTAP" > "$STATES/paused"
    sleep 8
    virsh resume web1
}

saved() {
    virsh managedsave web1
}

destroyed() {
    virsh destroy web1
}
