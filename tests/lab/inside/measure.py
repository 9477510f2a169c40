"""Looks at what a measuring recorded: sockets | snapshot FILE | judge DIRECTORY MEASURES | since FORMER DIRECTORY.

`judge` prints one line per claim, divided by tabs: the claim, ok or FAIL or note, what was seen. `since` prints what went
between two measurings.
"""

import json
import math
import pathlib
import re
import sys

import monitor
from pictures import address_key, legs, snapshot, sockets

# A packet sent within the last second may still be on its way when ping is stopped.
PACKETS_IN_FLIGHT = 50


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


def one_name(key):
    """A function that gives the names in a text, of one that gives the only one."""
    return lambda text: set(filter(None, [key(text)]))


def judge_routes(begin, end, events, own):
    gone = {
        "routes": monitor.deleted("ROUTE", legs, events) | monitor.replaced_routes(begin["routes"], events),
        "rules": monitor.deleted("RULE", one_name(monitor.one_line), events),
        "nexthops": monitor.deleted("NEXTHOP", one_name(monitor.one_line), events)
        | monitor.replaced_nexthops(begin["nexthops"], events),
        "neighbors": monitor.neighbors_away(events),
    }
    deleted, missing = [], []
    for kind, names in gone.items():
        found = lost_by_name(begin[kind], end[kind], names, own)
        prefix = "neighbor " if kind == "neighbors" else ""
        deleted, missing = (known + [prefix + it for it in new] for known, new in zip((deleted, missing), found))
    if deleted or missing:
        return "FAIL", said(deleted, missing)
    return "ok", f"{len(begin['routes'])} routes"


def judge_addresses(begin, end, events, own):
    gone = monitor.deleted("ADDR", one_name(address_key), events)
    deleted, missing = lost_by_name(begin["addresses"], end["addresses"], gone, own)
    if deleted or missing:
        return "FAIL", said(deleted, missing)
    return "ok", f"{len(begin['addresses'])} addresses"


def judge_links(begin, end, events, own):
    there = {name: state for name, state in begin["links"].items() if name not in own}
    found = monitor.disturbed_links(there, events)
    found += [f"{name} is {end['links'].get(name)}" for name, state in there.items() if end["links"].get(name) != state]
    return ("FAIL", shortened(found)) if found else ("ok", f"{len(there)} links")


def judge_monitor(events, errors):
    if errors:
        return "FAIL", shortened(errors)
    if not any(event.deleted and monitor.CANARY in event.text for event in events):
        return "FAIL", "the last event is missing"
    return "ok", f"{len(events)} events"


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
    events, errors = monitor.events(directory / "monitor")
    is_control = directory.name == "control"
    file = measures / "allowance"
    allowance = json.loads(file.read_text()) if file.exists() and not is_control else {}
    losses = {}

    yield "the BGP session is the same socket", *judge_sockets(begin, end)
    yield "every route stayed at every moment", *judge_routes(begin, end, events, own)
    yield "every address stayed at every moment", *judge_addresses(begin, end, events, own)
    yield "every link stayed up, with its MTU and master", *judge_links(begin, end, events, own)
    yield "the kernel's messages were all heard", *judge_monitor(events, errors)
    for name, way in (("near", "to the peer"), ("far", "through the BGP route")):
        sent, lost, ranges = packets(directory / f"ping-{name}")
        losses[name] = (sent, lost)
        verdict, seen = judge_packets(sent, lost, ranges, allowed(allowance, name, sent))
        yield f"packets lost {way}: no more than in the control run", verdict, seen
    (directory / "losses").write_text(json.dumps(losses))


def unused_nexthops(picture):
    """Those that no route and no group needs: zebra throws its own away after three minutes."""
    used = {number for route in picture["routes"] for number in re.findall(r"\bnhid (\d+)", route)}
    for text in picture["nexthops"]:
        for group in re.findall(r"\bgroup (\S+)", text):
            used.update(member.partition(",")[0] for member in group.split("/"))
    return [text for text in picture["nexthops"] if text.split()[1] not in used]


def since(former, directory):
    """What went between the end of a measuring and the beginning of the next, in words."""
    end = json.loads((former / "end").read_text())
    begin = json.loads((directory / "begin").read_text())
    own = {name for place in (former, directory) for name in (place / "own").read_text().split()}
    end["nexthops"] = sorted(set(end["nexthops"]) - set(unused_nexthops(end)))
    for kind in ("sockets", "routes", "rules", "nexthops", "neighbors", "addresses"):
        _, missing = lost_by_name(end[kind], begin[kind], [], own)
        if missing:
            yield f"{kind}: {shortened(missing)}"


def main(arguments):
    command = arguments[0] if arguments else ""
    if command == "sockets":
        print("\n".join(f"{identity} {ends}" for identity, ends in sorted(sockets().items())))
    elif command == "snapshot":
        pathlib.Path(arguments[1]).write_text(json.dumps(snapshot(), indent=1))
    elif command == "judge":
        for line in judge(pathlib.Path(arguments[1]), pathlib.Path(arguments[2])):
            print("\t".join(line))
    elif command == "since":
        print("; ".join(since(pathlib.Path(arguments[1]), pathlib.Path(arguments[2]))))
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
