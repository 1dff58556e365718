"""Processes that ask a store at once, and one that writes into it meanwhile."""

import multiprocessing
import time
from itertools import islice
from random import Random
from typing import Any, NamedTuple

from benchmarks.asking import tasks
from benchmarks.literature import literature
from flows.priority import give_way
from nlp.article import Article
from nlp.finding import Reading
from store.articles import keep_article
from store.database import connect, session_scope
from store.findings import keep_reading
from store.runs import account, finish_run, run_id_of, start_run
from store.tables import Extraction, Fetch
from store.web.warm import warm

BATCH = 50
"""Articles that the writer puts into a transaction, one transaction a second: faster than they can be read."""

FIRST_NEW = 95_000_000
"""PMID of the first article that the writer adds."""


class Taken(NamedTuple):
    """One thing done: seconds on the clock, seconds of this process's CPU, and the error if there was one."""

    kind: str
    name: str
    wall: float
    cpu: float
    error: str | None


def ask_at_once(url: str, clients: int, rounds: int, pause: float) -> tuple[list[Taken], int]:
    """Let so many processes do every task so many times while another writes; give what it took, and the articles written."""
    context = multiprocessing.get_context("spawn")
    results, stop = context.Queue(), context.Event()
    ready = context.Barrier(clients + 1)
    writer = context.Process(target=_write, args=(url, ready, stop, results))
    askers = [
        context.Process(target=_ask, args=(url, n, rounds, pause, ready, results)) for n in range(clients)
    ]
    for process in (writer, *askers):
        process.start()
    taken = [one for _ in askers for one in results.get()]
    stop.set()
    written, trouble = results.get()
    for process in (writer, *askers):
        process.join()
    return taken + trouble, written


def _ask(url: str, number: int, rounds: int, pause: float, ready: Any, results: Any) -> None:
    engine, random, taken = connect(url), Random(number), []
    warm(engine).join()  # as `ketmine serve` does
    for at in range(rounds):
        todo = list(tasks().items())
        random.shuffle(todo)
        if at == 0:
            ready.wait()
        for (kind, name), do in todo:
            time.sleep(pause * 2 * random.random())
            wall, cpu, error = time.perf_counter(), time.process_time(), None
            try:
                with session_scope(engine, writes=False) as session:
                    do(session)
            except Exception as caught:
                error = f"{type(caught).__name__}: {caught}"
            taken.append(Taken(kind, name, time.perf_counter() - wall, time.process_time() - cpu, error))
    results.put(taken)


def _write(url: str, ready: Any, stop: Any, results: Any) -> None:
    """Take in new articles and their readings as a night does, until it is told to stop."""
    give_way()
    engine, written, trouble = connect(url), 0, []
    rows = (
        row
        for row in literature(10**6, seed=1, first=FIRST_NEW)
        if row[0] in ("article_versions", "studies", "findings")
    )
    articles = _gathered(rows)
    ready.wait()
    with session_scope(engine) as session:
        run = run_id_of(start_run(session, "nightly", {}, "invented", "2"))
    while not stop.is_set():
        due = time.perf_counter() + 1
        try:
            with session_scope(engine) as session:
                for article, reading in islice(articles, BATCH):
                    account(session, run, article.pmid, fetch=Fetch.NEW, extraction=Extraction.EXTRACTED)
                    keep_article(session, run, article, article.pmid.encode())
                    keep_reading(session, run, article.pmid, reading)
                    written += 1
        except Exception as caught:
            trouble.append(Taken("write", "a batch", 0, 0, f"{type(caught).__name__}: {caught}"))
        stop.wait(max(0, due - time.perf_counter()))
    with session_scope(engine) as session:
        finish_run(session, run)
    results.put((written, trouble))


def _gathered(rows: Any) -> Any:
    """Put the rows of an article together: (article, its reading)."""
    version: dict[str, Any] = {}
    study: dict[str, Any] = {}
    found: list[dict[str, Any]] = []
    for table, row in rows:
        if table == "article_versions":
            if version:
                yield _read(version, study, found)
            version, found = row, []
        elif table == "studies":
            study = row
        else:
            found.append(row["record"])


def _read(
    version: dict[str, Any], study: dict[str, Any], found: list[dict[str, Any]]
) -> tuple[Article, Reading]:
    source = {"document_hash": version["document_hash"], "pipeline": "invented", "version": "2"}
    profile = {name: study[name] for name in ("species", "design", "blinding", "sample_size", "setting")}
    reading = {"id": f"pmid:{version['pmid']}", "text": version["text"], "study": profile, "findings": found}
    return Article.model_validate(version["record"]), Reading.model_validate(
        {**reading, "provenance": source}
    )
