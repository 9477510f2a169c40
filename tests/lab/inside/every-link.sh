# Every kind of link, as it is made and as it is changed: the parts of specs
# shellcheck shell=bash

spec_cards() {
    spec_lan
    spec_foot
}

# Cards come by networkd's files alone: others stand for them.
spec_lan() {
    cat << 'END'
[dummy.lan2]

[dummy.lan3]

[dummy.lan4]

END
    spec_standing
}

# They stand on what becomes a port of a bond, which has it go down, one named before the bond and one behind it.
spec_standing() {
    cat << END
[vlan.aon4]
id = 51
parent = "lan4"
addresses = ["2001:db8:7::2/64"]
routes = [{ to = "2001:db8:96::/48", via = "2001:db8:7::1" }${MORE_ROUTES:-}]

[vlan.on2]
id = 50
parent = "lan2"
addresses = ["10.6.0.2/24", "2001:db8:6::2/64"]
routes = [{ to = "10.97.0.0/16", via = "10.6.0.1" }, { to = "2001:db8:97::/48", via = "2001:db8:6::1" }]

END
}

# It stays when its master goes, with addresses and a route that its master's coming and going takes.
spec_foot() {
    cat << 'END'
[dummy.foot]
addresses = ["10.5.0.2/24", "2001:db8:5::2/64"]
routes = [{ to = "10.96.0.0/16", via = "10.5.0.1" }]

END
}

spec_made() {
    spec_cards
    cat << 'END'
[bond.bond0]
mode = "active-backup"
ports = ["lan2", "lan3"]
primary = "lan2"
mii-monitor-sec = "50ms"

[bond.solo]
mode = "active-backup"
ports = ["lan4"]

[bridge.br0]
ports = ["bond0", "stub"]
vlan-filtering = true

[bridge.br0.port.bond0]
vlans = ["20-40"]
pvid = 10

[bridge.br0.port.stub]
vlans = [20]

[dummy.stub]

[vlan.v10]
id = 10
parent = "br0"
addresses = ["10.1.10.2/24"]
neighbors = [{ address = "10.1.10.9", link-layer-address = "02:00:00:00:10:09" }]

[vlan.v20]
id = 20
parent = "br0"
egress-qos-maps = ["6-7"]
addresses = ["10.1.20.2/24", "2001:db8:20::2/64"]
routes = [
    { to = "10.98.0.0/16", via = "10.1.20.1", table = 200, metric = 50 },
    { to = "10.99.0.0/16", type = "unreachable" },
    { to = "2001:db8:98::/48", via = "2001:db8:20::1" },
]
rules = [{ priority = 500, from = "10.1.20.0/24", table = 200 }]

[vlan.v30]
id = 30
parent = "br0"

[macvlan.host30]
parent = "v30"
addresses = ["10.1.30.2/24"]

[macvtap.tap30]
parent = "v30"

[vlan.v40]
id = 40
parent = "br0"
addresses = ["10.1.40.2/24", "2001:db8:40::2/64"]
routes = [{ to = "default", via = "10.1.40.1" }]

[vlan.v41]
id = 41
parent = "br0"

[vrf.blue]
table = 1000
ports = ["v40", "v41"]

[vrf.green]
table = 1001
ports = ["foot"]

[dummy.anycast]
addresses = ["192.0.2.153/32"]

END
}

# A port leaves its master, the only one of another goes to a third, settings, MTUs, addresses, routes, rules and neighbors change, a VLAN gets another number.
spec_changed() {
    MORE_ROUTES=', { to = "2001:db8:95::/48", via = "2001:db8:7::1" }' spec_cards
    cat << 'END'
[bond.bond0]
mode = "active-backup"
ports = ["lan2", "lan3"]
primary = "lan3"
mii-monitor-sec = "100ms"

[bond.solo]
mode = "active-backup"

[bond.duo]
mode = "active-backup"
ports = ["lan4"]

[bridge.br0]
ports = ["bond0"]
vlan-filtering = true
ageing-time-sec = "1min"

[bridge.br0.port.bond0]
vlans = ["20-45"]
pvid = 11

[dummy.stub]
mtu = 1600

[vlan.v10]
id = 11
parent = "br0"
addresses = ["10.1.10.2/24"]
neighbors = [{ address = "10.1.10.9", link-layer-address = "02:00:00:00:10:0a" }]

[vlan.v20]
id = 20
parent = "br0"
mtu = 1400
egress-qos-maps = ["6-7"]
addresses = ["10.1.21.3/24", "2001:db8:20::2/64", "2001:db8:20::3/64"]
routes = [
    { to = "10.98.0.0/16", via = "10.1.21.9", table = 200, metric = 50 },
    { to = "10.99.0.0/16", type = "blackhole" },
    { to = "2001:db8:98::/48", via = "2001:db8:20::9" },
]
rules = [{ priority = 500, from = "10.1.20.0/24", table = 201 }]

[vlan.v30]
id = 30
parent = "br0"
mtu = 1450

[macvlan.host30]
parent = "v30"
mode = "vepa"
mtu = 1450
addresses = ["10.1.30.2/24"]
neighbors = [{ address = "10.1.30.9", link-layer-address = "02:00:00:00:30:09" }]

[macvtap.tap30]
parent = "v30"
mode = "vepa"
mtu = 1450

[vlan.v40]
id = 40
parent = "br0"
addresses = ["10.1.40.2/24", "2001:db8:40::2/64"]
routes = [{ to = "default", via = "10.1.40.9" }]

[vlan.v41]
id = 41
parent = "br0"

[vrf.blue]
table = 1000
ports = ["v40"]

[vrf.green]
table = 1002
ports = ["foot"]

[dummy.anycast]
addresses = ["192.0.2.153/32", "192.0.2.154/32"]

END
}
