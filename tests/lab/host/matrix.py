"""Puts measured cells into the matrix: RESULTS DOCS. A cell that was measured again replaces the one that was there."""

import json
import pathlib
import re
import sys

KEY = ("systemd", "daemon", "uplink", "column", "protected", "operation", "aftershock")
HEAD = """# What a change of the network disturbs

Measured in the lab by `tests/lab/matrix`, beside what hostwright's table foretold; the same rows for programs are in
`bgp-matrix.json`. `nothing`: the BGP session is the same socket, every route, rule, nexthop, address and used neighbor of others stayed at
every moment, links stayed up, and no more packets were lost than in a control run. `late`: something was lost between that
measuring and the next. `by chance`: either may happen, and a plan takes the worse for certain. `refused`: the plan stops before its first step and says why.
At a message about its link FRR may write a neighbor, or a route of several ways, anew in parts: what it has whole again within
50 ms has stayed. An aftershock is what others do behind the operation. Links, addresses and routes of the change itself do not count.

Daemons: `bird` with one session of IPv4 and one of IPv6, `bird-vrf` the same in a VRF; `frr` with zebra's nexthop groups, one
session with numbers and one without, `frr-plain` the same with `no zebra nexthop kernel enable`. Uplinks: a plain card, a bond of two,
VLAN 7 on a bond. Columns: `hostwright`; `usual` is files by hand and `networkctl reload`. Unprotected: networkd started without
`ManageForeignRoutes=no` and what belongs to it.
"""


def words(list_of_words):
    return ", ".join(list_of_words) or "nothing"


def key(cell):
    return tuple(str(cell[name]) for name in KEY)


def lost_packets(cell):
    """Says that more packets were lost than in the control run where nothing else was disturbed."""
    counts = re.findall(r"(\d+) of \d+ lost(?:, gaps [-\d, ]+?)?, (\d+) allowed", cell["note"])
    lost = not cell["measured"] and any(int(count) > int(limit) for count, limit in counts)
    return f"**packets lost**: {cell['note']}" if lost else ""


def table(cells):
    yield "| operation | aftershock | foretold | measured | |"
    yield "|---|---|---|---|---|"
    for cell in cells:
        note = cell["note"] if cell["measured"] in (["refused"], ["late"]) else ""
        holds = "" if cell["measured"] in (cell["forecast"], cell.get("or")) else "**differs**"
        foretold = words(cell["forecast"]) + (f" by chance, or {words(cell['or'])}" if "or" in cell else "")
        yield " | ".join([
            "| " + cell["operation"], cell["aftershock"], foretold, words(cell["measured"]),
            (holds + " " + (note or lost_packets(cell))).strip() + " |",
        ])


def coverage(cells):
    """Says how much of the matrix is measured: of each host the operations, and behind how many of them each aftershock is."""
    hosts = {}
    for cell in cells:
        columns = hosts.setdefault(key(cell)[:3], {})
        column = cell["column"] if (cell["column"], cell["protected"]) != ("hostwright", "no") else "unprotected"
        columns.setdefault(column, {}).setdefault(cell["operation"], set()).add(cell["aftershock"])
    yield "\n## How much is measured\n"
    yield "Operations of each column; in brackets those with aftershocks behind them. `tests/lab/matrix all` measures the rest.\n"
    yield "| systemd | daemon | uplink | hostwright | unprotected | usual |"
    yield "|---|---|---|---|---|---|"
    for host, columns in sorted(hosts.items()):
        behind = {name: sum(len(it) > 1 for it in columns[name].values()) for name in columns}
        counts = [f"{len(columns[it])} ({behind[it]})" if it in columns else "" for it in ("hostwright", "unprotected", "usual")]
        yield "| " + " | ".join([*host, *counts]) + " |"


def main(results, docs):
    store = docs / "bgp-matrix.json"
    cells = {key(cell): cell for cell in json.loads(store.read_text())} if store.exists() else {}
    for file in sorted(results.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            cell = json.loads(line)
            cells[key(cell)] = cell
    ordered = [cells[name] for name in sorted(cells)]
    store.write_text(json.dumps(ordered, indent=1) + "\n")
    lines = [HEAD, *coverage(ordered)]
    for group in sorted({key(cell)[:5] for cell in ordered}):
        systemd, daemon, uplink, column, protected = group
        unprotected = ", unprotected" if (column, protected) == ("hostwright", "no") else ""
        lines.append(f"\n## systemd {systemd}, {daemon}, uplink {uplink}, {column}{unprotected}\n")
        lines.extend(table([cell for cell in ordered if key(cell)[:5] == group]))
    (docs / "bgp-matrix.md").write_text("\n".join(lines) + "\n")


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
