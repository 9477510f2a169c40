# The whole way of a host: first apply for the next boot, a live change, a crash of networkd, a boot, removal, rollback
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=2700
CONTROL_SECONDS=60
# no: systemd's packages are not installed again at the end, which takes minutes
REINSTALL=${REINSTALL:-yes}

boot_1() {
    first_apply
    machine_reboot
}

boot_2() {
    claim 'the uplink has its address' wait_until 60 has_address eth0 192.0.2.2/24
    claim 'the BGP session is established' wait_for_bgp
    claim 'networkd is configured in /run' bash -c 'ls /run/systemd/network/*eth0*.network'
    claim 'networkd is not configured in /etc' test -z "$(ls /etc/systemd/network)"
    claim 'nothing is pending after the boot' plan_is_empty
    control "$CONTROL_SECONDS"
    add_everything
    everything_works
    networkd_is_guarded
    networkd_crashes
    echo 'garbage = [' >> "$SPEC"
    machine_reboot
}

add_everything() {
    write_spec base storage guests mount domain
    note 'plan:'
    hostwright plan | tee "$OUT/plan" | while IFS= read -r line; do note "$line"; done
    measured 'apply' apply
}

everything_works() {
    claim 'the storage VLAN answers' wait_until 20 ping -c 1 -W 1 10.0.42.1
    claim 'the storage VLAN answers by its name' ping -c 3 -W 2 -I storage 10.0.42.1
    claim 'a look at the mount mounts it' ls /srv/scratch
    claim 'the mount is ext4' bash -c 'findmnt --noheadings --output FSTYPE /srv/scratch | grep ext4'
    claim 'the domain runs' wait_until 60 domain_runs web1
    claim 'the domain has its disk' bash -c 'virsh dumpxml web1 | grep vg_lab/web1_root'
    claim 'the domain has its network' bash -c "virsh dumpxml --inactive web1 | grep \"network='guests'\""
    claim 'the network hangs on its VLAN' bash -c "virsh net-dumpxml guests | grep \"dev='v20'\""
    claim 'networkd understood everything' networkd_is_content_since apply
    claim 'nothing is pending after the apply' plan_is_empty
    kernel_state "$STATES/live"
}

networkd_is_guarded() {
    measure_begin 'guard' "${OWN_LINKS[@]}"
    claim_fails 'a restart of networkd is refused' systemctl restart systemd-networkd
    measure_end 'guard'
}

networkd_crashes() {
    measured 'networkd killed' kill_networkd
    kernel_state "$STATES/killed"
    same_kernel_state "$STATES/live" "$STATES/killed" 'the kernel state is the same after networkd was killed'
}

boot_3() {
    claim 'the domain runs after the boot' wait_until 120 domain_runs web1
    claim 'the BGP session is established after the boot' wait_for_bgp
    claim 'the automount is active' systemctl is-active srv-scratch.automount
    kernel_state "$STATES/booted"
    same_kernel_state "$STATES/live" "$STATES/booted" 'the kernel state is the same after the boot'
    write_spec base storage guests mount domain
    claim 'nothing is pending after a boot with a broken candidate' plan_is_empty
    control "$CONTROL_SECONDS"
    remove_storage 'removal'
    nothing_changes_by 'removal' reload_by_hand
    nothing_changes_by 'removal' kill_networkd
    take_it_back
    remove_storage 'removal again'
    nothing_changes_by 'removal again' reload_by_hand
    [[ $REINSTALL == no ]] || nothing_changes_by 'removal again' install_systemd_again
    machine_reboot
}

# The first time networkd has loaded the link at boot, the second time it was made live.
remove_storage() {
    write_spec base guests mount domain
    measured "$1" apply
    claim "$1: the link is gone" no_link storage
    claim "$1: the domain still runs" domain_runs web1
}

# nothing_changes_by AFTER COMMAND: what others may do at any time
nothing_changes_by() {
    kernel_state "$STATES/before"
    measured "$1, ${2//_/ }" "$2"
    kernel_state "$STATES/after"
    same_kernel_state "$STATES/before" "$STATES/after" "$1, ${2//_/ }: the kernel state is the same"
}

install_systemd_again() {
    install_files /var/lib/lab/debs/*.deb && wait_for_networkd
}

take_it_back() {
    measured 'rollback' roll_back
    claim 'rollback: the storage VLAN answers' wait_until 20 ping -c 1 -W 1 -I storage 10.0.42.1
}

boot_4() {
    claim 'the BGP session is established at the end' wait_for_bgp
    claim 'the domain runs at the end' wait_until 120 domain_runs web1
    claim 'nothing of the storage VLAN is left' nothing_left_of storage
    claim 'nothing is pending at the end' plan_is_empty
}
