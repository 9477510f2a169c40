# A container on a volume: started by an apply and by each boot, left running by changes, started late when its disk is
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=2400
CONTROL_SECONDS=20
LEADER=/var/lib/lab/leader

boot_1() {
    first_apply
    make_root_file_system vg_lab
    machine_reboot
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

boot_3() {
    up_in_time
    machine_shuts_down
}

boot_4() {
    up_in_time
    machine_shuts_down
}

up_in_time() {
    up_after_boot
    shutdown_takes_less_than 90
}

# As a target that does not answer: the volume is not there at boot.
boot_5() {
    up_in_time
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
    no_ordering_cycle
}
