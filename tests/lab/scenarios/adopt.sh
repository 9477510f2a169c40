# A link, a libvirt network and a running guest that bear our names and not our mark stop the plan until they are adopted
# shellcheck shell=bash disable=SC2016,SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=1800
OWN_LINKS=(appliance)

NETWORK_UUID=6b1c0e2a-7d3f-4c55-9a41-0f5b7c2d9e10
GUEST_UUID=0d5c8e77-2b14-4e0b-8a6f-3c9e51f7a2b4

boot_1() {
    first_apply
    machine_reboot
}

network_of_others() {
    cat << END
<network><name>guests</name><uuid>$NETWORK_UUID</uuid>
<forward mode='bridge'><interface dev='v20'/></forward></network>
END
}

guest_of_others() {
    cat << END
<domain type='qemu'><name>web1</name><uuid>$GUEST_UUID</uuid><memory unit='MiB'>96</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type></os>
<devices><disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='/dev/vg_lab/web1_root'/>
<target dev='vda' bus='virtio'/></disk>
<interface type='network'><source network='guests'/><mac address='52:54:00:12:34:56'/><model type='virtio'/></interface>
</devices></domain>
END
}

make_things_of_others() {
    ip link add link eth0 name v20 type vlan id 20 && ip link set v20 up &&
        network_of_others > "$STATES/network.xml" && virsh net-define "$STATES/network.xml" &&
        virsh net-start guests && virsh net-autostart guests &&
        guest_of_others > "$STATES/guest.xml" && virsh define "$STATES/guest.xml" && virsh start --paused web1
}

# What is said of them, without the mark and without what a start counts.
things() {
    ip -d -o link show dev v20 | sed 's/\\ *alias .*//; s/^[0-9]*: //; s/ *$//'
    virsh net-dumpxml --inactive guests | without_mark
    virsh dumpxml --inactive web1 | without_mark
    virsh domid web1 | head --lines=1
}

without_mark() {
    python3 -c '
import sys, xml.etree.ElementTree as trees
tree = trees.parse(sys.stdin)
for found in tree.getroot().findall("metadata"):
    tree.getroot().remove(found)
for element in tree.iter():
    element.text, element.tail = (element.text or "").strip(), ""
print(trees.tostring(tree.getroot(), encoding="unicode"))'
}

things_are_as_they_were() {
    things | diff "$STATES/things" -
}

# write_named [UUID…]: the spec, with the UUIDs of network and guest where they are given
write_named() {
    write_spec base guests domain
    [[ $# == 0 ]] || sed -i -e "/^\[network.guests\]/a uuid = \"$1\"" -e "/^\[domain.web1\]/a uuid = \"$2\"" \
        -e '/^\[domain.web1.interface.lan\]/a mac = "52:54:00:12:34:56"' "$SPEC"
}

# stopped_by TEXT…
stopped_by() {
    local status=0 text
    hostwright apply --yes > "$OUT/stopped.log" 2>&1 || status=$?
    cat "$OUT/stopped.log"
    test "$status" = 5 || return 1
    for text in "$@"; do
        grep --fixed-strings "$text" "$OUT/stopped.log" || return 1
    done
}

# not_adopted TABLE TEXT
not_adopted() {
    local status=0
    hostwright adopt "$1" > "$OUT/adopt.log" 2>&1 || status=$?
    cat "$OUT/adopt.log"
    test "$status" = 5 && grep --fixed-strings "$2" "$OUT/adopt.log"
}

adopt_all() {
    hostwright adopt vlan.v20 && hostwright adopt network.guests && hostwright adopt domain.web1
}

bear_our_mark() {
    ip link show dev v20 | grep --fixed-strings 'alias hostwright [vlan.v20]' &&
        virsh net-dumpxml --inactive guests | grep hostwright && virsh dumpxml --inactive web1 | grep hostwright
}

boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    claim 'somebody makes a VLAN, a network and a guest' make_things_of_others
    things > "$STATES/things"
    write_named
    claim 'what bears our name stops the plan' stopped_by 'the host has a link `v20` that hostwright did not make' \
        "a network \`guests\` that hostwright did not make, UUID $NETWORK_UUID" "a domain \`web1\` that hostwright did not make, UUID $GUEST_UUID"
    claim 'a network of another UUID is not adopted' not_adopted network.guests "$NETWORK_UUID"
    claim 'a guest of another UUID is not adopted' not_adopted domain.web1 "$GUEST_UUID"
    write_named "$NETWORK_UUID" "$GUEST_UUID"
    claim 'what has the UUID and no mark stops the plan' stopped_by '`hostwright adopt vlan.v20`' \
        '`hostwright adopt network.guests`' '`hostwright adopt domain.web1`'
    sed -i 's/^id = 20$/id = 21/' "$SPEC"
    claim 'a VLAN with another tag is not adopted' not_adopted vlan.v20 'is another than'
    sed -i 's/^id = 21$/id = 20/' "$SPEC"
    claim 'what was refused changed nothing' things_are_as_they_were
    control 20
    measured 'adoption' adopt_all
    claim 'all three bear our mark' bear_our_mark
    claim 'else they are as they were' things_are_as_they_were
    measured 'apply' apply
    while IFS= read -r line; do note "| $line"; done < "$OUT/apply-$BOOT.log"
    claim 'the guest runs on, the same' test "$(virsh domid web1)" = "$(tail --lines=1 "$STATES/things")"
    claim 'the network is still active' bash -c 'virsh net-info guests | grep "^Active: *yes"'
    claim 'its card keeps the MAC address' bash -c 'virsh dumpxml --inactive web1 | grep 52:54:00:12:34:56'
    claim 'nothing is to be done after it' plan_is_empty
    virsh destroy web1
    machine_reboot
}

boot_3() {
    claim 'the BGP session is established after the boot' wait_for_bgp
    claim 'the network is active after the boot' wait_until 60 bash -c 'virsh net-info guests | grep "^Active: *yes"'
    claim 'the guest starts at boot' wait_until 120 domain_runs web1
    claim 'nothing is to be done after the boot' plan_is_empty
}
