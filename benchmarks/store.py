"""`python -m benchmarks.store [--articles N] [--clients 8] [--rounds 3] [--only sqlite|postgresql]`: the store under load.

Makes an invented literature of N articles and five times as many findings (30,000: the size of the real one), in a new
SQLite file and a new PostgreSQL (Debian's, on a socket), and lets so many processes at once ask for pages, searches and
answers while another writes fifty articles a second. A client thinks for `--pause` seconds on average before it asks. Each
is a process that asks the store as the web process does, without HTTP between: clients in the threads of one process would
wait for its interpreter, not for the store; and no answer is kept from one question to the next.
Prints how long `ketmine serve` takes to its first page, and, for each thing asked, the 95th percentile of its seconds on
the clock and the median of this process's own CPU (PostgreSQL's server is not in it), and the load of the machine. Exit
code 1 when anything failed.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bulk import load
from benchmarks.clients import Taken, ask_at_once
from benchmarks.literature import literature
from benchmarks.starting import starting
from store.database import connect, migrate
from tests.store.postgres import fresh, serving

TARGETS = {"filter": 0.05, "search": 0.15, "question": 1.0}
"""Seconds within which 95 of 100 are to be done."""


@contextmanager
def _place(kind: str) -> Iterator[str]:
    """Give the URL of a new, migrated store."""
    if kind == "postgresql":
        with serving() as base:
            template = connect(base.format(name="template"))
            migrate(template)
            template.dispose()
            with fresh(base) as url:
                yield url
        return
    with tempfile.TemporaryDirectory(prefix="ketmine-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'store.db'}"
        migrate(connect(url))
        yield url


def measure(kind: str, articles: int, clients: int, rounds: int, pause: float) -> list[Taken]:
    """Fill a store and ask it; say how it went."""
    with _place(kind) as url:
        began = time.perf_counter()
        engine = connect(url)
        load(engine, literature(articles))
        engine.dispose()
        filled = time.perf_counter()
        started = starting(url)
        ready = time.perf_counter()
        taken, written = ask_at_once(url, clients, rounds, pause)
        seconds = time.perf_counter() - ready
    print(
        f"{kind}: {articles * 5:,} findings of {articles:,} articles, filled in {filled - began:.0f} s; {len(taken):,} "
        f"asked by {clients} clients in {seconds:.0f} s while {written:,} articles were written; "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        flush=True,
    )
    print(
        f"{kind}: the first page of `ketmine serve` after {started.wall:.1f} s ({started.cpu:.1f} of CPU)",
        flush=True,
    )
    return taken


def table(taken: dict[str, list[Taken]]) -> list[str]:
    """Write what was taken as a table in Markdown, a line a thing asked."""
    lines = [
        "| | " + " | ".join(f"{kind}, p95 | CPU" for kind in taken) + " |",
        "|---|" + "---|---|" * len(taken),
    ]
    names = dict.fromkeys(
        (one.kind, one.name) for some in taken.values() for one in some if one.kind in TARGETS
    )
    for kind, name in sorted(names, key=lambda pair: list(TARGETS).index(pair[0])):
        cells = []
        for some in taken.values():
            held = [one for one in some if (one.kind, one.name) == (kind, name)]
            late = "" if p95([one.wall for one in held]) <= TARGETS[kind] else " over"
            cells += [f"{1000 * p95([one.wall for one in held]):,.0f} ms{late}"]
            cells += [f"{1000 * statistics.median(one.cpu for one in held):,.0f} ms"]
        lines.append(f"| {kind}: {name} | " + " | ".join(cells) + " |")
    return lines


def p95(seconds: Sequence[float]) -> float:
    """Give the 95th percentile; of fewer than twenty, the largest."""
    return sorted(seconds)[min(len(seconds) - 1, int(0.95 * len(seconds)))]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.store", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--articles", type=int, default=30_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pause", type=float, default=1.0)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    taken = {
        kind: measure(kind, given.articles, given.clients, given.rounds, given.pause)
        for kind in ("sqlite", "postgresql")
        if given.only in (None, kind)
    }
    print("\n".join(table(taken)))
    failed = [one for some in taken.values() for one in some if one.error]
    for one in failed[:20]:
        print(f"failed: {one.kind} {one.name}: {one.error}")
    print(f"{len(failed)} errors")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
