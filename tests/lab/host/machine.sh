# The machine: which accelerator works here, qemu's command line, and waiting with a limit
# shellcheck shell=bash disable=SC2034,SC2154

# /dev/kvm may be there and yet not run a stock kernel; only a boot tells.
accelerator() {
    if [[ -n ${HOSTWRIGHT_LAB_ACCELERATOR:-} ]]; then
        echo "$HOSTWRIGHT_LAB_ACCELERATOR"
        return
    fi
    if [[ ! -e $cache/accelerator ]]; then
        probe_accelerator > "$run/accelerator"
        mv "$run/accelerator" "$cache/accelerator"
    fi
    cat "$cache/accelerator"
}

probe_accelerator() {
    if [[ -w /dev/kvm ]] && probe_boot; then
        echo kvm
    else
        echo tcg
    fi
}

probe_boot() {
    local console
    console=$run/probe.log
    qemu-img create -q -f qcow2 -b "$image/disk.img" -F raw "$run/probe.qcow2"
    timeout --signal=KILL 45 qemu-system-x86_64 -nodefaults -display none -machine q35 -accel kvm -cpu host -m 1024 \
        -kernel "$image/kernel" -initrd "$image/initrd" \
        -append 'root=/dev/vda rw console=ttyS0 init=/usr/local/lib/lab/probe' \
        -drive "file=$run/probe.qcow2,if=virtio,format=qcow2,cache=unsafe" \
        -serial "file:$console" -no-reboot > /dev/null 2>&1 || true
    rm -f "$run/probe.qcow2"
    grep --quiet --text 'lab: the probe runs' "$console"
}

accelerator_options() {
    if [[ $(accelerator) == kvm ]]; then
        echo -accel kvm -cpu host
    else
        echo -accel tcg,thread=multi -cpu max
    fi
}

make_disks() {
    qemu-img create -q -f qcow2 -b "$image/disk.img" -F raw "$run/disk.qcow2"
    truncate --size=2G "$run/data.img"
}

# A card with virtual functions on the wire of the others, where the scenario asks for one.
card_options() {
    [[ $(scenario_setting NEEDS_IGB no) == yes ]] || return 0
    echo -netdev hubport,id=hub2,hubid=1 -device pcie-root-port,id=port1,chassis=1,slot=1 \
        -device igb,netdev=hub2,bus=port1,mac=02:00:00:00:00:03
}

# On a busy host the kernel may find that the emulated timer does not work, and hang for what it does about that: it is not to
# ask. What drives hardware that nothing here uses costs an emulated boot many seconds.
kernel_parameters() {
    local unused=kvm,kvm_amd,kvm_intel,cfg80211,drm,ahci,libata,iTCO_wdt,i2c_i801,lpc_ich,pcspkr,psmouse,aesni_intel,cryptd
    [[ $(accelerator) != kvm ]] || unused=
    echo "root=/dev/vda rw console=ttyS0 net.ifnames=0 loglevel=4 no_timer_check${unused:+ module_blacklist=$unused}"
}

# Both NICs hang on one hub: a real uplink with a wire to its peer, VLAN tags included.
start_machine() {
    rm -f "$run"/monitor.*
    mkfifo "$run/monitor.in" "$run/monitor.out"
    # shellcheck disable=SC2046
    qemu-system-x86_64 -nodefaults -display none -machine q35 $(accelerator_options) -smp 2 -m 3072 \
        -kernel "$(unpacked_kernel)" -initrd "$image/initrd" -append "$(kernel_parameters)" \
        -drive "file=$run/disk.qcow2,if=none,id=root,format=qcow2,cache=unsafe" \
        -device virtio-blk-pci,drive=root,serial=root \
        -drive "file=$run/data.img,if=none,id=data,format=raw,cache=unsafe" \
        -device virtio-blk-pci,drive=data,serial=data \
        -netdev hubport,id=hub0,hubid=1 -device virtio-net-pci,netdev=hub0,mac=02:00:00:00:00:01 \
        -netdev hubport,id=hub1,hubid=1 -device virtio-net-pci,netdev=hub1,mac=02:00:00:00:00:02 \
        -virtfs "local,path=$run/in,mount_tag=in,security_model=none,readonly=on" \
        -virtfs "local,path=$run/out,mount_tag=out,security_model=none" \
        -device virtio-rng-pci $(card_options) \
        -chardev "pipe,id=monitor,path=$run/monitor" -mon chardev=monitor,mode=readline \
        -chardev "file,id=console,path=$run/console.log,append=on" -serial chardev:console > "$run/qemu.log" 2>&1 &
    machine=$!
}

# What the scenario said last, and for how many seconds it has been saying it.
machine_state() {
    read -r state _ < "$run/out/state" || state=starting
    state_age=$(($(date +%s) - $(stat --format=%Y "$run/out/state")))
}

too_long() {
    local total=$1
    machine_state
    if ((SECONDS - started >= total)); then
        echo "the scenario took more than its $total s"
    elif [[ $state == rebooting || $state == starting ]] && ((state_age >= boot_limit)); then
        echo "a boot took more than $boot_limit s"
    elif [[ $state == ended || $state == stopped ]] && ((state_age >= off_limit)); then
        echo "the machine did not go off within $off_limit s"
    else
        return 1
    fi
}

stop_machine() {
    kill -KILL "$machine" 2>/dev/null || true
    wait "$machine" 2>/dev/null || true
}

not_finished() {
    unfinished=1
    echo "FAIL the scenario ends by itself: $1"
}

# Says whether systemd has begun since the machine last began to boot: the kernel's own last word before, or ours.
systemd_began() {
    awk '/reboot: Restarting system|sysrq: Resetting|lab: the power goes off and on/ { began = 0 }
        /Welcome to / { began = 1 } END { exit !began }' "$run/console.log"
}

# An emulated processor loses its timer now and then, and the kernel waits for ever. Before the scenario began, or before
# systemd did in a later boot, nothing of it can be why.
hangs_by_itself() {
    machine_state
    ((state_age >= boot_limit)) || return
    case $state in
        starting) ;;
        rebooting) ! systemd_began ;;
        *) false ;;
    esac
}

# A first boot begins with new disks: nothing is lost with those that it may have written half.
cycle_power() {
    echo "     $reason, and nothing of the scenario can be why: the power goes off and on"
    console_end
    echo 'lab: the power goes off and on' >> "$run/console.log"
    if [[ $state == starting ]]; then
        stop_machine
        make_disks
        start_machine
    else
        echo system_reset 1<> "$run/monitor.in"
    fi
    touch "$run/out/state"
    started=$((started + boot_limit))
    cycles=$((cycles + 1))
}

start_and_watch() {
    make_disks
    echo starting > "$run/out/state"
    start_machine
    while kill -0 "$machine" 2>/dev/null; do
        if reason=$(too_long "$limit"); then
            ((cycles < 2)) && hangs_by_itself || break
            cycle_power
        fi
        set_wire
        sleep 1
    done
    stop_machine
}

set_wire() {
    local wire
    read -r wire 2> /dev/null < "$run/out/wire" || return 0
    rm "$run/out/wire"
    echo "set_link hub0 $wire" 1<> "$run/monitor.in"
}

console_end() {
    echo "     the console's last lines:"
    tail --lines=5 "$run/console.log" | tr --delete '\r\033' | sed 's/^/     | /'
}

run_machine() {
    local limit=$1 reason='' state='' started=$SECONDS cycles=0
    trap stop_machine EXIT
    tail --lines=+1 --follow --sleep-interval=0.3 --pid=$$ "$run/out/claims" &
    local printer=$!
    start_and_watch
    sleep 1
    kill "$printer"
    wait "$printer" 2>/dev/null || true
    judge_end "$reason"
    trap - EXIT
    echo "     $suite, $scenario: $((SECONDS - started)) s under $(accelerator)"
}

judge_end() {
    machine_state
    if [[ -n $1 ]]; then
        not_finished "$1"
        console_end
    elif [[ $state != ended && $state != stopped ]]; then
        not_finished "the machine went off while $state, qemu said: $(tail --lines=3 "$run/qemu.log")"
    fi
}
