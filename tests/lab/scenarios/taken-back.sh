# A change that nobody confirms is taken back by itself, whoever is killed or reset meanwhile
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=2400
RESET_WINDOW=180

# On the machine that starts the lab only the settings above are read.
if [[ -e /lab/in/inside/window.sh ]]; then
    # shellcheck source=../inside/window.sh
    source /lab/in/inside/window.sh
fi

# The very first apply, for a host whose uplink nobody manages, is reset inside its window, with the session that it brought.
# Its networkd has not started under our protection yet.
boot_1() {
    claim 'hostwright installs itself' install_hostwright
    systemctl enable --quiet --now bird
    write_spec uplink
    apply_in_background "$OUT/first.log" --confirm 10min --allow routes
    claim 'the first apply waits to be confirmed' wait_until 120 waits
    claim 'it gave the address' has_address eth0 192.0.2.2/24
    claim 'and BGP came up inside the window' wait_for_bgp
    machine_reset
}

boot_2() {
    claim 'after a reset in the first window nothing is applied' test ! -e "$APPLIED"
    claim 'and networkd has no file of it' test -z "$(ls /run/systemd/network 2> /dev/null)"
    claim_fails 'nor the uplink an address' has_address eth0 192.0.2.2/24
    claim 'status says how it ended' bash -c 'hostwright status | grep "taken back: the machine was reset"'
    write_spec uplink
    claim 'the first apply succeeds' hostwright apply --at-boot --yes
    machine_reboot
}

boot_3() {
    begin_of_windows
    nobody_confirms
    somebody_confirms
    killed_in_the_window
    disturbed_in_the_window
    reset_in_the_window
}

nobody_confirms() {
    in_a_window "$OUT/unconfirmed.log"
    claim 'the new link is there inside the window' ip link show dev v20
    claim 'status says that it waits' bash -c 'hostwright status | grep "waits: .hostwright confirm. keeps it"'
    old_again 'not confirmed' $((WINDOW + 30))
    local status=0
    wait "$command" || status=$?
    claim_equal 'not confirmed: exit 4' "$status" 4
    claim 'not confirmed: it says so' grep --quiet "nobody confirmed it within $WINDOW s" "$OUT/unconfirmed.log"
}

somebody_confirms() {
    claim_fails 'nothing waits: a confirm is refused' hostwright confirm --same-connection
    in_a_window "$OUT/confirmed.log"
    claim_fails 'a confirm without a login by ssh is refused' hostwright confirm
    claim 'a confirm over the same connection keeps it' hostwright confirm --same-connection
    sleep $((WINDOW + 20))
    claim 'the link stays beyond the deadline' ip link show dev v20
    claim 'and in the applied spec' grep --quiet vlan.v20 "$APPLIED"
    write_spec uplink management
    claim 'it is removed again' apply
}

killed_in_the_window() {
    in_a_window "$OUT/killed-executor.log"
    kill_the_executor
    old_again 'executor killed inside the window' 30
    in_a_window "$OUT/killed-command.log"
    kill -KILL "$command"
    old_again 'command killed inside the window' $((WINDOW + 30))
    in_a_window "$OUT/killed-both.log"
    kill -KILL "$command"
    kill_the_executor
    old_again 'command and executor killed inside the window' 30
    in_a_window "$OUT/killed-undo.log"
    kill_the_executor
    claim 'the undo is killed, too' kill_the_undo
    old_again 'executor and undo killed inside the window' $((WINDOW + 60))
    in_a_window "$OUT/stopped-executor.log"
    systemctl kill --kill-who=main --signal=STOP hostwright-apply.service
    old_again 'executor stopped inside the window' $((WINDOW + 60))
}

# The process that the executor leaves the undo to
kill_the_undo() {
    wait_until 10 systemctl kill --kill-who=control --signal=KILL hostwright-apply.service
}

disturbed_in_the_window() {
    in_a_window "$OUT/clock.log"
    date --set='+1 hour' > /dev/null
    claim 'clock an hour ahead: the window stays open' stays_for 5
    old_again 'clock an hour ahead' $((WINDOW + 30))
    in_a_window "$OUT/clock-back.log"
    date --set='-1 hour' > /dev/null
    claim 'clock an hour back: the window stays open' stays_for 5
    old_again 'clock an hour back' $((WINDOW + 30))
    in_a_window "$OUT/daemon-reload.log"
    systemctl daemon-reload
    claim 'the link is there after a daemon-reload of somebody else' ip link show dev v20
    old_again 'a daemon-reload of somebody else' $((WINDOW + 30))
}

# Long enough for a boot under emulation: the host must be back by the time at which the window would have closed.
reset_in_the_window() {
    WINDOW=$RESET_WINDOW
    date +%s > "$STATES/reset-window"
    sync --file-system "$STATES/reset-window"
    in_a_window "$OUT/reset.log"
    machine_reset
}

boot_4() {
    claim 'a reset inside the window boots the generation before' wait_for_bgp
    claim 'reset: the host is as before' wait_until 60 is_old
    local taken=$(($(date +%s) - $(cat "$STATES/reset-window")))
    note "reset: as before $taken s after the apply with a window of $RESET_WINDOW s began"
    claim 'reset: within the deadline and 30 s' test "$taken" -gt 0 -a "$taken" -le $((RESET_WINDOW + 30))
    kernel_state "$STATES/booted"
    same_kernel_state "$STATES/old" "$STATES/booted" 'reset: the kernel state is the old one'
}
