# An upgrade of systemd's packages with BGP up: the usual way networkd is restarted, on a host of hostwright it stays
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
NEEDS_SYSTEMD_PACKAGES=yes
LIMIT=3600
CONTROL_SECONDS=60
OWN_LINKS=(storage)
# The archive's newest packages, and those of the point release before where it has them.
NEWEST=/lab/in/systemd/newest
BEFORE=/lab/in/systemd/before
# The same packages as a version of their own, for an archive that has one alone.
BUILT=/var/lib/lab/built

write_uplink() {
    printf '%s\n' '[Match]' 'Name=eth0' '' '[Network]' 'Address=192.0.2.2/24' > /etc/systemd/network/10-uplink.network
}

# The first boot has the older packages, so that the second runs them.
boot_1() {
    write_uplink
    systemctl enable --quiet bird
    prepare_packages
    claim 'the older packages are installed' install_packages "$(older)"
    machine_reboot
}

older() {
    if [[ -e $BEFORE ]]; then echo "$BEFORE"; else echo "$NEWEST"; fi
}

newer() {
    if [[ -e $BEFORE ]]; then echo "$NEWEST"; else echo "$BUILT"; fi
}

prepare_packages() {
    if [[ -e $BEFORE ]]; then
        note "from the archive: $(version_in "$BEFORE"), then $(version_in "$NEWEST")"
        return
    fi
    local package
    for package in "$NEWEST"/*.deb; do
        build_again "$package"
    done
    note "the archive has one version, $(version_in "$NEWEST"); built again as $(version_in "$BUILT")"
}

# build_again FILE: the same content as a newer version, which names the others of its own
build_again() {
    local tree=/var/lib/lab/tree version
    version=$(dpkg-deb --field "$1" Version)
    rm -rf "$tree"
    dpkg-deb --raw-extract "$1" "$tree"
    sed -i -E "/^(Version|Depends|Pre-Depends|Provides|Recommends):/s/${version//+/\\+}/$version+lab1/g" "$tree/DEBIAN/control"
    mkdir -p "$BUILT"
    dpkg-deb --build -Znone "$tree" "$BUILT" > /dev/null
    rm -rf "$tree"
}

version_in() {
    dpkg-deb --field "$1"/systemd_*.deb Version
}

# Of the packages those that the machine has.
install_packages() {
    local package files=()
    for package in "$1"/*.deb; do
        is_installed "$(dpkg-deb --field "$package" Package)" && files+=("$package")
    done
    install_files "${files[@]}" && wait_for_networkd
}

is_installed() {
    dpkg-query --show --showformat='${db:Status-Status}' "$1" 2> /dev/null | grep --quiet '^installed$'
}

installed_version() {
    dpkg-query --show --showformat='${Version}' systemd
}

# On 251 to 254 a restart takes the addresses, and the session with them; on all others the routes behind its back.
broken_by_restart() {
    local version
    version=$(systemd_version)
    if ((version >= 251 && version < 255)); then echo "$CLAIM_SOCKET"; else echo "$CLAIM_ROUTES"; fi
}

boot_2() {
    claim 'the BGP session is established' wait_for_bgp
    control "$CONTROL_SECONDS"
    the_usual_way
    claim 'the older packages are installed again' install_packages "$(older)"
    rm /etc/systemd/network/10-uplink.network
    first_apply
    machine_reboot
}

the_usual_way() {
    local before
    before=$(networkd_process)
    measure_begin 'usual way'
    claim 'usual way: the upgrade succeeds' install_packages "$(newer)"
    measure_stop 'usual way'
    claim_equal 'usual way: the newer version is installed' "$(installed_version)" "$(version_in "$(newer)")"
    claim 'usual way: networkd is another process' test "$before" != "$(networkd_process)"
    must_fail 'usual way' "$(broken_by_restart)"
    measure_notes 'usual way'
    systemctl restart bird
}

boot_3() {
    claim_equal 'the older version runs' "$(installed_version)" "$(version_in "$(older)")"
    claim 'the BGP session is established after the boot' wait_for_bgp
    control "$CONTROL_SECONDS"
    write_spec base storage
    measured 'a VLAN' apply
    kernel_state "$STATES/before"
    upgrade
    new_networkd
    machine_reboot
}

upgrade() {
    local before
    before=$(networkd_process)
    measured 'upgrade' install_packages "$(newer)"
    claim_equal 'upgrade: the newer version is installed' "$(installed_version)" "$(version_in "$(newer)")"
    claim 'upgrade: no package is left unconfigured' test -z "$(dpkg --audit)"
    claim_equal 'upgrade: networkd is the same process' "$(networkd_process)" "$before"
    claim 'upgrade: the storage VLAN answers' ping -c 3 -W 2 -I storage 10.0.42.1
    claim 'upgrade: nothing is to be done' plan_is_empty
    kernel_state "$STATES/after"
    same_kernel_state "$STATES/before" "$STATES/after" 'upgrade: the kernel state is the same'
    measured 'upgrade, reload by hand' reload_by_hand
    write_spec base
    measured 'upgrade, removal' apply
    claim 'upgrade, removal: the link is gone' no_link storage
}

# The newer networkd comes with the next boot, or when an administrator asks for it.
new_networkd() {
    local before
    before=$(networkd_process)
    measured 'newer networkd' hostwright networkd restart
    claim 'newer networkd: it is another process' test "$before" != "$(networkd_process)"
    claim 'newer networkd: nothing is to be done' plan_is_empty
}

boot_4() {
    claim 'the BGP session is established on the newer version' wait_for_bgp
    claim 'nothing is to be done on the newer version' plan_is_empty
}
