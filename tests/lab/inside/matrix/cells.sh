# Cells of the matrix: an operation or an aftershock, foretold, measured, recorded
# shellcheck shell=bash disable=SC2034,SC2154

# Operation, aftershock, forecast and what was found of the cell that was measured last
LAST=()

# record OPERATION AFTERSHOCK FORECAST MEASURED NOTE: one line of the table. A forecast is `MOST` or `MOST/LEAST`, words of
# effects, where a part of it happens by chance.
record() {
    python3 - "$@" >> "$RESULTS" << 'END'
import json, os, sys
operation, aftershock, forecast, measured, note = sys.argv[1:]
forecast, _, least = forecast.partition("/")
print(json.dumps({
    "systemd": os.environ["VERSION"], "daemon": os.environ["DAEMON"], "uplink": os.environ["UPLINK"],
    "column": os.environ["COLUMN"], "protected": os.environ["PROTECTED"],
    "operation": operation, "aftershock": aftershock, "forecast": forecast.split(), "measured": measured.split(),
    **({"or": least.split()} if _ else {}),
    "note": note,
}))
END
}

# disturbed LABEL: what was measured, in the words of the forecast. Routes that go with their session are the session's.
disturbed() {
    local found=()
    if [[ $(judged "$1" "$CLAIM_ADDRESSES" | cut -f2) == FAIL || $(judged "$1" "$CLAIM_LINKS" | cut -f2) == FAIL ]]; then
        found+=(links)
    fi
    [[ $(judged "$1" "$CLAIM_ROUTES" | cut -f2) == FAIL ]] && found+=(routes)
    [[ $(judged "$1" "$CLAIM_SOCKET" | cut -f2) == FAIL ]] && found=(sessions)
    echo "${found[*]}"
}

lost_packets() {
    echo "near $(judged "$1" "$CLAIM_NEAR" | cut -f3), far $(judged "$1" "$CLAIM_FAR" | cut -f3)"
}

# foretold OPERATION [LINK]: what the model says that networkd would disturb here, by its part in one link or in any. What
# the change's own links lose does not count.
foretold() {
    hostwright explain networkd --format json | python3 -c "
import json, sys
operation, link, *own = sys.argv[1:]
found, sure = set(), set()
for row in (it for it in json.load(sys.stdin)['rows'] if it['operation'] == operation):
    links = [it for it in row['links'] if not link or it == link]
    others = [it for it in links if it not in own]
    if not row['links'] or others or (links and row['effects'] != ['links']):
        found.update(row['effects'])
        if row['certainty'] == 'each time':
            sure.update(row['effects'])
def words(effects):
    return 'sessions' if 'sessions' in effects else ' '.join(sorted(effects))
print(words(found) + ('/' + words(sure) if words(sure) != words(found) else ''))" "$1" "${2:-}" "${OWN_LINKS[@]}"
}

# compare OPERATION AFTERSHOCK FORECAST: a measuring that has ended, with what was foretold
compare() {
    local label="$1 $2" found most=${3%/*}
    found=$(disturbed "$label")
    record "$1" "$2" "$3" "$found" "$(lost_packets "$label")"
    claim "$label: \"${3:-nothing}\" is foretold and \"${found:-nothing}\" is lost" is_as_foretold "$found" "$3"
    if [[ -z $most ]]; then
        claim "$label: no more packets are lost than in the control run" no_more_packets "$label"
    fi
    claim_equal "$label: the kernel's messages were all heard" ok "$(judged "$label" "$CLAIM_HEARD" | cut -f2)"
    LAST=("$1" "$2" "$3" "$found")
}

# is_as_foretold FOUND FORECAST
is_as_foretold() {
    [[ $1 == "${2%/*}" || ($2 == */* && $1 == "${2#*/}") ]]
}

# begin LABEL: the measuring begins; what the one before called unharmed has stayed so until now, however the daemon became
# well in between
begin() {
    local late former="${LAST[0]:-} ${LAST[1]:-}"
    measure_begin "$1" "${OWN_LINKS[@]}"
    [[ ${#LAST[@]} != 0 && -z ${LAST[3]} ]] || return 0
    late=$(python3 "$INSIDE/measure.py" since "$(measure_directory "$former")" "$(measure_directory "$1")")
    [[ -n $late ]] || return 0
    say_failed "$former: nothing is lost until $1" "$late"
    record "${LAST[0]}" "${LAST[1]}" "${LAST[2]}" late "$late"
}

no_more_packets() {
    local claim
    for claim in "$CLAIM_NEAR" "$CLAIM_FAR"; do
        judged "$1" "$claim"
        [[ $(judged "$1" "$claim" | cut -f2) != FAIL ]] || return 1
    done
}

# foretold_by_plan FILE: what a plan says that it disturbs beside the links that it is about
foretold_by_plan() {
    python3 -c "
import json, sys
own, words = sys.argv[2:], set()
for change in json.load(open(sys.argv[1]))['plan']['changes']:
    for effect in change['effects']:
        word, of = next(iter(effect.items())) if isinstance(effect, dict) else (effect, None)
        if of not in own:
            words.add({'link': 'links'}.get(word, word))
print('sessions' if 'sessions' in words else ' '.join(sorted(words)))" "$1" "${OWN_LINKS[@]}"
}

why_refused() {
    python3 -c "
import json
plan = json.load(open('$OUT/plan-$1.json'))['plan']
print('; '.join(it['message'] for it in plan['blocked'] + plan['problems']))"
}

# aftershocks OPERATION: what others may do at any time
aftershocks() {
    shock "$1" 'reload by hand' reload-unchanged same reload_by_hand
    shock "$1" 'carrier blip' carrier-blip same blip
    shock "$1" 'crash of networkd' restart other kill_networkd
}

# shock OPERATION AFTERSHOCK MODEL PROCESS COMMAND: PROCESS says whether networkd is the same one or another behind it
shock() {
    local forecast before now
    claim "$1 $2: the daemon is well before" recovered
    forecast=$(foretold "$3")
    before=$(networkd_process)
    begin "$1 $2"
    claim "$1 $2: it is done" "$5"
    now=$(networkd_process)
    measure_stop "$1 $2"
    case $4 in
        same) claim_equal "$1 $2: networkd is the same process" "$before" "$now" ;;
        other) claim_fails "$1 $2: networkd is another process" test "$before" = "$now" ;;
    esac
    compare "$1" "$2" "$forecast"
    [[ $COLUMN == usual ]] || claim "$1 $2: the machine is as the plan says" plan_is_empty
}

blip() {
    local wire
    for wire in peer-up0 peer-up1; do ip netns exec peer ip link set "$wire" down; done
    sleep 2
    for wire in peer-up0 peer-up1; do ip netns exec peer ip link set "$wire" up; done
    sleep 3
}

