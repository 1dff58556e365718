"""What every run shares: alone on its database, a ledger in the store, steps that can be orchestrated."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlmodel import Session

from flows.digest import TOLD, deliver
from flows.errors import UnlockedError
from flows.lock import Held, only_run
from flows.log import log
from flows.pubmed import DEFAULT_QUERY
from flows.settings import Settings
from nlp.errors import StoreError
from store.database import connect, require_schema, session_scope
from store.digest import digest
from store.runs import finish_run, run_id_of, start_run
from store.tables import RunStatus

T = TypeVar("T")

UNLOCKED = (
    "this run has its database no longer to itself: the server let go of the lock that keeps other runs out and it cannot "
    "be taken again, or the database's file was moved or replaced. This run stopped, and what it committed stays; run the "
    "command again when no other run is at work"
)

Step = Callable[..., Any]
"""`step(name, function, *arguments)`: run one step, as it is or as a task of an orchestrator."""

Watch = Callable[..., Iterable[Any]]
"""`watch(items, what, total, weigh)`: pass the items on, and show how far they have come; by default each weighs one."""


@dataclass(frozen=True)
class Part:
    """What is done for each batch: what begins it writes nothing and waits for nothing, what finishes it takes what it gave."""

    begin: Callable[["Work", list[str]], Any]
    finish: Callable[["Work", Any], None]

    def __call__(self, work: "Work", batch: list[str]) -> None:
        """Do it all for a batch."""
        self.finish(work, self.begin(work, batch))


Spread = Callable[[str, Part, "Work", Iterable[list[str]]], Iterator[object]]
"""`spread(name, part, work, batches)`: do a part for each batch as a step, and give something whenever one is done; the batches
know nothing of each other."""


def plainly(name: str, function: Callable[..., T], *arguments: Any) -> T:
    """Run a step as it is."""
    return function(*arguments)


def one_by_one(name: str, part: Part, work: "Work", batches: Iterable[list[str]]) -> Iterator[object]:
    """Do batches here, in their order; each begins before the one before it is finished."""
    rest, begun = iter(batches), list[Any]()
    while True:
        try:
            coming = [part.begin(work, batch) for batch in islice(rest, 1)]
        finally:  # also where that fails: what came before it is kept
            for one in begun:
                work.step(name, part.finish, work, one)
        yield from begun
        if not coming:
            return
        begun = coming


def unwatched(
    items: Iterable[T], what: str, total: int | None = None, weigh: Callable[[T], int] | None = None
) -> Iterable[T]:
    """Pass the items on and show nothing."""
    return items


def always() -> bool:
    """Hold a lock that nobody can lose."""
    return True


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut items into lists of at most `size`."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


@dataclass(frozen=True)
class Work:
    """A run at work: where it keeps things, its id, how its steps are run, watched and spread, its lock, what went wrong."""

    settings: Settings
    engine: Engine
    run_id: int
    step: Step = plainly
    watch: Watch = unwatched
    spread: Spread = one_by_one
    held: Held = always
    troubles: list[str] = field(default_factory=list)
    found: set[str] = field(default_factory=set)
    """The keys of what was found, by which the end of the run checks its ledger."""

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session that commits, while no other run works on the database.

        Raises:
            UnlockedError: the lock of the run was lost, and another has it, or the database is gone.
        """
        if not self.held():
            raise UnlockedError(UNLOCKED)
        with session_scope(self.engine) as session:
            yield session

    @property
    def query(self) -> str:
        """Give the PubMed query that says what is on topic."""
        return self.settings.query or DEFAULT_QUERY

    def trouble(self, message: str, **context: Any) -> None:
        """Note what could not be done; the run goes on, and does not end as done."""
        self.troubles.append(message)
        log.warning(message, extra={"run": self.run_id} | context)


@contextmanager
def run_of(
    command: str,
    settings: Settings,
    parameters: dict[str, Any],
    *,
    step: Step = plainly,
    watch: Watch = unwatched,
    spread: Spread = one_by_one,
) -> Iterator[Work]:
    """Open a run, alone on its database, and close it with what became of it, whatever that is.

    Raises:
        BusyError: another run is at work on the database.
        StoreError: the database is out of reach or not migrated.
    """
    with only_run(settings.database_url, settings.var) as held:
        engine = connect(settings.database_url)
        try:
            require_schema(engine)
            with session_scope(engine) as session:
                run_id = run_id_of(start_run(session, command, parameters, settings.pipeline))
            work = Work(settings, engine, run_id, step, watch, spread, held)
            log.info("%s starts", command, extra={"run": run_id, "parameters": parameters})
            try:
                yield work
            except BaseException as error:
                _close(work, command, f"{type(error).__name__}: {error}", failed=True)
                raise
            _close(work, command, "; ".join(work.troubles[:20]) or None)
        finally:
            engine.dispose()


def _tell(work: Work, command: str) -> list[str]:
    """Send the digest where one is wanted, and give what could not be sent."""
    if command not in TOLD or not (work.settings.digest_webhook or work.settings.digest_email):
        return []
    with session_scope(work.engine, writes=False) as session:
        told = digest(session, work.run_id)
    return deliver(told, work.settings)


def _close(work: Work, command: str, reason: str | None, *, failed: bool = False) -> None:
    """Write the end of a run; a database that cannot take it leaves the run open, and the next run closes it."""
    try:
        with session_scope(work.engine) as session:
            status = finish_run(session, work.run_id, found=len(work.found), reason=reason, failed=failed)
        if troubles := _tell(work, command):
            reason = "; ".join(filter(None, [reason, *troubles]))
            with session_scope(work.engine) as session:
                status = finish_run(session, work.run_id, found=len(work.found), reason=reason, failed=failed)
    except StoreError:
        if not failed:
            raise
        status = RunStatus.FAILED
    log.info("run ends as %s", status, extra={"run": work.run_id, "reason": reason})
