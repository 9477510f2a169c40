# Default bridges go and stay away, come back with rollback as they were, and stay where somebody uses them
# shellcheck shell=bash disable=SC2016,SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=3600
OWN_LINKS=(virbr0 lxcbr0 lxdbr0 incusbr0)
DEBS=/var/lib/lab/bridge-debs
LXC_NET=/etc/default/lxc-net
ORIGINALS=/var/lib/hostwright/originals

boot_1() {
    claim 'lxc and what libvirt needs for its bridge are installed' install_packages
    manage init --auto --storage-backend dir
    managed_state > "$STATES/managed"
    virsh net-start default
    virsh net-autostart default
    claim 'the packages have made their bridges' wait_until 60 bridges_there
    cp "$LXC_NET" "$STATES/lxc-net"
    first_apply_that_leaves
    claim 'an apply that leaves them leaves them' bridges_there
    claim_fails 'nothing is stored of bridges that are left' ls "$ORIGINALS"
    machine_reboot
}

# The same versions again: what an upgrade runs of the packages' scripts.
install_packages() {
    DEBIAN_FRONTEND=noninteractive dpkg --install "$DEBS"/*.deb && systemctl restart libvirtd
}

is_incus() {
    test -x /usr/bin/incus
}

managed_bridge() {
    if is_incus; then echo incusbr0; else echo lxdbr0; fi
}

# The one that administers the daemon, and the one that works with it.
manage() {
    if is_incus; then HOME=/root incus admin "$@"; else HOME=/root lxd "$@"; fi
}

managed() {
    if is_incus; then HOME=/root incus "$@"; else HOME=/root lxc "$@"; fi
}

# Who uses it is no part of it.
managed_state() {
    { managed network show "$(managed_bridge)" && managed profile show default; } |
        grep --invert-match --extended-regexp 'volatile|used_by|^- /1\.0/'
}

spec_that_leaves() {
    spec_base | sed '/^\[host\]/a default-bridges = "leave"'
}

first_apply_that_leaves() {
    claim 'hostwright installs itself' install_hostwright
    systemctl enable --quiet bird
    mkdir -p /etc/hostwright
    spec_that_leaves > "$SPEC"
    claim 'the first apply, which leaves them, succeeds' hostwright apply --at-boot --yes
}

bridges_there() {
    ip link show dev virbr0 && ip link show dev lxcbr0 && ip link show dev "$(managed_bridge)"
}

bridges_away() {
    no_link virbr0 && no_link lxcbr0 && no_link "$(managed_bridge)"
}

network_is() {
    virsh net-info default | grep --quiet "^Active: *$1" && virsh net-info default | grep --quiet "^Autostart: *$2"
}

# As the packages and the administrator had made it, byte for byte.
as_before() {
    bridges_there && network_is yes yes && diff "$STATES/lxc-net" "$LXC_NET" &&
        diff "$STATES/managed" <(managed_state) && systemctl is-active lxc-net.service && ip -4 address show dev lxcbr0 | grep --quiet 'inet 10\.0\.3\.1/24'
}

gone_for_good() {
    bridges_away && network_is no no && ! managed network show "$(managed_bridge)" && grep --quiet '^USE_LXC_BRIDGE="false"$' "$LXC_NET"
}

boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    # Their daemons start when somebody asks.
    virsh net-list
    managed network list
    claim 'left, they come back with every boot' wait_until 240 as_before
    write_spec base
    used_by_a_guest
    used_by_a_container
    used_by_an_instance
    control 20
    measured 'removal' apply
    claim 'all bridges are gone for good' gone_for_good
    claim 'how each stood is stored' ls "$ORIGINALS/virbr0.json" "$ORIGINALS/lxcbr0.json" "$ORIGINALS/$(managed_bridge).json"
    claim 'nothing is pending after the removal' plan_is_empty
    measured 'rollback' roll_back
    claim 'rollback: all are as before' wait_until 30 as_before
    claim_fails 'rollback: nothing is stored any more' ls "$ORIGINALS/virbr0.json"
    write_spec base
    claim 'they are removed again' apply
    machine_reboot
}

guest_on_default() {
    cat << 'END'
<domain type='qemu'><name>busy</name><memory unit='MiB'>64</memory>
<os><type arch='x86_64' machine='pc'>hvm</type></os>
<devices><interface type='network'><source network='default'/></interface></devices></domain>
END
}

# refused_for TEXT: plan and apply stop with 5 and name the user, and nothing was touched
refused_for() {
    local status=0
    hostwright apply --yes > "$OUT/refused.log" 2>&1 || status=$?
    cat "$OUT/refused.log"
    test "$status" = 5 && grep --fixed-strings "$1" "$OUT/refused.log" && as_before
}

used_by_a_guest() {
    guest_on_default > "$STATES/busy.xml"
    virsh create --paused "$STATES/busy.xml"
    claim 'one that a paused guest uses is left, with its name' \
        refused_for 'default bridge virbr0 is in use by guest `busy`'
    note "$(grep 'problem:' "$OUT/refused.log")"
    claim 'the guest still has its port' compgen -G '/sys/class/net/virbr0/brif/vnet*'
    virsh destroy busy
}

# Its root is the host's /usr; its init sleeps.
make_container() {
    local home=/var/lib/lxc/ct1 name
    mkdir -p "$home"/rootfs/{usr,proc,sys,dev,etc,run,tmp}
    for name in bin sbin lib lib64; do ln -s "usr/$name" "$home/rootfs/$name"; done
    printf 'lxc.%s\n' 'uts.name = ct1' "rootfs.path = dir:$home/rootfs" 'init.cmd = /usr/bin/sleep 3600' \
        'mount.auto = proc' 'mount.entry = /usr usr none bind,ro 0 0' 'apparmor.profile = unconfined' 'tty.max = 0' \
        'net.0.type = veth' 'net.0.link = lxcbr0' > "$home/config"
}

container_has_port() {
    lxc-info -n ct1 -s | grep RUNNING && compgen -G '/sys/class/net/lxcbr0/brif/*'
}

used_by_a_container() {
    make_container
    if ! lxc-start -n ct1 -l INFO -o "$OUT/lxc.log" || ! wait_until 60 container_has_port; then
        say_failed 'a container runs on lxcbr0' "$(tail -n 3 "$OUT/lxc.log")"
        return
    fi
    claim 'one that a container uses is left, with its name' \
        refused_for 'default bridge lxcbr0 is in use by container `ct1`'
    note "$(grep 'problem:' "$OUT/refused.log")"
    lxc-stop -n ct1 -k
    wait_until 30 fails compgen -G '/sys/class/net/lxcbr0/brif/*'
}

# Without its device it would come up without a network one day.
used_by_an_instance() {
    managed init --empty c1
    claim 'one that a stopped instance uses is left, with its name' \
        refused_for "default bridge $(managed_bridge) is in use by stopped container \`c1\`"
    note "$(grep 'problem:' "$OUT/refused.log")"
    managed delete c1
}

boot_3() {
    claim 'the BGP session is established after the boot' wait_for_bgp
    sleep 10
    claim 'all are away after the boot' gone_for_good
    claim 'nothing is pending after the boot' plan_is_empty
    claim 'the packages are installed again' install_packages
    sleep 5
    claim 'all are away after a reinstall of all packages' gone_for_good
    claim 'libvirt is purged of its network and gets it again' first_installation
    claim 'virbr0 is away after a first installation' bridges_away
    claim 'nothing is pending after the installations' plan_is_empty
    claim 'rollback after boot and reinstall succeeds' roll_back
    claim 'rollback after boot and reinstall: all are as before' wait_until 30 as_before
    torn
}

first_installation() {
    DEBIAN_FRONTEND=noninteractive dpkg --purge --force-depends libvirt-daemon-config-network &&
        DEBIAN_FRONTEND=noninteractive dpkg --install "$DEBS"/libvirt-daemon-config-network*.deb &&
        systemctl restart libvirtd && virsh net-info default
}

torn() {
    local step
    write_spec base
    for step in 1 2 3 4 5 6 7; do
        HOSTWRIGHT_KILL_AFTER_STEP=$step hostwright apply --yes > "$OUT/torn-$step.log" 2>&1 || true
        claim "killed after step $step: all are as before" wait_until 60 as_before
        claim_fails "killed after step $step: nothing is stored" ls "$ORIGINALS/virbr0.json" "$ORIGINALS/lxcbr0.json"
    done
    HOSTWRIGHT_PAUSE_AFTER_STEP=7 apply_in_background "$OUT/reset.log"
    wait_until 120 grep --quiet '"done":6' "$JOURNAL"
    claim 'before the reset they are gone' gone_for_good
    machine_reset
}

boot_4() {
    claim 'reset: the BGP session is established' wait_for_bgp
    claim 'reset: all are as before' wait_until 120 as_before
    claim_fails 'reset: nothing is stored' ls "$ORIGINALS/virbr0.json" "$ORIGINALS/lxcbr0.json"
}
