# First contact with hosts that ifupdown and netplan configure, with VLANs and a bridge: init, refusal, the remedy, the boot
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=2700
OWN_LINKS=(v30)

DEBS=/var/lib/lab/contact-debs
INTERFACES=/etc/network/interfaces
NETPLAN=/etc/netplan/01-lab.yaml

install_tool() {
    DEBIAN_FRONTEND=noninteractive dpkg --install "$DEBS/$1"/*.deb
}

# The VLAN that is a port has no stanza: bridge-utils makes it.
write_ifupdown() {
    cat > "$INTERFACES" << 'END'
auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
    address 192.0.2.2/24
    up ip route add 10.77.0.0/16 via 192.0.2.1

auto eth0.42
iface eth0.42 inet static
    address 10.0.42.2/24

auto br20
iface br20 inet static
    bridge_ports eth0.20
    bridge_stp off
    bridge_fd 0
    address 10.0.20.2/24
END
}

write_netplan() {
    mkdir -p /etc/netplan
    cat > "$NETPLAN" << 'END'
network:
  version: 2
  renderer: networkd
  ethernets:
    eth0:
      addresses: [192.0.2.2/24]
      accept-ra: false
      routes:
        - {to: 10.77.0.0/16, via: 192.0.2.1}
  vlans:
    storage:
      id: 42
      link: eth0
      addresses: [10.0.42.2/24]
    v20:
      id: 20
      link: eth0
  bridges:
    br20:
      interfaces: [v20]
      addresses: [10.0.20.2/24]
      parameters: {stp: false}
END
    chmod 600 "$NETPLAN"
}

boot_1() {
    claim 'hostwright installs itself' install_hostwright
    systemctl enable --quiet bird
    claim 'ifupdown is installed' install_tool ifupdown
    write_ifupdown
    machine_reboot
}

# spec_tables: the tables of links that the spec has, one a line
spec_tables() {
    python3 -c '
import json, tomllib
spec = tomllib.load(open("/etc/hostwright/host.toml", "rb"))
for kind in sorted(set(spec) - {"host", "language"}):
    for name, table in sorted(spec[kind].items()):
        if table.get("mac") == open(f"/sys/class/net/{name}/address").read().strip():
            table["mac"] = "as it is"
        print(kind, name, json.dumps(table, sort_keys=True))'
}

says_the_same() {
    diff - <(spec_tables)
}

expected_of_ifupdown() {
    cat << 'END'
bridge br20 {"addresses": ["10.0.20.2/24"], "forward-delay-sec": "0ms", "mac": "as it is", "ports": ["eth0.20"]}
nic eth0 {"addresses": ["192.0.2.2/24"], "match": {"mac": "02:00:00:00:00:01"}, "routes": [{"to": "10.77.0.0/16", "via": "192.0.2.1"}]}
vlan eth0.20 {"id": 20, "parent": "eth0"}
vlan eth0.42 {"addresses": ["10.0.42.2/24"], "id": 42, "parent": "eth0"}
END
}

# What netplan writes for every link that it makes is said, too.
expected_of_netplan() {
    cat << 'END'
bridge br20 {"addresses": ["10.0.20.2/24"], "mac": "as it is", "ports": ["v20"], "raw": {"network": {"Network": {"ConfigureWithoutCarrier": "yes"}}}}
nic eth0 {"addresses": ["192.0.2.2/24"], "match": {"mac": "02:00:00:00:00:01"}, "routes": [{"to": "10.77.0.0/16", "via": "192.0.2.1"}]}
vlan storage {"addresses": ["10.0.42.2/24"], "id": 42, "parent": "eth0", "raw": {"network": {"Network": {"ConfigureWithoutCarrier": "yes"}}}}
vlan v20 {"id": 20, "parent": "eth0", "raw": {"network": {"Network": {"ConfigureWithoutCarrier": "yes"}}}}
END
}

# picture NAME: without the alias, which is the mark of ownership, and without what differs by the tool alone: who gave a
# route, whether the kernel asks for router advertisements or networkd would, how a link would give itself its next IPv6
# address, and what becomes of the second address of a network when the first goes.
picture() {
    kernel_state "$STATES/$1"
    sed -i -e '/^link [^ ]* ifalias /d' -e '/^link [^ ]* inet6_addr_gen_mode /d' -e 's/^\(route .*\) proto boot /\1 proto static /' \
        -e '/^sysctl ipv6 [^ ]* \(accept_ra\|addr_gen_mode\) /d' -e '/^sysctl ipv4 [^ ]* promote_secondaries /d' "$STATES/$1"
}

# contact TOOL FILE LINK…: the first contact with a host whose links a tool configures
contact() {
    local tool=$1 file=$2
    shift 2
    claim "$tool: the BGP session is established" wait_for_bgp
    picture "$tool"
    rm -f "$SPEC"
    claim "$tool: init writes a spec" hostwright init
    while IFS= read -r line; do note "| $line"; done < "$SPEC"
    claim "$tool: check accepts it" hostwright check
    claim "$tool: it says what the tool says, nothing else" says_the_same < <("expected_of_$tool")
    local way
    for way in '' --at-boot --take-over; do
        claim "$tool: apply $way is refused with the file and the remedy" refused "$tool" "$file" "$way" "$@"
    done
    picture "$tool-refused"
    same_kernel_state "$STATES/$tool" "$STATES/$tool-refused" "$tool: what is refused changes nothing"
}

# refused TOOL FILE WAY LINK…
refused() {
    local tool=$1 file=$2 way=$3 status=0 link
    shift 3
    # shellcheck disable=SC2086
    hostwright apply --yes $way > "$OUT/refused-$tool$way.log" 2>&1 || status=$?
    cat "$OUT/refused-$tool$way.log"
    test "$status" = 5 || return 1
    for link in "$@"; do
        grep --fixed-strings "$tool configures \`$link\`: $file" "$OUT/refused-$tool$way.log" || return 1
        grep --fixed-strings "take \`$link\` out of $file" "$OUT/refused-$tool$way.log" || return 1
    done
    test ! -e "$APPLIED" && test ! -e "$JOURNAL" && test ! -e "$RUNNING"
}

# accepted TOOL TABLE…: the remedy was followed, and tables of links that were made are adopted
accepted() {
    local tool=$1 table
    shift
    for table in "$@"; do
        claim "$tool: $table is not ours yet" stopped_by "\`hostwright adopt $table\`"
        claim "$tool: $table is adopted" hostwright adopt "$table"
    done
    claim "$tool: what needs the boot stops without a word" stopped_by 'accept it for the next boot'
    control 20
    measured "$tool, apply --at-boot" apply --at-boot
    while IFS= read -r line; do note "| $line"; done < "$OUT/apply-$BOOT.log"
    picture "$tool-accepted"
    same_kernel_state "$STATES/$tool" "$STATES/$tool-accepted" "$tool: what is accepted for the boot changes nothing now"
}

# stopped_by TEXT
stopped_by() {
    local status=0
    hostwright apply --yes > "$OUT/stopped.log" 2>&1 || status=$?
    cat "$OUT/stopped.log"
    test "$status" = 5 && grep --quiet --fixed-strings "$1" "$OUT/stopped.log"
}

# taken TOOL LINK…: the boot after
taken() {
    local tool=$1 link
    shift
    claim "$tool: the BGP session is established after the boot" wait_for_bgp
    for link in "$@"; do
        claim "$tool: networkd has our file for $link" has_our_file "$link"
    done
    claim "$tool: nothing is to be done after the boot" plan_is_empty
    picture "$tool-booted"
    same_kernel_state "$STATES/$tool" "$STATES/$tool-booted" "$tool: the kernel state is the same after the boot"
    control 20
    measured "$tool, reload by hand" reload_by_hand
}

has_our_file() {
    networkctl status "$1" | grep --fixed-strings "/run/systemd/network/10-hostwright-$1.network"
}

boot_2() {
    contact ifupdown "$INTERFACES" eth0 eth0.42 eth0.20 br20
    printf 'auto lo\niface lo inet loopback\n' > "$INTERFACES"
    accepted ifupdown vlan.eth0.42 vlan.eth0.20 bridge.br20
    machine_reboot
}

boot_3() {
    taken ifupdown eth0 eth0.42 eth0.20 br20
    claim 'ifupdown is gone' dpkg --purge bridge-utils ifupdown
    rm -rf /etc/hostwright /var/lib/hostwright
    claim 'netplan is installed' install_tool netplan.io
    write_netplan
    machine_reboot
}

boot_4() {
    contact netplan "$NETPLAN" eth0 storage v20 br20
    printf 'network:\n  version: 2\n  renderer: networkd\n' > "$NETPLAN"
    accepted netplan vlan.storage vlan.v20 bridge.br20
    before_the_boot
    machine_reboot
}

# netplan took its files away at the daemon-reload, as at any: hostwright does not have networkd look.
before_the_boot() {
    claim_fails 'netplan: its files are gone before the boot' ls /run/systemd/network/10-netplan-eth0.network
    printf '[vlan.v30]\nid = 30\nparent = "eth0"\naddresses = ["10.0.30.2/24"]\n' >> "$SPEC"
    measured 'netplan, a VLAN more before the boot' apply
    claim 'netplan: the VLAN is there' has_address v30 10.0.30.2/24
    picture netplan
    measure_begin 'netplan, reload by hand before the boot' v30
    networkctl reload
    measure_stop 'netplan, reload by hand before the boot'
    must_fail 'netplan, reload by hand before the boot' "$CLAIM_ADDRESSES"
}

boot_5() {
    taken netplan eth0 storage v20 br20 v30
}
