# First contact with hosts that networkd's own files configure, plain and with bond, VLANs and bridge: init, take-over, rollback
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=2700

NETWORK=/etc/systemd/network
ASIDE=/etc/hostwright/taken-over$NETWORK

# write_file NAME LINE…
write_file() {
    local path=$NETWORK/$1
    shift
    mkdir -p "$(dirname "$path")"
    printf '%s\n' "$@" > "$path"
    chmod 640 "$path"
    chgrp systemd-network "$path"
    touch --date='2024-02-29 12:34:56.789' "$path"
}

# Names before ours, which networkd would take instead.
write_plain() {
    write_file 05-uplink.network '# by hand' '[Match]' 'Name=eth0' '[Network]' 'Address=192.0.2.2/24' 'IPv6AcceptRA=no' 'LLDP=yes'
    write_file 05-uplink.network.d/route.conf '[Route]' 'Destination=10.77.0.0/16' 'Gateway=192.0.2.1' \
        '[RoutingPolicyRule]' 'Priority=900' 'From=10.78.0.0/24' 'Table=100'
}

# link NAME LINE…: its .network
write_link() {
    local name=$1
    shift
    write_file "05-$name.network" '[Match]' "Name=$name" '[Network]' 'IPv6AcceptRA=no' "$@"
}

# device NAME KIND LINE…: its .netdev
write_device() {
    local name=$1 kind=$2
    shift 2
    write_file "05-$name.netdev" '[NetDev]' "Name=$name" "Kind=$kind" "$@"
}

write_bonded() {
    write_device bond0 bond '[Bond]' 'Mode=active-backup' 'MIIMonitorSec=200ms'
    write_device storage vlan '[VLAN]' 'Id=42'
    write_device v20 vlan '[VLAN]' 'Id=20'
    write_device br20 bridge '[Bridge]' 'STP=no'
    write_link eth0 'Bond=bond0'
    write_link bond0 'Address=192.0.2.2/24' 'VLAN=storage' 'VLAN=v20'
    write_link storage 'Address=10.0.42.2/24'
    write_link v20 'Bridge=br20'
    write_link br20 'Address=10.0.20.2/24'
}

# What is said of every file: bytes, mode, owner, time.
files_of() {
    (cd "$1" && find . -type f -exec stat --format='%n %a %U %G %y' {} + -exec sha256sum {} + | sort)
}

boot_1() {
    claim 'hostwright installs itself' install_hostwright
    systemctl enable --quiet bird
    write_plain
    machine_reboot
}

# The alias is the mark of ownership, given to links that are made.
picture() {
    kernel_state "$STATES/$1"
    sed -i '/^link [^ ]* ifalias /d' "$STATES/$1"
}

# contact NAME: the first contact with a host that was just booted
contact() {
    claim "$1: the BGP session is established" wait_for_bgp
    picture "$1"
    files_of "$NETWORK" > "$STATES/files"
    rm -f "$SPEC"
    claim "$1: init writes a spec" hostwright init
    while IFS= read -r line; do note "| $line"; done < "$SPEC"
    claim "$1: check accepts it" hostwright check
    claim_fails "$1: without a word nothing is taken over" hostwright apply --at-boot --yes
    claim "$1: the plan has no step for the kernel" no_kernel_step
    control 20
    measured "$1, take-over" hostwright apply --take-over --yes
    measured "$1, reload by hand" reload_by_hand
    picture "$1-taken"
    same_kernel_state "$STATES/$1" "$STATES/$1-taken" "$1: the take-over changes nothing in the kernel"
    claim "$1: nothing is to be done after it" plan_is_empty
    claim "$1: the files are where they were" files_are_as_they_were
}

no_kernel_step() {
    local steps
    steps=$(hostwright --format json plan --take-over | python3 -c '
import json, sys
plan = json.load(sys.stdin)["plan"]
steps = [it["action"] if isinstance(it["action"], str) else next(iter(it["action"])) for it in plan["steps"]]
print(sorted(set(steps)), len(plan["problems"]) + len(plan["blocked"]))')
    echo "$steps"
    test "$steps" = "['daemon-reload', 'set-running', 'take-over'] 0"
}

files_are_as_they_were() {
    files_of "$NETWORK" | diff "$STATES/files" -
}

# taken NAME: the boot after
taken() {
    claim "$1: the BGP session is established after the boot" wait_for_bgp
    claim "$1: the files lie aside" bash -c "test -z \"\$(find $NETWORK -type f)\""
    claim "$1: they lie aside as they were" bash -c "diff $STATES/files <(cd $ASIDE && $(declare -f files_of); files_of .)"
    claim "$1: networkd has ours" bash -c 'networkctl status eth0 | grep /run/systemd/network/10-hostwright-eth0.network'
    claim "$1: nothing is to be done after the boot" plan_is_empty
    picture "$1-booted"
    same_kernel_state "$STATES/$1" "$STATES/$1-booted" "$1: the kernel state is the same after the boot"
    control 20
    measured "$1, rollback" roll_back
    measured "$1, reload by hand after the rollback" reload_by_hand
}

# given_back NAME: the boot after that
given_back() {
    claim "$1: the BGP session is established with the files of others" wait_for_bgp
    claim "$1: the files are back byte for byte" files_are_as_they_were
    claim "$1: nothing of ours is left" bash -c '! ls /run/systemd/network/*hostwright*'
    picture "$1-back"
    same_kernel_state "$STATES/$1" "$STATES/$1-back" "$1: the kernel state is as it was"
}

boot_2() {
    contact plain
    machine_reboot
}

boot_3() {
    taken plain
    machine_reboot
}

boot_4() {
    given_back plain
    rm -r "${NETWORK:?}"/*
    write_bonded
    machine_reboot
}

boot_5() {
    contact bonded
    machine_reboot
}

boot_6() {
    taken bonded
    machine_reboot
}

boot_7() {
    given_back bonded
}
