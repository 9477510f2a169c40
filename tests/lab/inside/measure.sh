# Measures what a change disturbs: sockets, routes at every moment, packets; the same for every scenario
# shellcheck shell=bash disable=SC2034,SC2154

MEASURES=/var/lib/lab/measures
NEAR=192.0.2.1
FAR=198.51.100.1
PING_OPTIONS=()

CLAIM_SOCKET='the BGP session is the same socket'
CLAIM_ROUTES='every route stayed at every moment'
CLAIM_ADDRESSES='every address stayed at every moment'
CLAIM_LINKS='every link stayed up, with its MTU and master'
CLAIM_HEARD="the kernel's messages were all heard"
CLAIM_NEAR='packets lost to the peer: no more than in the control run'
CLAIM_FAR='packets lost through the BGP route: no more than in the control run'

measure_directory() {
    echo "$MEASURES/${1// /-}"
}

# measure_begin LABEL [LINK…]: the links named are the change's own, their routes and addresses may go
measure_begin() {
    local directory label=$1
    directory=$(measure_directory "$label")
    shift
    rm -rf "$directory"
    mkdir -p "$directory"
    printf '%s\n' "$@" > "$directory/own"
    journalctl --lines=0 --show-cursor | sed -n 's/^-- cursor: //p' > "$directory/cursor"
    ip -ts -o monitor all > "$directory/monitor" 2>&1 &
    echo "TERM $!" > "$directory/processes"
    start_ping "$directory" near "$NEAR"
    start_ping "$directory" far "$FAR"
    sleep 1
    python3 "$INSIDE/measure.py" snapshot "$directory/begin"
    date +%s.%N > "$directory/started"
}

# A scenario whose way leads through a VRF says so in PING_OPTIONS.
start_ping() {
    ping -n -D -i 0.02 "${PING_OPTIONS[@]}" "$3" > "$1/ping-$2" 2>&1 &
    echo "INT $!" >> "$1/processes"
}

# The change has a moment to show what it did; the last packets have time to come back.
measure_stop() {
    local directory
    directory=$(measure_directory "$1")
    date +%s.%N > "$directory/stopped"
    sleep "${MEASURE_AFTER:-5}"
    canary
    python3 "$INSIDE/measure.py" snapshot "$directory/end"
    stop_measuring "$directory"
    python3 "$INSIDE/measure.py" judge "$directory" "$MEASURES" > "$directory/judged"
    keep_measure "$1" "$directory"
}

# Whoever still hears of this has heard of all before; nobody looks at its table.
canary() {
    ip route add blackhole 192.0.2.254/32 table 7777 && ip route delete blackhole 192.0.2.254/32 table 7777
}

stop_measuring() {
    local signal pid
    while read -r signal pid; do
        kill -"$signal" "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done < "$1/processes"
}

keep_measure() {
    journalctl --after-cursor="$(cat "$2/cursor")" --output=short-precise --no-pager > "$2/journal"
    cp -r "$2" "$OUT/measure-$BOOT-${1// /-}"
}

# Lines of the judgement: claim, ok or FAIL or note, what was seen; divided by tabs.
judged() {
    local directory
    directory=$(measure_directory "$1")
    awk -F'\t' -v "claim=$2" '$1 == claim' "$directory/judged"
}

measure_claims() {
    local label=$1 text verdict seen
    while IFS=$'\t' read -r text verdict seen; do
        case $verdict in
            ok) say_ok "$label: $text ($seen)" ;;
            FAIL) say_failed "$label: $text" "$seen" ;;
            note) note "$label: ${text%: no more than in the control run}: $seen" ;;
        esac
    done < "$(measure_directory "$label")/judged"
}

measure_end() {
    measure_stop "$1"
    measure_claims "$1"
}

# must_fail LABEL CLAIM: the lab is shown to see what it is there to see
must_fail() {
    local verdict seen
    IFS=$'\t' read -r _ verdict seen < <(judged "$1" "$2")
    if [[ $verdict == FAIL ]]; then
        say_ok "$1: fails the claim \"$2\" ($seen)"
    else
        say_failed "$1: fails the claim \"$2\"" "it holds (${seen:-not judged})"
    fi
}

in_words() {
    if [[ $1 == FAIL ]]; then echo 'does not hold'; else echo 'holds'; fi
}

# What was seen, without a judgement on the scenario.
measure_notes() {
    local text verdict seen
    while IFS=$'\t' read -r text verdict seen; do
        note "$1: ${text%: no more than in the control run}: $(in_words "$verdict"), $seen"
    done < "$(measure_directory "$1")/judged"
}

# journal_since LABEL [ARGUMENT…]: what the journal got since the measuring of that name began
journal_since() {
    local directory
    directory=$(measure_directory "$1")
    shift
    journalctl --after-cursor="$(cat "$directory/cursor")" --no-pager --output=cat "$@"
}

# control SECONDS: the same measuring without a change. Under emulation packets get lost with nothing done.
control() {
    measure_begin control
    sleep "$1"
    measure_stop control
    cp "$(measure_directory control)/losses" "$MEASURES/allowance"
    measure_claims control
}
