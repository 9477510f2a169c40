# What scenarios with hostwright have in common: installing it, the spec in parts, the second disk, the domain
# shellcheck shell=bash disable=SC2034,SC2154

SPEC=/etc/hostwright/host.toml
APPLIED=/etc/hostwright/applied.toml
RUNNING=/run/hostwright/running.toml
JOURNAL=/var/lib/hostwright/journal
STATES=/var/lib/lab
PERSISTENT_DISK=/dev/disk/by-id/virtio-data
# Links of the spec that come and go: their own routes and addresses are no loss.
OWN_LINKS=(storage v20 appliance)

install_hostwright() {
    install --mode=755 --target-directory=/usr/local/bin /lab/in/bin/* && hostwright install
}

prepare_volumes() {
    vgcreate --quiet vg_lab "$PERSISTENT_DISK"
    lvcreate --quiet --yes --name scratch --size 64M vg_lab
    lvcreate --quiet --yes --name web1_root --size 64M vg_lab
    mkfs.ext4 -q /dev/vg_lab/scratch
}

# write_spec PART…: the candidate of the parts named
write_spec() {
    local part
    mkdir -p /etc/hostwright
    for part in "$@"; do
        "spec_$part"
    done > "$SPEC"
}

spec_base() {
    cat << 'END'
[host]
name = "hv1"
site = "lab"

[safety]
watch = "5s"

[nic.eth0]
match = { mac = "02:00:00:00:00:01" }
mtu = 1500
addresses = ["192.0.2.2/24"]

END
}

spec_storage() {
    cat << 'END'
[vlan.storage]
id = 42
parent = "eth0"
addresses = ["10.0.42.2/24"]

END
}

spec_guests() {
    cat << 'END'
[vlan.v20]
id = 20
parent = "eth0"

[macvtap.appliance]
parent = "v20"
mode = "bridge"

[network.guests]
macvtap = { parent = "v20" }

END
}

spec_mount() {
    cat << 'END'
[mount.scratch]
where = "/srv/scratch"
source = { volume = "vg_lab/scratch" }
type = "ext4"
on-demand = true

END
}

# The guest boots the host's own kernel; its initrd ends in a shell, which is all a running domain needs.
spec_domain() {
    cat << END
[domain.web1]
memory = "128MiB"
vcpus = 1
accelerator = "tcg"
firmware = "bios"
start = "boot"

[domain.web1.boot]
kernel = "/boot/vmlinuz-$(uname --kernel-release)"
initrd = "/boot/initrd.img-$(uname --kernel-release)"
cmdline = "console=ttyS0"

[domain.web1.disk.root]
source = { volume = "vg_lab/web1_root" }

[domain.web1.interface.lan]
network = "guests"
END
}

# In one place, so that a change of the command line is one line here. A claim shows the beginning, the file has all.
apply() {
    hostwright apply --yes "$@" 2>&1 | tee "$OUT/apply-$BOOT.log"
}

# apply_in_background LOG ARGUMENT…: its process is $!
apply_in_background() {
    (trap - ERR && exec hostwright apply --yes "${@:2}") > "$1" 2>&1 &
}

# with_executor COMMAND…: the peak of memory of the service that it starts is in "$STATES/executor" then, in KiB
with_executor() {
    local watcher status=0
    rm -f "$STATES/ended" "$STATES/executor"
    watch_executor &
    watcher=$!
    "$@" || status=$?
    touch "$STATES/ended"
    wait "$watcher"
    return "$status"
}

watch_executor() {
    local process peak=0 seen
    while [[ ! -e $STATES/ended ]]; do
        process=$(systemctl show --property=MainPID --value hostwright-apply.service)
        seen=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$process/status" 2> /dev/null || true)
        if ((${seen:-0} > peak)); then
            peak=$seen
            echo "$peak" > "$STATES/executor"
        fi
        sleep 0.2
    done
}

# executor_within KIBIBYTES
executor_within() {
    test "$(cat "$STATES/executor")" -le "$1"
}

# paused_after STEP LOG ARGUMENT…: an apply in the background that sleeps behind a step; its process is $!
paused_after() {
    HOSTWRIGHT_PAUSE_AFTER_STEP=$1 apply_in_background "${@:2}"
    wait_until 120 grep --quiet "\"done\":$(($1 - 1))" "$JOURNAL"
}

kill_the_executor() {
    systemctl kill --kill-who=main --signal=KILL hostwright-apply.service
}

roll_back() {
    hostwright rollback --yes "$@"
}

plan_is_empty() {
    hostwright plan --exit-code
}

plan_is_pending() {
    local status=0
    hostwright plan --exit-code || status=$?
    test "$status" = 3
}

# measured LABEL COMMAND…: runs it under measuring and says all claims
measured() {
    local label=$1
    shift
    measure_begin "$label" "${OWN_LINKS[@]}"
    claim "$label: \"$*\" succeeds" "$@"
    measure_end "$label"
}

# The first boot of every such scenario: the uplink alone, for the next boot.
first_apply() {
    claim 'hostwright installs itself' install_hostwright
    prepare_volumes
    systemctl enable --quiet bird
    write_spec base
    claim 'the first apply succeeds' hostwright apply --at-boot --yes
}

has_address() {
    ip -4 -o address show dev "$1" | grep --quiet --fixed-strings "inet $2 "
}

no_link() {
    fails ip link show dev "$1"
}

has_no_master() {
    ! ip link show dev "$1" | grep --quiet ' master '
}

# networkd sets a link up again, with what it has loaded for it, that lost its carrier and got it back.
stays_free() {
    ip link set "$1" down && sleep 2 && ip link set "$1" up && sleep 5 && wait_for_networkd && has_no_master "$1"
}

domain_runs() {
    test "$(virsh domstate "$1")" = running
}

# tap_of TYPE: the host's end of the guest's interface of that type
tap_of() {
    virsh domiflist web1 | awk -v "type=$1" '$2 == type { print $1 }'
}

# Nothing of this name in anything that networkd or systemd reads.
nothing_left_of() {
    local found
    found=$(grep --recursive --files-with-matches --no-messages "$1" /run/systemd/network /run/systemd/system \
        /run/systemd/generator /run/systemd/generator.late /etc/systemd "$APPLIED" || true)
    echo "$found"
    no_link "$1" && test -z "$found"
}

# networkd must understand every line it is given.
networkd_is_content_since() {
    fails grep --extended-regexp 'Unknown|ignoring|Failed' <(journal_since "$1" --unit=systemd-networkd)
}

# networkd has finished with the uplink and with the scenario's own links.
all_configured() {
    local link
    for link in eth0 "${OWN_LINKS[@]}"; do
        networkctl --no-legend list "$link" | grep --quiet ' configured *$' || { echo "$link"; return 1; }
    done
}

reload_by_hand() {
    networkctl reload && wait_for_networkd
}

# The sessions that the scenario kept in "$STATES/socket".
same_socket() {
    diff "$STATES/socket" <(bgp_socket)
}

networkd_process() {
    systemctl show --property=MainPID --value systemd-networkd
}

kill_networkd() {
    systemctl kill --signal=KILL systemd-networkd && sleep 1 && wait_for_networkd
}

# wholly_old and wholly_new: no apply under way, and the applied spec is without or with the storage VLAN
nothing_under_way() {
    test ! -e "$RUNNING" && hostwright status | grep '^machine: as applied$' > /dev/null
}

wholly_old() {
    nothing_under_way && fails grep --quiet --fixed-strings '[vlan.storage]' "$APPLIED"
}

wholly_new() {
    nothing_under_way && grep --quiet --fixed-strings '[vlan.storage]' "$APPLIED"
}

wholly_one() {
    wholly_old || wholly_new
}
