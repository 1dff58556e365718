"""Twenty curators at once over HTTP, on both databases: no decision is lost, none doubled, and everyone is answered soon.

The short form runs in `make test`; five minutes of it, with the time of an answer measured, in `make soak`.
"""

import os
import random
import re
import resource
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from nlp.article import document_of
from store.articles import keep_article
from store.database import session_scope
from store.findings import keep_reading
from store.people.accounts import add_user
from store.people.logins import admit
from store.people.rights import Role
from store.runs import run_id_of, start_run
from store.tables import Decision, FindingRow
from store.transitions import MACHINE
from store.web.app import create_app
from tests.store.conftest import article, found, reading
from tests.store.web.browsing import served

ROOT = Path(__file__).resolve().parents[3]
CURATORS = 20
SECONDS = float(os.environ.get("KETMINE_TEST_SECONDS", "300"))
"""How long the crowd works; a tenth of it is enough to see what a request costs."""

EVENTS = ("Nausea", "Vomiting", "Fatigue", "Headache", "Dizziness", "Dissociation", "Anxiety", "Sedation")


class Kept(NamedTuple):
    """A decision that a curator was told is kept."""

    curator: str
    finding: str
    action: str
    seen: int


class Crowd:
    """What all curators were told, and how long they waited for it."""

    def __init__(self, engine: Engine, address: str) -> None:
        self.engine, self.address = engine, address
        self.kept: list[Kept] = []
        self.refused: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.trouble: list[str] = []
        self.begun = threading.Semaphore(0)

    def work(self, number: int, hot: str, until: float, decisions: int, think: float) -> None:
        """Be one curator: take batches and decide; now and then, decide on what everyone decides on."""
        self.begun.release()
        name, chance = f"Curator {chr(65 + number)}", random.Random(number)
        with session_scope(self.engine) as session:
            user, _ = add_user(session, name, Role.CURATOR, subject=name)
            cookie = admit(session, user, None, "test")
        with httpx.Client(base_url=self.address, cookies={"ketmine": cookie}, timeout=30) as client:
            client.headers["origin"] = self.address
            path, made = "", 0
            try:
                while time.monotonic() < until and made < decisions:
                    if chance.random() < 0.4:
                        self.decide(client, name, f"/findings/{hot}", chance)
                    if not path:
                        path = self.ask(client, "POST", "/queue/take", {"then": "queue"}).headers["location"]
                    path = self.decide(client, name, path, chance) if "/findings/" in path else ""
                    made += 1
                    time.sleep(think * 2 * chance.random())
            except Exception as error:
                self.trouble.append(f"{name}: {error!r}")

    def decide(self, client: httpx.Client, name: str, path: str, chance: random.Random) -> str:
        """Decide on what a page shows, as it was shown; give where it leads."""
        page = self.ask(client, "GET", path).text
        key = path.split("/")[2].split("?")[0]
        allowed = [act for act in ("accept", "reject") if f'action="/findings/{key}/{act}"' in page]
        if not allowed:
            return ""
        action = chance.choice(allowed)
        form = rf'action="/findings/{key}/{action}".*?name="seen" value="(\d+)"'
        seen = re.search(form, page, re.DOTALL)
        assert seen is not None, page
        then = {"then": "queue"} if "queue" in path else {}
        fields = {"seen": seen[1], "reason": "other", **then}
        answer = self.ask(client, "POST", f"/findings/{key}/{action}", fields)
        if answer.status_code != 303:
            self.refused[answer.status_code] += 1
            return ""
        self.kept.append(Kept(name, key, action, int(seen[1])))
        return str(answer.headers["location"])

    def ask(
        self, client: httpx.Client, method: str, path: str, form: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send a request and take the time."""
        start = time.monotonic()
        answer = client.request(method, path, data=form)
        self.seconds.append(time.monotonic() - start)
        assert answer.status_code in (200, 303, 409, 422), (
            f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        )
        return answer


@pytest.fixture
def engine(on_each: Engine) -> Engine:
    """Give an empty store on each database."""
    return on_each


def stock(engine: Engine, articles: int) -> str:
    """Keep so many abstracts with eight findings each; give the id of one finding."""
    with session_scope(engine) as session:
        run = run_id_of(start_run(session, "nightly", {}))
        for number in range(articles):
            of = article(str(90_000_000 + number), abstract=" ".join(f"{word} occurred." for word in EVENTS))
            text = document_of(of).text
            keep_article(session, run, of, of.model_dump_json().encode())
            events = [
                found(text, "adverse_event", word, ordinal=number, confidence=(number % 9 + 1) / 10)
                for word in EVENTS
            ]
            keep_reading(session, run, of.pmid, reading(of, *events))
        return session.exec(select(FindingRow.id)).first() or ""


@contextmanager
def ketmine_serve(engine: Engine, folder: Path) -> Iterator[str]:
    """Run `ketmine serve` as a process of its own over a store; give its address."""
    url = engine.url.render_as_string(hide_password=False)
    own = {"KETMINE_DATABASE_URL": url, "KETMINE_VAR": str(folder / "var"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "flows", "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | own, stderr=subprocess.PIPE, text=True
    ) as serving:
        try:
            assert serving.stderr is not None
            said = re.search(r"http://[\d.:]+", serving.stderr.readline())
            assert said is not None
            yield said[0]
        finally:
            serving.terminate()


def let_loose(
    engine: Engine,
    server: AbstractContextManager[str],
    hot: str,
    seconds: float,
    decisions: int,
    think: float,
) -> Crowd:
    """Let twenty curators work at once; give what they were told."""
    with server as address:
        crowd = Crowd(engine, address)
        until = time.monotonic() + seconds
        workers = [
            threading.Thread(target=crowd.work, args=(number, hot, until, decisions, think))
            for number in range(CURATORS)
        ]
        for worker in workers:
            worker.start()
            crowd.begun.acquire()  # CPython 3.11 fails when two threads begin to be traced (for coverage) at once
        for worker in workers:
            worker.join()
    assert not crowd.trouble, crowd.trouble[:3]
    return crowd


def check(crowd: Crowd) -> None:
    """Hold what curators were told against what the store holds."""
    with session_scope(crowd.engine, writes=False) as session:
        held = session.exec(
            select(Decision).where(Decision.curator != MACHINE).order_by(col(Decision.id))
        ).all()
    stored = Counter(Kept(act.curator, act.finding_id, act.action, act.revision) for act in held)
    assert stored == Counter(crowd.kept)  # none lost, none made up
    assert max(Counter((act.finding_id, act.revision) for act in held).values()) == 1  # none doubled


def test_twenty_curators_at_once_lose_and_double_nothing(engine: Engine) -> None:
    hot = stock(engine, articles=51)  # twenty batches of twenty, and some
    crowd = let_loose(engine, served(create_app(engine)), hot, seconds=60, decisions=1, think=0)
    check(crowd)
    assert len({one.curator for one in crowd.kept}) == CURATORS
    assert set(crowd.refused) <= {409}


@pytest.mark.soak
def test_twenty_curators_for_five_minutes(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hot = stock(engine, articles=900)
    served_before, asked_before = children(), time.process_time()
    crowd = let_loose(
        engine, ketmine_serve(engine, tmp_path), hot, seconds=SECONDS, decisions=10**6, think=2.0
    )
    check(crowd)
    p95, answers = quantiles(crowd.seconds, n=20)[-1], len(crowd.seconds)
    with capsys.disabled():
        told = f"{len(crowd.kept):,} decisions, {crowd.refused[409]} conflicts told, {answers:,} answers"
        times = f"median {median(crowd.seconds) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms"
        work = f"{(children() - served_before) * 1000 / answers:.1f} ms of CPU of the server an answer"
        load = f"{(time.process_time() - asked_before) * 1000 / answers:.1f} of those who ask"
        print(f"\n{engine.dialect.name}: {told}; {times}; {work}, {load}")
    assert p95 < 0.2


def children() -> float:
    """Give the CPU seconds of the processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
