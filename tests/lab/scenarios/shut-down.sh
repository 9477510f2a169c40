# A machine that goes down inside a window, with or without a word, is the one before at its next boot, carrier or not
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=1500

# On the machine that starts the lab only the settings above are read.
if [[ -e /lab/in/inside/window.sh ]]; then
    # shellcheck source=../inside/window.sh
    source /lab/in/inside/window.sh
fi

boot_1() {
    first_apply_of_the_uplink
    machine_reboot
}

boot_2() {
    begin_of_windows
    in_a_window "$OUT/shut-down.log"
    machine_reboot
}

# The same power cut takes the switch, which is back later than the host.
boot_3() {
    as_before 'shut down' 'the machine was shut down'
    in_a_window "$OUT/reset.log"
    wire off
    machine_reset
}

boot_4() {
    claim 'reset without a switch: the uplink has no carrier' no_carrier eth0
    claim 'reset without a switch: it is taken back all the same' wait_until 120 test ! -e "$JOURNAL"
    claim 'reset without a switch: status says so' taken_back_for 'the machine was reset'
    wire on
    as_before 'reset without a switch' 'the machine was reset'
}

no_carrier() {
    test "$(cat "/sys/class/net/$1/carrier")" = 0
}

taken_back_for() {
    hostwright status | grep "taken back: $1"
}

# as_before WHAT CAUSE
as_before() {
    claim "$1: the generation before is booted" wait_for_bgp
    claim "$1: the host is as before" wait_until 60 is_old
    claim "$1: status says how it ended" taken_back_for "$2"
    kernel_state "$STATES/booted"
    same_kernel_state "$STATES/old" "$STATES/booted" "$1: the kernel state is the old one"
}
