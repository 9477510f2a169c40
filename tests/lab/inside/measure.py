"""Looks at what a measuring recorded: sockets | snapshot FILE | judge DIRECTORY MEASURES.

`judge` prints one line per claim, divided by tabs: the claim, ok or FAIL or note, what was seen.
"""

import datetime
import ipaddress
import json
import math
import pathlib
import re
import subprocess
import sys

ROUTE_TYPES = {
    "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit", "throw", "nat",
}
# A packet sent within the last second may still be on its way when ping is stopped.
PACKETS_IN_FLIGHT = 50
# Seconds; measured was 0.0001 where FRR itself took one away, and 0.12 where networkd did.
FRR_WRITES = 0.05


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


# What is recorded

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


def route_key(text):
    """What tells one route from another, independent of how `show` and `monitor` print the rest."""
    words = text.split()
    kind = words.pop(0) if words and words[0] in ROUTE_TYPES else ""
    if not words:
        return None
    attributes = {}
    for name, value in zip(words[1:], words[2:]):
        if name in ("via", "dev", "table", "metric", "proto", "nhid"):
            attributes.setdefault(name, value)
    if attributes.get("table") == "main":
        del attributes["table"]
    return " ".join([kind, words[0], *(f"{name} {value}" for name, value in sorted(attributes.items()))]).strip()


def routes():
    lines = []
    for family in ("-4", "-6"):
        lines += run("ip", family, "-o", "route", "show", "table", "all").splitlines()
    return sorted({key for key in map(route_key, lines) if key})


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
    }


# How it is judged

def deletions(monitor):
    """Everything `ip monitor` called deleted, by its label."""
    found = {"ROUTE": [], "ADDR": [], "RULE": [], "NEXTHOP": []}
    for line in monitor.read_text(errors="replace").splitlines():
        match = re.match(r"(?:\[[^\]]*T[^\]]*\] )?(?:\[(\w+)\])?(?:\[[^\]]*T[^\]]*\] )?Deleted (.*)", line)
        if match and match[1] in found:
            found[match[1]].append(match[2])
    return found


def neighbors_away(monitor):
    """Neighbors that were gone for longer than FRR takes to write its own anew, by address and link."""
    away, since = set(), {}
    for line in monitor.read_text(errors="replace").splitlines():
        match = re.match(r"\[(\S+T\S+)\] \[NEIGH\](Deleted )?(\S+ dev \S+) (.*)", line)
        if not match:
            continue
        time, name = datetime.datetime.fromisoformat(match[1]), match[3]
        if match[2]:
            since.setdefault(name, time)
        elif "PERMANENT" in match[4] and name in since and (time - since.pop(name)).total_seconds() > FRR_WRITES:
            away.add(name)
    return sorted(away)


def is_of_own_link(text, own):
    return any(word in own for word in text.split())


def lost_by_name(begin, end, deleted, own):
    """(deleted on the way, missing at the end) of what was there at the beginning, own links left out."""
    there = {item for item in begin if not is_of_own_link(item, own)}
    return sorted(there & set(deleted)), sorted(there - set(end))


def shortened(items):
    more = [f"and {len(items) - 3} more"] if len(items) > 3 else []
    return "; ".join([*items[:3], *more])


def said(deleted, missing):
    parts = []
    if deleted:
        parts.append(f"{len(deleted)} deleted on the way: {shortened(deleted)}")
    if missing:
        parts.append(f"{len(missing)} missing at the end: {shortened(missing)}")
    return ", ".join(parts)


def judge_sockets(begin, end):
    if not begin["sockets"]:
        return "FAIL", "no session at the beginning"
    gone = sorted(set(begin["sockets"]) - set(end["sockets"]))
    if gone:
        return "FAIL", "socket gone: " + ", ".join(gone)
    return "ok", ", ".join(begin["sockets"])


def judge_routes(begin, end, gone, away, own):
    deleted, missing = lost_by_name(begin["routes"], end["routes"], filter(None, map(route_key, gone["ROUTE"])), own)
    for kind, label in (("rules", "RULE"), ("nexthops", "NEXTHOP")):
        texts = [" ".join(text.split()) for text in gone[label]]
        more = lost_by_name(begin[kind], end[kind], texts, own)
        deleted, missing = deleted + more[0], missing + more[1]
    more = lost_by_name(begin["neighbors"], end["neighbors"], away, own)
    deleted, missing = (known + [f"neighbor {it}" for it in new] for known, new in zip((deleted, missing), more))
    if deleted or missing:
        return "FAIL", said(deleted, missing)
    return "ok", f"{len(begin['routes'])} routes"


def judge_addresses(begin, end, gone, own):
    deleted, missing = lost_by_name(
        begin["addresses"], end["addresses"], filter(None, map(address_key, gone["ADDR"])), own
    )
    if deleted or missing:
        return "FAIL", said(deleted, missing)
    return "ok", f"{len(begin['addresses'])} addresses"


def sequence_numbers(lines):
    """ICMP sequence numbers are 16 bits; a long run goes round."""
    numbers, turn, last = [], 0, 0
    for line in lines:
        match = re.search(r"bytes from .* icmp_seq=(\d+)", line)
        if not match:
            continue
        number = int(match[1])
        if number + 32768 < last:
            turn += 65536
        last = number
        numbers.append(number + turn)
    return numbers


def gaps(numbers, sent):
    """Missing packets as (first, last)."""
    missing = sorted(set(range(1, sent + 1)) - set(numbers))
    ranges = []
    for number in missing:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges


def packets(log):
    """(sent, lost, gaps) of one ping."""
    lines = log.read_text(errors="replace").splitlines()
    numbers = sequence_numbers(lines)
    total = next((int(match[1]) for match in (re.match(r"(\d+) packets transmitted", line) for line in lines) if match), 0)
    highest = max(numbers, default=0)
    sent = highest if total - highest <= PACKETS_IN_FLIGHT else total
    ranges = gaps(numbers, sent)
    return sent, sum(last - first + 1 for first, last in ranges), ranges


def allowed(allowance, name, sent):
    if name not in allowance:
        return None
    control_sent, control_lost = allowance[name]
    return max(control_lost, math.ceil(control_lost * sent / max(control_sent, 1)))


def judge_packets(sent, lost, ranges, limit):
    where = ", ".join(f"{first}-{last}" if first != last else str(first) for first, last in ranges[:12])
    seen = f"{lost} of {sent} lost" + (f", gaps {where}" if ranges else "")
    if sent == 0:
        return "FAIL", "nothing was sent or answered"
    if limit is None:
        return "note", seen
    return ("ok" if lost <= limit else "FAIL"), f"{seen}, {limit} allowed"


def judge(directory, measures):
    """All claims about one measuring; writes the losses beside it, where a control run takes its allowance from."""
    begin = json.loads((directory / "begin").read_text())
    end = json.loads((directory / "end").read_text())
    own = set((directory / "own").read_text().split())
    gone = deletions(directory / "monitor")
    is_control = directory.name == "control"
    file = measures / "allowance"
    allowance = json.loads(file.read_text()) if file.exists() and not is_control else {}
    losses = {}

    yield "the BGP session is the same socket", *judge_sockets(begin, end)
    yield "every route stayed at every moment", *judge_routes(begin, end, gone, neighbors_away(directory / "monitor"), own)
    yield "every address stayed at every moment", *judge_addresses(begin, end, gone, own)
    for name, way in (("near", "to the peer"), ("far", "through the BGP route")):
        sent, lost, ranges = packets(directory / f"ping-{name}")
        losses[name] = (sent, lost)
        verdict, seen = judge_packets(sent, lost, ranges, allowed(allowance, name, sent))
        yield f"packets lost {way}: no more than in the control run", verdict, seen
    (directory / "losses").write_text(json.dumps(losses))


def main(arguments):
    command = arguments[0] if arguments else ""
    if command == "sockets":
        print("\n".join(f"{identity} {ends}" for identity, ends in sorted(sockets().items())))
    elif command == "snapshot":
        pathlib.Path(arguments[1]).write_text(json.dumps(snapshot(), indent=1))
    elif command == "judge":
        for line in judge(pathlib.Path(arguments[1]), pathlib.Path(arguments[2])):
            print("\t".join(line))
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
