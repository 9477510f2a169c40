# An apply that is torn leaves the host wholly old or wholly new: executor killed, command killed, machine reset
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=3600
# Behind each how many steps it is killed
EVERY=${EVERY:-1}
# More steps than the change has; the loop ends at the first apply that gets through.
MOST_STEPS=40

boot_1() {
    first_apply
    machine_reboot
}

boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    kernel_state "$STATES/old"
    bgp_socket > "$STATES/socket"
    write_everything
    kill_after_each_step
    back_to_the_old
    uplink_torn
    somebody_in_the_middle
    undo_that_fails
    kill_the_command
    back_to_the_old
    reset_in_the_middle
}

write_everything() {
    write_spec base storage guests mount domain
}

# The executor kills itself after step N; its undo has to run without anybody's call.
kill_after_each_step() {
    local step
    for ((step = 1; step <= MOST_STEPS; step += EVERY)); do
        if HOSTWRIGHT_KILL_AFTER_STEP=$step apply > "$OUT/kill-$step.log" 2>&1; then
            note "the apply has fewer than $step steps"
            claim 'it was killed behind five steps at least' test "$step" -gt 5
            claim 'the apply that got through is wholly new' wholly_new
            return
        fi
        claim "killed after step $step: it was" grep 'was killed' "$OUT/kill-$step.log"
        whole_again "killed after step $step"
    done
    say_failed 'an apply gets through at last' "not within $MOST_STEPS steps"
}

whole_again() {
    claim "$1: the host is wholly old within 60 s" wait_until 60 wholly_old
    sleep 2
    kernel_state "$STATES/torn"
    same_kernel_state "$STATES/old" "$STATES/torn" "$1: the kernel state is the old one"
    claim "$1: the BGP session is the same socket" same_socket
}

# A guest that runs is never ended by an apply: its administrator does that.
back_to_the_old() {
    if wholly_new > /dev/null 2>&1; then
        virsh destroy web1 > /dev/null
        write_spec base
        claim 'everything is removed again' apply
        kernel_state "$STATES/old"
        write_everything
    fi
}

spec_changed_uplink() {
    spec_base | sed 's|"192.0.2.2/24"|&, "192.0.2.22/24"|; /^addresses/a routes = [{ to = "10.77.0.0/16", via = "192.0.2.1" }]'
}

has_changed_uplink() {
    has_address eth0 192.0.2.22/24 && ip route show 10.77.0.0/16 | grep --quiet 'via 192.0.2.1 dev eth0'
}

# The card under the BGP session, which networkd has loaded: its file changes, and networkd reads it.
uplink_torn() {
    local step
    write_spec changed_uplink
    claim 'uplink: networkd is told of it' bash -c 'hostwright plan --format json | grep networkd-reload'
    for ((step = 1; step <= MOST_STEPS; step++)); do
        ! HOSTWRIGHT_KILL_AFTER_STEP=$step apply > "$OUT/uplink-$step.log" 2>&1 || break
        claim "uplink: killed after step $step: it was" grep 'was killed' "$OUT/uplink-$step.log"
        whole_again "uplink: killed after step $step"
    done
    claim 'uplink: it was killed behind two steps at least' test "$step" -gt 2
    claim 'uplink: the apply that got through is whole' has_changed_uplink
    write_spec base
    claim 'uplink: it is changed back' apply
    write_everything
}

units_of_ours() {
    systemctl show --property=Id,ActiveState,LoadState,FragmentPath,NeedDaemonReload srv-scratch.automount srv-scratch.mount \
        hostwright-domain-web1.service systemd-networkd.service
}

# The step that starts the automount: the first behind which the mount can be in use.
automount_step() {
    local status=0
    hostwright plan --format json > "$OUT/plan.json" || status=$?
    python3 -c "
import json
steps = json.load(open('$OUT/plan.json'))['plan']['steps']
print(1 + next(n for n, it in enumerate(steps) if it['action'] == {'start-unit': 'srv-scratch.automount'}))"
}

# A daemon-reload and another apply come in between.
somebody_in_the_middle() {
    paused_after "$(automount_step)" "$OUT/middle.log"
    units_of_ours > "$STATES/units"
    systemctl daemon-reload
    claim 'daemon-reload in the middle: no unit of ours is changed' diff "$STATES/units" <(units_of_ours)
    another_apply > "$OUT/another.log" 2>&1
    claim 'another apply exits with 7' grep --quiet 'exit 7' "$OUT/another.log"
    claim 'another apply names the holder and since when' grep --quiet 'locked by .* since 20' "$OUT/another.log"
    kill_the_executor
    whole_again 'killed in the middle'
}

another_apply() {
    local status=0
    apply || status=$?
    echo "exit $status"
}

# What the apply started is in use when it is to be taken back: the file system cannot be unmounted.
undo_that_fails() {
    local command user status=0
    paused_after "$(automount_step)" "$OUT/fails.log"
    command=$!
    (cd /srv/scratch && exec sleep infinity) &
    user=$!
    wait_until 30 findmnt --noheadings --types ext4 /srv/scratch
    kill_the_executor
    wait "$command" || status=$?
    claim 'an undo that fails exits with 6' test "$status" = 6
    claim 'an undo that fails says what is left' grep 'left: .*srv-scratch.mount' "$OUT/fails.log"
    claim 'an undo that fails takes back the rest' no_link storage
    claim 'status says what is left' bash -c 'hostwright status | grep srv-scratch.mount'
    claim 'an undo that fails: the BGP session is the same socket' same_socket
    kill "$user"
    wait "$user" || true
    systemctl stop srv-scratch.mount srv-scratch.automount
}

# The command only follows: its death must not matter.
kill_the_command() {
    local command
    apply_in_background "$OUT/command.log"
    command=$!
    wait_until 30 test -e "$RUNNING"
    kill -KILL "$command"
    wait "$command" || true
    claim 'command killed: the host is wholly old or wholly new' wait_until 120 wholly_one
    claim 'command killed: the BGP session is the same socket' same_socket
}

# The executor sleeps after its third step, so the reset hits an apply that is half done.
reset_in_the_middle() {
    HOSTWRIGHT_PAUSE_AFTER_STEP=3 apply_in_background "$OUT/reset.log"
    wait_until 30 test -e "$RUNNING"
    sleep 10
    machine_reset
}

boot_3() {
    claim 'reset: the BGP session is established' wait_for_bgp
    claim 'reset: the host is wholly old' wait_until 60 wholly_old
    claim 'reset: the changes are pending again' plan_is_pending
    claim_fails 'reset: libvirt has no domain of it' virsh dominfo web1
    claim 'reset: no link of it is there' no_link storage
    kernel_state "$STATES/booted"
    same_kernel_state "$STATES/old" "$STATES/booted" 'reset: the kernel state is the old one'
}
