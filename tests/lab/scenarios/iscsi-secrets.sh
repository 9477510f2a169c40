# Secrets of both sides of a login: every process, file, log, output and the history of /etc is searched for them
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=1800
# tgtadm takes secrets as arguments; LIO reads them from files.
TARGET=lio
MUTUAL=zweites-0815-zweites
WRONG=falsch-4711-falsch
# One secret a line, plain and as programs like to encode it.
PATTERNS=/var/lib/lab/patterns
UNIT=hostwright-iscsi-one.service
STRACE=(--follow-forks --no-abbrev --string-limit=65535 --trace=execve --signal=none --output-append-mode)

# On the machine that starts the lab only the settings above are read.
if [[ -e /lab/in/inside/iscsi.sh ]]; then
    # shellcheck source=../inside/iscsi.sh
    source /lab/in/inside/iscsi.sh
fi

set_up_peer() {
    targets_come
    local auth=$LIO/iscsi/$ONE/tpgt_1/auth
    echo -n san > "$auth/userid_mutual"
    echo -n "$MUTUAL" > "$auth/password_mutual"
}

# For both to prove who they are.
spec_both() {
    spec_san | sed '/^chap/a mutual-chap = { user = "san", credential = "one-mutual" }'
}

boot_1() {
    first_apply
    write_patterns
    audit_from_boot
    claim 'etckeeper is installed' dpkg --install /var/lib/lab/etckeeper-debs/etckeeper_*.deb
    machine_reboot
}

# The shell's own commands: no process has a secret among its arguments.
write_patterns() {
    local secret
    for secret in "$SECRET" "$MUTUAL" "$WRONG"; do
        echo "$secret"
        printf %s "$secret" | python3 -c 'import base64, sys
secret = sys.stdin.read().encode()
print(secret.hex(), secret.hex().upper(), base64.b64encode(secret).decode(), sep="\n")'
    done > "$PATTERNS"
}

# Before anything of hostwright runs at a boot.
audit_from_boot() {
    cat > /etc/systemd/system/lab-audit.service << 'END'
[Unit]
DefaultDependencies=no
After=systemd-remount-fs.service
Before=hostwright-network.service systemd-udevd.service

[Service]
Type=forking
PIDFile=/run/auditd.pid
ExecStart=/sbin/auditd
ExecStartPost=/sbin/auditctl -R /etc/audit/lab.rules

[Install]
WantedBy=sysinit.target
END
    printf '%s\n' -D '-b 65536' '-a always,exit -F arch=b64 -S execve -S execveat' \
        '-a always,exit -F arch=b32 -S execve -S execveat' > /etc/audit/lab.rules
    sed -i 's/^log_format.*/log_format = RAW/; s/^max_log_file_action.*/max_log_file_action = IGNORE/; s/^flush.*/flush = NONE/' \
        /etc/audit/auditd.conf
    systemctl enable --quiet lab-audit.service
}

boot_2() {
    lost_before
    wait_until 60 has_address eth0 192.0.2.2/24
    claim 'etckeeper keeps a history of /etc' keep_history before
    claim 'both secrets are stored' store_secrets "$SECRET" "$WRONG"
    write_spec base both
    trace_logins
    watch_processes
    claim_fails 'a target that proves itself by another secret is refused' traced apply
    claim 'both secrets are stored anew' store_secrets "$SECRET" "$MUTUAL"
    claim 'an apply by which both prove who they are succeeds' traced apply
    claim 'there is one session' has_sessions "$ONE" 1
    claim 'the record of it has both' test "$(grep --count --fixed-strings --file="$PATTERNS" "$(records)/$ONE/10.0.42.1,3260")" = 2
    all_outputs
    processes_showed_nothing apply
    claim 'etckeeper commits' keep_history after
    searched apply
    rm "$STATES"/strace-*
    machine_reboot
}

boot_3() {
    claim 'the session is there after the boot' wait_until 60 has_sessions "$ONE" 1
    claim 'nothing is pending after the boot' plan_is_empty
    claim 'etckeeper commits what the boot wrote' keep_history boot
    searched boot
}

store_secrets() {
    printf '%s\n' "$1" | hostwright secret set one-chap && printf '%s\n' "$2" | traced hostwright secret set one-mutual
}

# Arguments and environment of every process that a command starts.
traced() {
    export -f apply
    export OUT BOOT
    strace "${STRACE[@]}" --output="$STATES/strace-commands" bash -o pipefail -c '"$@"' bash "$@"
}

# The same of what the login unit starts, at an apply and at a boot.
trace_logins() {
    local command
    hostwright build --out "$STATES/build" > /dev/null
    command=$(grep --recursive --no-filename '^ExecStart=.* unit iscsi-login ' "$STATES/build")
    mkdir -p "/etc/systemd/system/$UNIT.d"
    cat > "/etc/systemd/system/$UNIT.d/lab.conf" << END
[Service]
NotifyAccess=all
ExecStart=
ExecStart=/usr/bin/strace ${STRACE[*]} --output=$STATES/strace-login ${command#ExecStart=}
END
}

watch_processes() {
    python3 "$INSIDE/secrets.py" watch "$PATTERNS" "$OUT/watched.json" &
    WATCHER=$!
}

processes_showed_nothing() {
    kill "$WATCHER"
    wait "$WATCHER" || true
    claim "$1: the environments of all processes were looked at" \
        python3 -c "import json; it = json.load(open('$OUT/watched.json')); print(it); assert it['looks'] > 10 and 'iscsid' in it['names'] and 'hostwright' in it['names']"
    claim "$1: no process showed a secret" python3 -c "import json; assert json.load(open('$OUT/watched.json'))['found'] == []"
}

# What a command says; a plan is one with something to do.
all_outputs() {
    local directory=$OUT/outputs
    mkdir -p "$directory"
    hostwright history 2 --format json > "$directory/history-2"
    hostwright diff 1 2 > "$directory/diff" || true
    hostwright iscsi status > "$directory/iscsi"
    hostwright init --out - > "$directory/init" || true
    said status status
    said history history
    said plan-empty plan
    said who who
    said check check
    write_spec base
    said plan plan
    write_spec base both
    claim 'the outputs are there' test "$(find "$directory" -size +0 | wc -l)" -gt 8
}

said() {
    hostwright "${@:2}" --format json > "$OUT/outputs/$1" 2>&1 || true
}

keep_history() {
    { fails etckeeper unclean || HOME=/root etckeeper commit "$1"; } && git -C /etc log --oneline
}

lost_before() {
    LOST=$(lost)
    note "audit: $(auditctl -s | paste --serial --delimiters=' ')"
}

lost() {
    auditctl -s | sed -n 's/^lost //p'
}

# has_no_secret COMMAND…: what it prints has none; a command that prints nothing says nothing
has_no_secret() {
    "$@" > /run/printed && test -s /run/printed && fails grep --text --fixed-strings --file="$PATTERNS" /run/printed
}

# prints TEXT COMMAND…
prints() {
    "${@:2}" | grep --text --count "$1"
}

booted_at() {
    sed -n 's/^btime //p' /proc/stat
}

execves() {
    python3 "$INSIDE/secrets.py" execves "$(booted_at)"
}

traces() {
    cat "$STATES"/strace-*
}

objects_of_history() {
    git -C /etc cat-file --batch-all-objects --batch
}

# searched WHEN: all places, each shown to hold what it should
searched() {
    note "$1: $(execves | wc -l) processes were started"
    claim "$1: the audit saw the login" prints 'unit iscsi-login one --target=' execves
    claim "$1: the audit saw iscsiadm" prints '^iscsiadm -m node -T .* --login' execves
    claim "$1: no argument of a process has a secret" has_no_secret execves
    claim_equal "$1: the audit lost nothing" 0 "$(lost)"
    claim "$1: the traces saw the environment of the login" prints 'iscsi-login.*CREDENTIALS_DIRECTORY=/run/credentials' traces
    claim "$1: neither argument nor environment of a process has a secret" has_no_secret traces
    claim "$1: the journal has none" has_no_secret journalctl --output=export --all --no-pager
    claim "$1: the history of /etc has the spec" prints 'mutual-chap = ' objects_of_history
    claim "$1: the history of /etc has none" has_no_secret objects_of_history
    records_are_ignored "$1"
    claim "$1: no file has one but the records" no_file_has_a_secret
}

records_are_ignored() {
    if [[ $(records) == /etc/* ]]; then
        claim "$1: the records are kept out of the history" git -C /etc check-ignore --verbose "$(records)/$ONE/10.0.42.1,3260"
    else
        note "$1: the records are not in /etc"
    fi
}

# Units get theirs decrypted in /run/credentials, which no disk holds.
no_file_has_a_secret() {
    local found
    found=$(grep --recursive --files-with-matches --devices=skip --text --fixed-strings --file="$PATTERNS" \
        --exclude-dir=san --exclude-dir='*debs' /etc /run /var /root /tmp /usr/local "$OUT" 2> /dev/null |
        grep --invert-match --extended-regexp "^($(records)|/run/credentials|/run/printed|$PATTERNS)" || true)
    echo "$found"
    test -z "$found"
}
