# What a disk of a target goes through while it is read: targets that come and go, open-iscsi anew, its own target gone
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=1800
CONTROL_SECONDS=60
GONE_SECONDS=20
# In memory: a target does not wait for its initiator's disk.
SAN=/run/lab-san
# Seconds that a pause may be longer than the longest of the control run.
MORE=1

# On the machine that starts the lab only the settings above are read; TARGET=lio has the kernel's target in place of tgt.
if [[ -e /lab/in/inside/iscsi.sh ]]; then
    # shellcheck source=../inside/iscsi.sh
    source /lab/in/inside/iscsi.sh
fi

boot_1() {
    first_apply
    machine_reboot
}

boot_2() {
    wait_until 60 has_address eth0 192.0.2.2/24
    store_secret "$SECRET"
    write_spec base san two
    claim 'two targets are logged in to' apply
    claim 'each has its session' bash -c "$(declare -f sessions has_sessions); has_sessions $ONE 1 && has_sessions $TWO 1"
    DISK=$(disk_of one/1)
    while_read control sleep "$CONTROL_SECONDS"
    targets_come_and_go
    open_iscsi_restarts
    open_iscsi_is_installed_again
    target_goes_and_comes
}

# while_read LABEL COMMAND…: the disk of the first target is read; what was seen: read_file LABEL
while_read() {
    local label=$1 reader session
    shift
    session=$(session_of "$ONE")
    journalctl --lines=0 --show-cursor | sed -n 's/^-- cursor: //p' > "$OUT/cursor"
    nice --adjustment=-20 python3 "$INSIDE/reader.py" "$DISK" "$(read_file "$label")" &
    reader=$!
    claim "$label: \"$*\" succeeds" "$@"
    sleep 5
    kill "$reader"
    wait "$reader" || true
    claim "$label: the disk was read without an error ($(seen "$label" reads) reads)" read_without_error "$label"
    claim_equal "$label: the session is the same" "$session" "$(session_of "$ONE")"
}

read_file() {
    echo "$OUT/read-${1// /-}.json"
}

seen() {
    python3 -c "import json; print(json.load(open('$(read_file "$1")'))['$2'])"
}

read_without_error() {
    seen "$1" error && test "$(seen "$1" error)" = None && test "$(seen "$1" reads)" -gt 10
}

connection_was_lost() {
    journalctl --after-cursor="$(cat "$OUT/cursor")" --dmesg | grep 'detected conn error'
}

# not_disturbed LABEL: no connection was lost, and no pause was much longer than without any change
not_disturbed() {
    local control longest
    control=$(seen control longest)
    longest=$(seen "$1" longest)
    claim_fails "$1: no connection was lost" connection_was_lost
    claim "$1: the longest pause is $longest s, $control s in the control run" \
        python3 -c "import sys; sys.exit($longest > $control + $MORE)"
}

# not_lost LABEL: an iscsid that starts takes the connections of all sessions up anew, for which their reads wait
not_lost() {
    claim_fails "$1: no connection was lost" connection_was_lost
    note "$1: the longest pause is $(seen "$1" longest) s, $(seen control longest) s in the control run"
}

targets_come_and_go() {
    write_spec base san three
    while_read 'one target comes and one goes' apply
    claim 'the new one has its session' has_sessions "$THREE" 1
    claim 'the old one has none' has_sessions "$TWO" 0
    not_disturbed 'one target comes and one goes'
}

open_iscsi_restarts() {
    while_read 'restart' systemctl restart open-iscsi.service iscsid.service
    not_lost 'restart'
}

# The stop of open-iscsi.service would end all sessions, and a reinstall starts iscsid anew.
open_iscsi_is_installed_again() {
    local before
    before=$(systemctl show --property=MainPID --value iscsid.service)
    while_read 'reinstall' env DEBIAN_FRONTEND=noninteractive dpkg --install /var/lib/lab/iscsi-debs/open-iscsi_*.deb
    not_lost 'reinstall'
    claim_fails 'reinstall: iscsid is another one' test "$before" = "$(systemctl show --property=MainPID --value iscsid.service)"
    claim 'reinstall: the session of the other target is there' has_sessions "$THREE" 1
    claim 'nothing is pending after the reinstall' plan_is_empty
}

goes_and_comes() {
    targets_go && sleep "$GONE_SECONDS" && timeout 5 hostwright status && targets_come
}

# The replacement timeout is two minutes: until then commands wait.
target_goes_and_comes() {
    local longest
    while_read 'target gone' goes_and_comes
    longest=$(seen 'target gone' longest)
    claim 'target gone: the connection was lost' connection_was_lost
    claim "target gone: reads waited, $longest s" python3 -c "import sys; sys.exit($longest < $GONE_SECONDS)"
    claim 'target gone: the session is logged in' grep LOGGED_IN "/sys/class/iscsi_session/$(session_of "$ONE")/state"
    claim 'nothing is pending when it is back' plan_is_empty
}
