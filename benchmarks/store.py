"""`python -m benchmarks.store [--articles N] [--rounds 3] [--only sqlite|postgresql] [--kept FOLDER]`: the store under load.

Makes an invented literature of N articles and five times as many findings (30,000: the size of the real one), in a new
SQLite file and a new PostgreSQL (Debian's, on a socket; KETMINE_TEST_POSTGRES_URL names another), and lets so many processes
at once ask for pages, searches and answers while another writes fifty articles a second. A client thinks for `--pause`
seconds on average before it asks. Each
is a process that asks the store as the web process does, without HTTP between: clients in the threads of one process would
wait for its interpreter, not for the store; and no answer is kept from one question to the next.
Prints how long `ketmine serve` takes to its first page, and, for each thing asked, the 95th percentile of its seconds on
the clock and the median of this process's own CPU (PostgreSQL's server is not in it), and the load of the machine. Exit
code 1 when anything failed.

Filling takes minutes. With `--kept` what was filled is kept, SQLite's as a file of that folder and PostgreSQL's as a database
of the server that KETMINE_TEST_POSTGRES_URL names, and a later call asks a copy of it, migrated to the schema of the day.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlmodel import select

from benchmarks.bulk import load
from benchmarks.clients import Taken, ask_at_once
from benchmarks.literature import literature
from benchmarks.starting import starting
from store.database import connect, migrate, session_scope
from store.tables import ArticleRow
from tests.store.postgres import admin, fresh, serving

TARGETS = {"filter": 0.05, "search": 0.15, "question": 1.0}
"""Seconds within which 95 of 100 are to be done."""


@contextmanager
def place(kind: str, articles: int, kept: Path | None = None) -> Iterator[str]:
    """Give the URL of a filled store that may be written into: a copy, where what was filled is kept."""
    with tempfile.TemporaryDirectory(prefix="ketmine-bench-") as folder:
        if kind == "postgresql":
            with serving() as base:
                yield from _copied(base, f"literature_{articles}", articles, keep=kept is not None)
            return
        file, asked = (kept or Path(folder)) / f"literature-{articles}.db", Path(folder) / "store.db"
        fill(f"sqlite:///{file}", articles)
        if kept is None:
            file.rename(asked)
        else:
            shutil.copyfile(file, asked)
        yield f"sqlite:///{asked}"


def _copied(base: str, name: str, articles: int, *, keep: bool) -> Iterator[str]:
    """Fill a database of a server if it is not there, and give the URL of a copy."""
    url = base.format(name=name)
    if not _there(base, name):
        admin(base, f"CREATE DATABASE {name}")
    fill(url, articles)
    with fresh(base, of=name) as copy:
        yield copy
    if not keep:
        admin(base, f"DROP DATABASE {name}")


def _there(base: str, name: str) -> bool:
    engine = connect(base.format(name="postgres"))
    with engine.connect() as held:
        known = held.exec_driver_sql("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).scalar()
    engine.dispose()
    return known is not None


def fill(url: str, articles: int) -> None:
    """Migrate a store, and put the invented literature into it if it holds nothing."""
    began, engine = time.process_time(), connect(url)
    migrate(engine)
    with session_scope(engine, writes=False) as session:
        empty = session.exec(select(ArticleRow.pmid).limit(1)).first() is None
    if empty:
        load(engine, literature(articles))
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as held:
            if engine.dialect.name == "sqlite":  # else what a reader opens is the log, and a copy lacks it
                held.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        print(
            f"filled with {articles * 5:,} findings: {time.process_time() - began:.0f} s of CPU of this process",
            flush=True,
        )
    engine.dispose()


def measure(
    kind: str, articles: int, clients: int, rounds: int, pause: float, kept: Path | None = None
) -> list[Taken]:
    """Fill a store and ask it; say how it went."""
    with place(kind, articles, kept) as url:
        started = starting(url)
        ready = time.perf_counter()
        taken, written = ask_at_once(url, clients, rounds, pause)
        seconds = time.perf_counter() - ready
    print(
        f"{kind}: {articles * 5:,} findings of {articles:,} articles; {len(taken):,} "
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
    parser.add_argument("--kept", type=Path)
    given = parser.parse_args()
    taken = {
        kind: measure(kind, given.articles, given.clients, given.rounds, given.pause, given.kept)
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
