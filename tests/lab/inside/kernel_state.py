"""Prints a picture of the kernel's network state that two moments, or two boots, can be compared by.

Left out is what differs without meaning anything: interface numbers, counters, timers, remaining lifetimes, and the
devices libvirt makes and names for running guests.
"""

import json
import pathlib
import re
import subprocess
import time

TRANSIENT = re.compile(r"^(macvtap|vnet)\d+$")
LINK_NOISE = re.compile(
    r"(ifindex|link_index|link_netnsid|promiscuity|allmulti|stats.*|xstats|carrier_.*|.*_timer|tso_max_size"
    # What LACP partners have agreed on so far, and how often.
    r"|ad_(actor|partner)_oper_port_state.*|ad_churn_.*|ad_aggregator_id|aggregator|link_failure_count"
    # A bridge takes it from the speed that a bond had when its carrier came: that of one port, or of two.
    r"|cost)$"
)
SYSCTL_NOISE = {"stable_secret"}
FOREVER = 4294967295


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def ip_json(*arguments):
    return json.loads(run("ip", "-d", "-j", *arguments) or "[]")


def without_noise(value):
    if isinstance(value, dict):
        return {key: without_noise(item) for key, item in value.items() if not LINK_NOISE.match(key)}
    return value


def links():
    for link in ip_json("link", "show"):
        if TRANSIENT.match(link["ifname"]):
            continue
        link["flags"] = sorted(link.get("flags", []))
        for key, value in sorted(without_noise(link).items()):
            yield f"link {link['ifname']} {key} {json.dumps(value, sort_keys=True)}"


def lifetime(address, key):
    return "forever" if address.get(key, FOREVER) == FOREVER else "limited"


def addresses():
    for link in ip_json("address", "show"):
        if TRANSIENT.match(link["ifname"]):
            continue
        for address in link.get("addr_info", []):
            address["valid_life_time"] = lifetime(address, "valid_life_time")
            address["preferred_life_time"] = lifetime(address, "preferred_life_time")
            yield f"address {link['ifname']} {json.dumps(address, sort_keys=True)}"


def is_transient_route(line):
    # The kernel gives it to a link with the first carrier, and leaves it where that goes.
    if line.startswith("multicast ff00::/8 ") and " linkdown " in line:
        return True
    device = re.search(r"\bdev (\S+)", line)
    return bool(device and TRANSIENT.match(device[1]))


def routes(family):
    for line in run("ip", family, "-d", "-o", "route", "show", "table", "all").splitlines():
        if not is_transient_route(line):
            yield f"route {family[1]} " + " ".join(re.sub(r"\bexpires \S+", "expires", line).split())


def rules(family):
    for line in run("ip", family, "rule", "show").splitlines():
        yield f"rule {family[1]} " + " ".join(line.split())


def bridge_vlans():
    for port in json.loads(run("bridge", "-j", "vlan", "show") or "[]"):
        if not TRANSIENT.match(port["ifname"]):
            yield f"bridge vlan {port['ifname']} {json.dumps(port.get('vlans'), sort_keys=True)}"


def permanent_neighbors():
    for line in run("ip", "neighbor", "show", "nud", "permanent").splitlines():
        yield "neighbor " + " ".join(line.split())


def nexthops():
    for line in run("ip", "nexthop", "show").splitlines():
        yield "nexthop " + " ".join(line.split())


def sysctl_value(file):
    try:
        return file.read_text().strip()
    except OSError as error:
        return f"unreadable, {error.errno}"


def sysctls(family):
    for directory in pathlib.Path(f"/proc/sys/net/{family}/conf").iterdir():
        if directory.name == "lo" or TRANSIENT.match(directory.name):
            continue
        for file in directory.iterdir():
            if file.name not in SYSCTL_NOISE:
                yield f"sysctl {family} {directory.name} {file.name} {sysctl_value(file)}"


def is_tentative():
    return any(
        address.get("tentative")
        for link in ip_json("address", "show")
        if not TRANSIENT.match(link["ifname"])
        for address in link.get("addr_info", [])
    )


def settle():
    """Duplicate address detection runs for a second or two after a link came up."""
    limit = time.monotonic() + 20
    while is_tentative() and time.monotonic() < limit:
        time.sleep(0.5)


settle()
picture = [*links(), *addresses(), *bridge_vlans(), *permanent_neighbors(), *nexthops()]
for ip_family in ("-4", "-6"):
    picture += [*routes(ip_family), *rules(ip_family)]
for sysctl_family in ("ipv4", "ipv6"):
    picture += sysctls(sysctl_family)
print("\n".join(sorted(picture)))
