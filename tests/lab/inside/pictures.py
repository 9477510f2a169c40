"""What a measuring records of the kernel: sockets of BGP, routes by their legs, addresses, rules, nexthops, neighbors, links."""

import ipaddress
import re
import subprocess

ROUTE_TYPES = {
    "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit", "throw", "nat",
}
LINK = re.compile(r"\d+: ([^:@\s]+)(?:@\S+)?: <([^>]*)> mtu (\d+)(.*)")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def sockets():
    """BGP sessions by socket identity."""
    found = {}
    lines = run("ss", "-tneH", "state", "established", "( sport = :179 or dport = :179 )").splitlines()
    for line in lines:
        fields = line.split()
        inode = re.search(r"\bino:(\d+)", line)
        cookie = re.search(r"\bsk:(\w+)", line)
        if inode and cookie:
            found[f"ino:{inode[1]} sk:{cookie[1]}"] = f"{fields[2]} - {fields[3]}"
    return found


def route_words(text):
    """(type, destination, the words behind) of a route; nothing where the text is none."""
    words = text.replace("\\", " ").split()
    kind = words.pop(0) if words and words[0] in ROUTE_TYPES else ""
    return (kind, words[0], words[1:]) if words else None


def values(words, names):
    """What stands behind names, the first of each."""
    found = {}
    for name, value, after in zip(words, words[1:], [*words[2:], ""]):
        if name in names:
            found.setdefault(name, after if value == "inet6" else value)
    return found


def legs(text):
    """What tells one leg of a route from another, independent of how `show` and `monitor` print the rest."""
    route = route_words(text)
    if not route:
        return set()
    kind, destination, words = route
    starts = [place for place, word in enumerate(words) if word == "nexthop"]
    common = values(words[: starts[0]] if starts else words, ("table", "metric", "proto", "nhid", "src", "mtu", "via", "dev"))
    if common.get("table") == "main":
        del common["table"]
    parts = [words[begin:end] for begin, end in zip(starts, [*starts[1:], None])] or [[]]
    return {leg_text(kind, destination, {**common, **values(part, ("via", "dev"))}) for part in parts}


def leg_text(kind, destination, attributes):
    return " ".join([kind, destination, *(f"{name} {value}" for name, value in sorted(attributes.items()))]).strip()


def routes():
    lines = []
    for family in ("-4", "-6"):
        lines += run("ip", family, "-o", "route", "show", "table", "all").splitlines()
    return sorted(set().union(*map(legs, lines)))


def same_place(text):
    """What a route of IPv4 takes the place of: that of the same destination, table and metric."""
    route = route_words(text)
    if not route or ":" in route[1] or re.search(r"\bvia [0-9a-f]*:", text):
        return None
    found = values(route[2], ("table", "metric"))
    return f"{route[1]} {found.get('table', 'main')} {found.get('metric', '0')}"


def address_key(text):
    match = re.match(r"\d+: (\S+?)(?:@\S+)?\s+(inet6?) (\S+)", text)
    return " ".join(match.groups()) if match else None


def addresses():
    return sorted(filter(None, map(address_key, run("ip", "-o", "address", "show").splitlines())))


def rules():
    lines = run("ip", "-4", "rule", "show").splitlines() + run("ip", "-6", "rule", "show").splitlines()
    return sorted(" ".join(line.split()) for line in lines)


def nexthops():
    return sorted(" ".join(line.split()) for line in run("ip", "nexthop", "show").splitlines())


def link_state(text):
    """(name, its state) of a line about a link: up or not, MTU, master."""
    match = LINK.match(text)
    if not match:
        return None
    name, flags, mtu, rest = match.groups()
    master = re.search(r"\bmaster (\S+)", rest)
    # A bridge calls itself its own master in messages of bridging.
    known = master[1] if master and master[1] != name else None
    return name, {"up": "UP" in flags.split(","), "mtu": mtu, "master": known}


def links():
    return dict(filter(None, map(link_state, run("ip", "-o", "link", "show").splitlines())))


def direct():
    """Where packets go over a link directly: (link, network) of gateways, and of routes without one."""
    found = set()
    lines = [f"- {line}" for line in nexthops()]
    for family in ("-4", "-6"):
        lines += run("ip", family, "-o", "-N", "route", "show", "table", "all", "type", "unicast").splitlines()
    for line in lines:
        to = line.split()[0]
        for part in line.split("nexthop"):
            device = re.search(r"\bdev (\S+)", part)
            gateway = re.search(r"\bvia (?:inet6 )?(\S+)", part)
            network = gateway[1] if gateway else {"default": "0.0.0.0/0"}.get(to, to)
            if device and network != "-":
                found.add((device[1], ipaddress.ip_network(network, strict=False)))
    return found


def neighbors():
    """Permanent ones that packets go to, by address and link: whoever wrote them may write them again."""
    ways = direct()
    found = []
    for line in run("ip", "-o", "neighbor", "show", "nud", "permanent").splitlines():
        address, _, link = line.split()[:3]
        parsed = ipaddress.ip_address(address)
        if any(name == link and parsed in network for name, network in ways):
            found.append(f"{address} dev {link}")
    return sorted(found)


def snapshot():
    return {
        "sockets": sockets(),
        "routes": routes(),
        "addresses": addresses(),
        "rules": rules(),
        "nexthops": nexthops(),
        "neighbors": neighbors(),
        "links": links(),
    }
