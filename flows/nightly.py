"""A night: take in what is new, revised or gone, read it, and say in the morning what was done.

Each function here is a whole run: alone on its database, in the ledger, and safe to run again after a crash. It
gives the id of its run, by which `flows.report` tells of it.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from flows.extract import extract_stored
from flows.settings import Settings
from flows.sources import look_into_sources, read_sources
from flows.windows import ask_pubmed, look_into_pubmed, retry, sweep
from flows.work import Spread, Step, Watch, Work, one_by_one, plainly, run_of, unwatched
from nlp.article import Record
from store.articles import is_held
from store.database import connect, require_schema, session_scope


class Plan(Record):
    """What a run is to do; without sources, which are paths and addresses, it asks PubMed."""

    sources: tuple[Annotated[str, BeforeValidator(str)], ...] = ()
    since: date | None = None
    limit: int | None = Field(default=None, ge=0)


def _take_in(work: Work, plan: Plan) -> None:
    if plan.sources:
        read_sources(work, plan.sources, plan.limit)
    else:
        ask_pubmed(work, plan.since, plan.limit)


def _read(work: Work, plan: Plan) -> None:
    extract_stored(work, plan.limit)


PARTS: dict[str, tuple[Callable[[Work, Plan], None], ...]] = {
    "nightly": (_take_in, _read),
    "ingest": (_take_in,),
    "extract": (_read,),
    "sweep": (lambda work, plan: sweep(work, plan.limit), _read),
    "retry": (lambda work, plan: retry(work, plan.limit), _read),
}
"""Command → what it does, in order."""


def run(
    command: str,
    settings: Settings,
    plan: Plan | None = None,
    *,
    step: Step = plainly,
    watch: Watch = unwatched,
    spread: Spread = one_by_one,
) -> int:
    """Run a command of PARTS to its end, and give the id of its run.

    Raises:
        BusyError: another run is at work on the database.
        KetmineError: the run could not be done; what it committed stays.
    """
    plan = plan or Plan()
    parameters: dict[str, Any] = plan.model_dump(mode="json", exclude_defaults=True)
    with run_of(command, settings, parameters, step=step, watch=watch, spread=spread) as work:
        for part in PARTS[command]:
            part(work, plan)
        return work.run_id


class Foretold(Record):
    """What a run would take in: found = new + held + deferred + unparsable; `held` may be revised or unchanged."""

    found: int
    held: int
    new: int
    deferred: int = 0
    off_topic: int = 0
    unparsable: int = 0


def foretell(settings: Settings, plan: Plan, *, watch: Watch = unwatched) -> Foretold:
    """Search or read as a run would, fetch and write nothing, and count what would be found.

    Raises:
        KetmineError: the database or PubMed is out of reach, or a source is no PubMed XML.
    """
    engine = connect(settings.database_url)
    require_schema(engine)
    work = Work(settings, engine, run_id=0, watch=watch)
    would = _look_into_files(work, plan) if plan.sources else _look_into_pubmed(work, plan)
    engine.dispose()
    found = would.total() - would["off_topic"]
    return Foretold(found=found, **{name: would[name] for name in Foretold.model_fields if name != "found"})


def _look_into_files(work: Work, plan: Plan) -> Counter[str]:
    would = look_into_sources(work, plan.sources, plan.limit)
    for state in ("revised", "unchanged", "deleted"):
        would["held"] += would.pop(state, 0)
    return would


def _look_into_pubmed(work: Work, plan: Plan) -> Counter[str]:
    pmids = look_into_pubmed(work, plan.since)
    wanted = pmids if plan.limit is None else pmids[: plan.limit]
    with session_scope(work.engine, writes=False) as session:
        held = sum(is_held(session, pmid) for pmid in wanted)
    return Counter(held=held, new=len(wanted) - held, deferred=len(pmids) - len(wanted))
