"""What `ip -ts -o monitor all` saw between two pictures."""

import collections
import datetime
import re

import pictures

# A route that comes and goes at the end of each measuring: the monitor has still heard of everything.
CANARY = "blackhole 192.0.2.254"
# Seconds; measured was 0.0001 where FRR itself took a neighbor away and 0.013 where it took a leg, and 0.12 where networkd did.
FRR_WRITES = 0.05

Event = collections.namedtuple("Event", "time label deleted text")
LINE = re.compile(r"\[(\S+T\S+)\] \[(\w+)\](Deleted )?(.*)")


def events(file):
    """(all events, lines that are none: the monitor's own errors)."""
    found, others = [], []
    for line in file.read_text(errors="replace").splitlines():
        match = LINE.match(line)
        if match:
            time = datetime.datetime.fromisoformat(match[1])
            found.append(Event(time, match[2], bool(match[3]), match[4]))
        elif line.strip() and not re.match(r"\[\S+T\S+\] ", line):
            others.append(line)
    return found, others


def of(label, all_events):
    return [event for event in all_events if event.label == label]


def one_line(text):
    return " ".join(text.split())


def deleted(label, key, all_events):
    """What went, by a function of the text that gives its names."""
    return set().union(*(key(event.text) for event in of(label, all_events) if event.deleted))


def replaced_routes(begin, all_events):
    """Legs of routes of IPv4 that another route took the place of."""
    there = collections.defaultdict(set)
    for leg in begin:
        there[pictures.same_place(leg)].add(leg)
    gone, since = set(), {}
    for event in of("ROUTE", all_events):
        place = pictures.same_place(event.text)
        if event.deleted or not place:
            continue
        now = pictures.legs(event.text)
        for leg in there.get(place, ()):
            if leg not in now:
                since.setdefault(leg, event.time)
            elif leg in since and not (" proto bgp" in leg and is_written_anew(since.pop(leg), event)):
                gone.add(leg)
    return gone | since.keys()


def is_written_anew(since, event):
    """FRR looks at its routes and neighbors at each message about their link, and may write them in parts."""
    return (event.time - since).total_seconds() <= FRR_WRITES


def replaced_nexthops(begin, all_events):
    """Nexthop objects whose number got another meaning."""
    there = {" ".join(text.split()[:2]): text for text in begin}
    said = [(" ".join(event.text.split()[:2]), one_line(event.text)) for event in of("NEXTHOP", all_events) if not event.deleted]
    return {there[number] for number, text in said if number in there and there[number] != text}


def neighbors_away(all_events):
    """Neighbors that were gone for longer than FRR takes to write its own anew, by address and link."""
    away, since = set(), {}
    for event in of("NEIGH", all_events):
        match = re.match(r"(\S+ dev \S+) (.*)", event.text)
        if not match:
            continue
        name = match[1]
        if event.deleted:
            since.setdefault(name, event.time)
        elif "PERMANENT" in match[2] and name in since and not is_written_anew(since.pop(name), event):
            away.add(name)
    return away


def disturbed_links(begin, all_events):
    """What became otherwise with links that were there at the beginning, in words."""
    said = {}
    for event in of("LINK", all_events):
        name, now = pictures.link_state(event.text) or (None, None)
        before = begin.get(name)
        if before is None or is_of_bridging(event.text):
            continue
        if event.deleted:
            said.setdefault(f"{name} deleted")
        if before["up"] and not now["up"]:
            said.setdefault(f"{name} set down")
        for what in ("mtu", "master"):
            if now[what] != before[what]:
                said.setdefault(f"{name} {what} {before[what]} to {now[what]}")
    return list(said)


def is_of_bridging(text):
    """Bridges tell of their ports in messages of their own: one that goes there is not gone."""
    return re.search(r"\bstate (disabled|listening|learning|forwarding|blocking)\b", text)
