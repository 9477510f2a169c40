# What scenarios with a container have in common: its root file system, its claims after an apply and after a boot
# shellcheck shell=bash disable=SC2034,SC2154

UNIT=systemd-nspawn@ci1.service

# make_root_file_system GROUP: with an init that ends when systemd-nspawn asks it to, by SIGRTMIN+3.
make_root_file_system() {
    lvcreate --quiet --yes --name ct_ci1 --size 64M "$1"
    mkfs.ext4 -q "/dev/$1/ct_ci1"
    mount "/dev/$1/ct_ci1" /mnt
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
    note "$(inside ip -brief link show || true)"
}

up_after_boot() {
    claim 'the container runs after the boot' wait_until 90 container_runs
    container_works
    no_ordering_cycle
    claim 'nothing failed' test -z "$(systemctl list-units --state=failed --no-legend --plain)"
    claim 'the shutdown before stopped the container before its file system' stopped_in_order
}

# shutdown_takes_less_than SECONDS: from its command to the start of the next kernel
shutdown_takes_less_than() {
    local took
    took=$(($(sed -n 's/^btime //p' /proc/stat) - $(cat /var/lib/lab/reboot)))
    claim "the shutdown before took less than $1 s: $took s" test "$took" -lt "$1"
}

stopped_in_order() {
    local stopped unmounted
    stopped=$(journalctl --boot=-1 --output=short-unix | grep --fixed-strings "Stopped $UNIT" | tail -1 | cut -d' ' -f1)
    unmounted=$(journalctl --boot=-1 --output=short-unix | grep 'Unmount.*srv-ct-ci1.mount' | tail -1 | cut -d' ' -f1)
    echo "stopped $stopped, unmounted $unmounted"
    [[ -n $stopped && -n $unmounted ]] && ! [[ $stopped > $unmounted ]]
}

no_ordering_cycle() {
    claim_fails 'no ordering cycle in the journal' bash -c "journalctl --boot | grep --ignore-case 'ordering cycle'"
}
