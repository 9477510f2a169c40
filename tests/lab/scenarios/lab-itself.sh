# The lab is shown to keep its promises: disks and boots counted over a reboot and a reset, the picture of the kernel
# stays the same over them, a change shows in it
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=no
LIMIT=900

boot_1() {
    printf '%s\n' '[Match]' 'Name=eth0' '' '[Network]' 'Address=192.0.2.2/24' > /etc/systemd/network/10-uplink.network
    sync
    systemctl enable --quiet bird
    machine_reboot
}

boot_2() {
    claim 'the BGP session is established after a reboot' wait_for_bgp
    claim 'the second disk is there' test -b "$PERSISTENT_DISK"
    kernel_state "$STATES/first"
    networkctl reload
    wait_for_networkd
    kernel_state "$STATES/second"
    same_kernel_state "$STATES/first" "$STATES/second" 'the picture stays the same when nothing happens'
    ip address add 192.0.2.3/24 dev eth0
    kernel_state "$STATES/changed"
    claim_fails 'an address more is seen in the picture' diff "$STATES/first" "$STATES/changed"
    sync
    machine_reset
}

boot_3() {
    claim 'the BGP session is established after a reset' wait_for_bgp
    kernel_state "$STATES/third"
    same_kernel_state "$STATES/first" "$STATES/third" 'the picture is the same after a reset'
    claim 'the journal of the boot before is kept' test -s "$OUT/journal-2.log"
}
