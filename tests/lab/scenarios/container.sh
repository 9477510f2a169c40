# A container on a volume: started by an apply and by each boot, left running by changes, started late when its disk is
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=2400
CONTROL_SECONDS=20
UNIT=systemd-nspawn@ci1.service
LEADER=/var/lib/lab/leader

boot_1() {
    first_apply
    make_root_file_system
    machine_reboot
}

# An init that ends when systemd-nspawn asks it to, by SIGRTMIN+3.
make_root_file_system() {
    lvcreate --quiet --yes --name ct_ci1 --size 64M vg_lab
    mkfs.ext4 -q /dev/vg_lab/ct_ci1
    mount /dev/vg_lab/ct_ci1 /mnt
    mkdir /mnt/{bin,dev,etc,proc,root,run,sbin,sys,tmp,usr,var}
    cp /bin/busybox /mnt/bin/busybox
    ln -s busybox /mnt/bin/sh
    echo 'ID=lab' > /mnt/etc/os-release
    cat > /mnt/sbin/init << 'END'
#!/bin/sh
trap 'exit 0' 37
for command in 'link set lo up' 'address add 10.0.42.50/24 dev mv-storage' 'link set mv-storage up' \
    'address add 10.9.0.2/24 dev host0' 'link set host0 up'; do
    /bin/busybox ip $command
done
echo written > /root/written
while :; do
    /bin/busybox sleep 1 &
    wait $!
done
END
    chmod 755 /mnt/sbin/init
    umount /mnt
}

spec_bridge() {
    printf '%s\n' '[bridge.br9]' 'addresses = ["10.9.0.1/24"]' ''
}

spec_network() {
    printf '%s\n' '[network.guests]' 'macvtap = { parent = "storage" }' ''
}

spec_container() {
    cat << 'END'
[container.ci1]
rootfs = { source = { volume = "vg_lab/ct_ci1" }, type = "ext4" }
needs = ["mount.scratch"]
memory = "256MiB"
cpus = 1

[container.ci1.interface.mv-storage]
network = "guests"

[container.ci1.interface.host0]
bridge = "br9"

END
}

spec_more() {
    spec_container | sed 's/256MiB/128MiB/; s/cpus = 1/cpus = 1\ncapabilities = ["CAP_SYS_NICE"]/'
}

PARTS=(base storage bridge network mount)

boot_2() {
    wait_until 60 has_address eth0 192.0.2.2/24
    claim 'the BGP session is established' wait_for_bgp
    control "$CONTROL_SECONDS"
    write_spec "${PARTS[@]}" container
    measured 'apply' apply
    container_works
    who_says_so
    a_change_waits
    a_removal_is_refused
    machine_shuts_down
}

machine_shuts_down() {
    date +%s > /var/lib/lab/reboot
    machine_reboot
}

container_runs() {
    systemctl is-active --quiet "$UNIT" && leader > /dev/null
}

# The first process of the container: the child of systemd-nspawn.
leader() {
    pgrep --parent "$(systemctl show --property=MainPID --value "$UNIT")"
}

inside() {
    nsenter --target "$(leader)" --net -- "$@"
}

container_works() {
    claim 'the container runs' wait_until 90 container_runs
    claim 'its macvlan reaches the peer' wait_until 20 inside ping -c 1 -W 1 -I mv-storage 10.0.42.1
    claim 'its veth reaches the bridge' wait_until 20 inside ping -c 1 -W 1 -I host0 10.9.0.1
    claim 'its root is on the volume' test -e /srv/ct/ci1/root/written
    claim 'the volume keeps the owners' test "$(stat --format=%u /srv/ct/ci1/root/written)" = 0
    claim 'its users are not the host'"'"'s' test "$(stat --format=%u "/proc/$(leader)")" != 0
    claim 'its memory is limited' test "$(systemctl show --property=MemoryMax --value "$UNIT")" = 268435456
    claim 'its processor time is limited' test "$(systemctl show --property=CPUQuotaPerSecUSec --value "$UNIT")" = 1s
    claim 'nothing is pending' plan_is_empty
    note "MAC addresses: $(inside cat /sys/class/net/mv-storage/address /sys/class/net/host0/address | paste -sd ' ')"
}

who_says_so() {
    claim 'who knows a process of it' bash -c "hostwright who $(leader) | grep 'container ci1, $SPEC:[0-9]'"
    claim 'who knows one of the host' bash -c "hostwright who $$ | grep \"the host's\""
    claim 'who lists it with its use' bash -c 'hostwright who | grep "^container ci1 .*MiB"'
    note "$(hostwright who)"
}

# Settings and limits of a container that runs are those of its start, or of a systemctl daemon-reload.
a_change_waits() {
    leader > "$LEADER"
    write_spec "${PARTS[@]}" more
    claim 'the plan says when a change takes effect' bash -c "hostwright plan | grep 'takes effect when $UNIT restarts'"
    measured 'change' apply
    claim 'the container was not restarted' test "$(leader)" = "$(cat "$LEADER")"
    claim 'a restart by hand takes it up' restart_by_hand
    claim 'the container has its capability' grep --quiet CAP_SYS_NICE /run/systemd/nspawn/ci1.nspawn
    claim 'rollback succeeds' roll_back
    claim 'the settings are the former' fails grep --quiet CAP_SYS_NICE /run/systemd/nspawn/ci1.nspawn
}

restart_by_hand() {
    systemctl restart "$UNIT" && wait_until 60 container_runs
}

a_removal_is_refused() {
    leader > "$LEADER"
    write_spec base storage bridge network mount
    claim_fails 'a removal of a running container is refused' apply
    write_spec base mount
    claim_fails 'a removal of its links is refused' apply
    claim 'the container still runs' test "$(leader)" = "$(cat "$LEADER")"
    write_spec "${PARTS[@]}" container
    claim 'nothing is pending before the boot' plan_is_empty
}

up_after_boot() {
    claim 'the container runs after the boot' wait_until 90 container_runs
    container_works
    claim_fails 'no ordering cycle in the journal' bash -c "journalctl --boot | grep --ignore-case 'ordering cycle'"
    claim 'nothing failed' test -z "$(systemctl list-units --state=failed --no-legend --plain)"
    shutdown_was_clean
}

shutdown_was_clean() {
    local begin end
    begin=$(cat /var/lib/lab/reboot)
    end=$(journalctl --boot=-1 --lines=1 --output=short-unix --quiet | sed -n '$s/\..*//p')
    claim "the shutdown before took less than 90 s: $((end - begin)) s" test "$((end - begin))" -lt 90
    claim 'it stopped the container before its file system' stopped_in_order
}

stopped_in_order() {
    local stopped unmounted
    stopped=$(journalctl --boot=-1 --output=short-unix | grep --fixed-strings "Stopped $UNIT" | tail -1 | cut -d' ' -f1)
    unmounted=$(journalctl --boot=-1 --output=short-unix | grep 'Unmount.*srv-ct-ci1.mount' | tail -1 | cut -d' ' -f1)
    echo "stopped $stopped, unmounted $unmounted"
    [[ -n $stopped && -n $unmounted ]] && ! [[ $stopped > $unmounted ]]
}

boot_3() {
    up_after_boot
    machine_shuts_down
}

boot_4() {
    up_after_boot
    machine_shuts_down
}

# As a target that does not answer: the volume is not there at boot.
boot_5() {
    up_after_boot
    lvchange --setautoactivation n vg_lab/ct_ci1
    machine_shuts_down
}

boot_6() {
    claim 'without its disk the boot reaches multi-user.target' wait_until 30 systemctl is-active multi-user.target
    claim_fails 'the container does not run' container_runs
    claim 'plan answers in 5 s' timeout 5 hostwright plan
    claim 'status answers in 5 s' timeout 5 hostwright status
    sleep 100
    lvchange --activate y vg_lab/ct_ci1
    claim 'the container starts when its disk comes' wait_until 120 container_runs
    container_works
    claim_fails 'no ordering cycle in the journal' bash -c "journalctl --boot | grep --ignore-case 'ordering cycle'"
}
