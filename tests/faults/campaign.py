# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault campaign: seeded runs of the engine against the emulated tenant, with every fault it can make, and the laws after each.

``make faults`` runs it; ``make faults FAULTS="--seed 4711"`` plays one world again and tells what happened in it.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "tools"), str(ROOT / "roles" / "emulator" / "files")]

from matrix import collection_tree

sys.path.insert(0, str(collection_tree()))

from laws import LAWS
from runner import Seen, Tenant, facts_of, play
from worlds import KINDS, World, world


@dataclass
class Tally:
    """What was seen in all."""

    worlds: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    switches: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    breaches: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add what another worker saw."""
        for name, mine in vars(self).items():
            theirs = getattr(other, name)
            if isinstance(mine, Counter):
                mine.update(theirs)
            else:
                mine.extend(theirs)


def judge(made: World, tenant: Tenant, tally: Tally, show: bool = False) -> list[str]:
    """Play a world, ask every law after every run, and return what was broken."""
    tally.worlds[made.kind] += 1
    tally.switches.update(made.switches.keys())
    told: list[str] = []
    history: list[Seen] = []
    for seen in play(made, tenant):
        tally.runs[made.kind] += bool(seen.calls)
        tally.requests.update(entry["method"] for entry in seen.log)
        tally.fired.update(facts_of(seen.fired))
        refused = sum(entry["status"] == 429 and entry["fault"] is None for entry in seen.log)
        if refused:
            tally.fired["the tenant's own limit"] += refused
        if seen.killed and seen.step.kill is not None:
            tally.killed[made.kind] += 1
            tally.kills[f"{seen.step.kill.where} a {seen.step.kill.by}"] += 1
        if show:
            _show(seen)
        for law in LAWS:
            breaches = law(seen, history)
            if breaches is None:
                continue
            tally.checked[law.__name__] += 1
            tally.broken[law.__name__] += bool(breaches)
            # The first says enough, and a world may break a law in every row.
            told += [f"{law.__name__}, {seen.step.name}: {breach}" for breach in breaches[: 99 if show else 1]]
            tally.breaches += [(made.seed, law.__name__, breach) for breach in breaches[:1]]
        history.append(seen)
        if told:
            break  # what follows would only repeat it
    return told


def _show(seen: Seen) -> None:
    print(f"-- {seen.step.name}{', killed' if seen.killed else ''}", seen.positions)
    for entry in seen.log:
        print(
            f"   {entry['method']:<6} {entry['path']} {entry['query'] or ''} -> {entry['status']} {entry['fault'] or ''}"
            f" {json.dumps(entry['body'], ensure_ascii=False) if entry['body'] else ''}"
        )
    for outcome in seen.outcomes:
        print(
            "   said",
            json.dumps({key: outcome.result[key] for key in outcome.result if key != "diff"}, ensure_ascii=False),
        )
        for warning in outcome.warnings:
            print("   warned", warning)
    if seen.crash:
        print(seen.crash)


def campaign(seeds: Iterable[int], kind: str | None = None, show: bool = False) -> Tally:
    """Play the worlds of some seeds in this process."""
    tally = Tally()
    tenant = Tenant()
    gc.freeze()
    try:
        for seed in seeds:
            made = world(seed, kind)
            if show:
                print(made, json.dumps(made.rows, ensure_ascii=False), sep="\n")
            told = judge(made, tenant, tally, show)
            if told:
                again = f'make faults FAULTS="--seed {seed}{f" --kind {kind}" if kind else ""}"'
                print(f"\nSeed {seed}: {'; '.join(told)}\n  again: {again}\n  {made}", flush=True)
    finally:
        tenant.close()
    return tally


def in_parallel(seeds: range, workers: int, kind: str | None) -> Tally:
    """Share the seeds among processes."""
    from multiprocessing.connection import Pipe

    ends = []
    for worker in range(workers):
        ours, theirs = Pipe(duplex=False)
        if not os.fork():
            status = 1
            try:
                theirs.send(campaign(seeds[worker::workers], kind))
                status = 0
            except BaseException:  # noqa: BLE001 - a fork must never return to whoever made it
                traceback.print_exc()
            finally:
                os._exit(status)
        theirs.close()
        ends.append(ours)
    tally = Tally()
    for end in ends:
        tally.add(end.recv())
        os.wait()
    return tally


# -- Tell --------------------------------------------------------------------------------------------------------------


def _table(head: list[str], rows: list[list[Any]], markdown: bool) -> str:
    cells = [[str(cell) if not isinstance(cell, int) else f"{cell:,}" for cell in row] for row in rows]
    if markdown:
        lines = [head, ["---", *["---:"] * (len(head) - 1)], *cells]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
    widths = [max(len(line[column]) for line in [head, *cells]) for column in range(len(head))]
    return "".join(
        "  "
        + "  ".join(
            f"{cell:<{width}}" if not column else f"{cell:>{width}}"
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        + "\n"
        for line in [head, *cells]
    )


def tables(tally: Tally, seconds: float, markdown: bool) -> str:
    """Return the figures as text."""
    kinds: list[list[Any]] = [[kind, tally.worlds[kind], tally.runs[kind], tally.killed[kind]] for kind in KINDS]
    total = ["in all", *(sum(row[column] for row in kinds) for column in (1, 2, 3))]
    fired = [[name, number] for name, number in sorted(tally.fired.items())]
    laws = [[law.__name__.replace("_", " "), tally.checked[law.__name__], tally.broken[law.__name__]] for law in LAWS]
    sections = [
        _table(["kind", "worlds", "runs", "killed"], [*kinds, total], markdown),
        _table(["killed", "times"], [[name, number] for name, number in sorted(tally.kills.items())], markdown),
        _table(["request", "times"], [[verb, tally.requests[verb]] for verb in sorted(tally.requests)], markdown),
        _table(["fault, as the emulator counts", "times"], [*fired, ["in all", sum(tally.fired.values())]], markdown),
        _table(
            ["switch moved", "worlds"], [[name, number] for name, number in sorted(tally.switches.items())], markdown
        ),
        _table(
            ["law", "checks", "broken"],
            [*laws, ["in all", sum(tally.checked.values()), sum(tally.broken.values())]],
            markdown,
        ),
    ]
    return "\n".join(sections) + f"\n{sum(tally.worlds.values()):,} worlds in {seconds:.0f} s\n"


def main(arguments: list[str] | None = None) -> int:
    """Run the campaign, and return 1 where a law was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1000, help="how many; default 1000")
    parser.add_argument("--first", type=int, default=1, help="the first of them; default 1")
    parser.add_argument("--seed", type=int, help="play this one alone, and tell every request")
    parser.add_argument("--kind", choices=KINDS, help="worlds of this kind only")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes; default one for each processor"
    )
    parser.add_argument("--markdown", action="store_true", help="the tables as Markdown")
    given = parser.parse_args(arguments)
    for name in list(os.environ):
        if name.startswith("EIGHTBYEIGHT_") or name.lower().endswith("_proxy"):
            del os.environ[name]
    began = time.monotonic()
    if given.seed is not None:
        tally = campaign([given.seed], given.kind, show=True)
    else:
        tally = in_parallel(range(given.first, given.first + given.seeds), given.workers, given.kind)
    print(tables(tally, time.monotonic() - began, given.markdown))
    return 1 if tally.breaches else 0


if __name__ == "__main__":
    sys.exit(main())
