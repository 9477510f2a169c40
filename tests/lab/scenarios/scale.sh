# A host with a thousand VLANs: what a plan takes, what a hundred more take, in time and memory
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=3600
CONTROL_SECONDS=30
MANY=1000
MORE=100
WATCH=5

# vlans FIRST LAST: each with an address of its own
vlans() {
    local id
    for ((id = $1; id <= $2; id++)); do
        printf '%s\n' "[vlan.v$id]" "id = $id" 'parent = "eth0"' \
            "addresses = [\"10.$((200 + id / 256)).$((id % 256)).2/24\"]" ''
    done
}

write_many() {
    { write_spec base && vlans 1001 "$1" >> "$SPEC"; }
}

# As an image has it: the spec is the applied one before anything runs. A thousand links at once are more than networkd
# takes in from a single reload here.
boot_1() {
    claim 'hostwright installs itself' install_hostwright
    systemctl enable --quiet bird
    write_many $((1000 + MANY))
    install --mode=644 "$SPEC" "$APPLIED"
    claim 'the spec compiles' hostwright check
    machine_reboot
}

boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    claim 'all VLANs are there' wait_until 600 links_are "$MANY"
    claim 'networkd has configured them' wait_until 600 networkd_settled
    control "$CONTROL_SECONDS"
    for word in first second third; do
        plan_takes "$word plan"
    done
    hundred_more
    hundred_less
}

links_are() {
    test "$(ip -o link show type vlan up | wc -l)" = "$1"
}

# Emulation is 10 to 20 times slower than the hardware that the limits are meant for.
slowness() {
    if [[ $(systemd-detect-virt) == kvm ]]; then echo 1; else echo 20; fi
}

# timed NAME COMMAND…: seconds and peak of memory in KiB go to "$STATES/NAME"
timed() {
    python3 - "$STATES/$1" "${@:2}" << 'END'
import resource, subprocess, sys, time
begin = time.monotonic()
status = subprocess.run(sys.argv[2:]).returncode
seconds = time.monotonic() - begin
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
open(sys.argv[1], "w").write(f"{seconds:.3f} {peak}\n")
sys.exit(status)
END
}

# within NAME SECONDS KIBIBYTES
within() {
    local seconds peak
    read -r seconds peak < "$STATES/$1"
    awk "BEGIN { exit !($seconds <= $2 && $peak <= $3) }"
}

plan_takes() {
    local limit
    limit=$(awk "BEGIN { print 0.2 * $(slowness) }")
    claim "$1: nothing is to be done" timed plan hostwright plan --exit-code
    note "$1: $(awk '{ print $1 " s, " $2 " KiB" }' "$STATES/plan")"
    claim "$1: at most $limit s and 64 MiB" within plan "$limit" 65536
}

# applied_in LABEL: claims about an apply of a hundred VLANs, its time without that in which it is watched
applied_in() {
    local label=$1 limit
    limit=$((2 * $(slowness) + WATCH))
    measured "$label" with_executor timed apply hostwright apply --yes
    note "$label: $(awk '{ print $1 " s, " $2 " KiB" }' "$STATES/apply"), $WATCH s of it watching; executor $(cat "$STATES/executor") KiB"
    claim "$label: at most $limit s with $WATCH s of watching, and 64 MiB" within apply "$limit" 65536
    claim "$label: the executor takes at most 64 MiB" executor_within 65536
    claim "$label: nothing more is to be done" plan_is_empty
}

more_links() {
    local id
    for ((id = 1001; id <= 1000 + MANY + MORE; id++)); do echo "v$id"; done
}

hundred_more() {
    mapfile -t OWN_LINKS < <(more_links)
    write_many $((1000 + MANY + MORE))
    applied_in 'a hundred more'
    claim 'a hundred more: all are there' links_are $((MANY + MORE))
}

hundred_less() {
    write_many $((1000 + MANY))
    applied_in 'a hundred less'
    claim 'a hundred less: those that stay are there' links_are "$MANY"
}
