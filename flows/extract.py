"""Articles whose findings are not this pipeline version's → its findings in the store, a batch to a transaction."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache, partial
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from sqlmodel import Session

from flows.work import Part, Work, in_batches
from nlp.article import Document
from nlp.errors import KetmineError
from nlp.finding import Reading
from store.articles import document, has_abstract, is_held
from store.database import session_scope
from store.findings import keep_reading
from store.order import count_unread, unread_articles
from store.readings import held_reading
from store.runs import account, count, failed_readings, name_reader, read_in_run
from store.tables import Extraction

if TYPE_CHECKING:
    from spacy.language import Language

BATCH = 100
"""Articles that a process reads before they are committed: what a crash can cost at most."""


def extract_stored(work: Work, limit: int | None = None) -> None:
    """Read the stored articles whose findings are not this pipeline version's, and those that it failed on.

    What was never read comes first, then what people look at most, then the newest. What this version read before is
    brought back and not read again. Beyond `limit` they wait.
    """
    name, version = pipeline_of(work)
    with work.writing() as session:
        name_reader(session, work.run_id, name, version)
        again = [pmid for pmid in failed_readings(session) if is_held(session, pmid)]
        number = count_unread(session, name, version)
    failed = frozenset(again)

    def sessions() -> AbstractContextManager[Session]:
        return session_scope(work.engine, writes=False)

    fresh = (pmid for pmid in unread_articles(sessions, name, version) if pmid not in failed)
    size = BATCH * work.settings.jobs
    batches = in_batches(islice(chain(fresh, again), limit), size)
    number = number + len(again) if limit is None else min(limit, number + len(again))
    done = work.spread("read abstracts", extract_batch, work, batches)
    try:
        for _ in work.watch(done, "Reading abstracts", -(-number // size)):
            pass
    except BaseException:
        if work.settings.jobs > 1:
            from nlp.processes import end_readers

            end_readers()  # nobody takes what they were asked for
        raise


class Begun(NamedTuple):
    """A batch that is being read: its PMIDs, the readings that the store held, and those that are waited for, of whom."""

    pmids: list[str]
    held: dict[str, Reading]
    unread: list[str]
    readings: Callable[[], Iterable[Reading]]


def begin(work: Work, pmids: Sequence[str]) -> Begun:
    """Have articles read, where several processes read: by them, while what was begun before is kept.

    What this run has read before is passed over: a cluster gives a batch to a second worker where the first one dies.
    """
    reader = pipeline_of(work)
    with session_scope(work.engine, writes=False) as session:
        done = read_in_run(session, work.run_id, pmids)
        pmids = [pmid for pmid in pmids if pmid not in done]
        held = {pmid: reading for pmid in pmids if (reading := held_reading(session, pmid, *reader))}
        documents = {pmid: document(session, pmid) for pmid in pmids if pmid not in held}
    return Begun(pmids, held, list(documents), _read(work, list(documents.values())))


def keep(work: Work, begun: Begun) -> None:
    """Keep the findings of articles; one whose findings cannot be kept is accounted for as failed."""
    pmids, held, unread, waited_for = begun
    readings = held | dict(zip(unread, waited_for(), strict=True))
    with work.writing() as session:
        if held:
            count(session, work.run_id, brought_back=len(held))
        for pmid in pmids:
            reading = readings[pmid]
            state, reason = Extraction.EXTRACTED, None
            try:
                with session.begin_nested():
                    keep_reading(session, work.run_id, pmid, reading)
                    if not has_abstract(session, pmid):
                        state = Extraction.WITHOUT_ABSTRACT
                broken = [flag.reason for flag in reading.flags if flag.code == "component_failed"]
                if broken:  # what the other components read is kept
                    state, reason = Extraction.FAILED, "; ".join(broken)
                    work.trouble(f"PMID {pmid}: {reason}", pmid=pmid)
            except (KetmineError, ValueError) as error:
                state, reason = Extraction.FAILED, str(error)
                work.trouble(f"PMID {pmid}: its findings could not be kept: {error}", pmid=pmid)
            account(session, work.run_id, pmid, extraction=state, reason=reason)


extract_batch = Part(begin, keep)
"""Read articles and keep their findings."""


def pipeline_of(work: Work) -> tuple[str, str]:
    """Give the name and version of the pipeline that a run reads with."""
    from nlp.pipeline import pipeline_identity

    return pipeline_identity(pipeline(work.settings.pipeline))


@lru_cache(maxsize=1)
def pipeline(name: str) -> "Language":
    """Load a pipeline, once a process."""
    from nlp.pipeline import load_pipeline

    return load_pipeline(name)


def _read(work: Work, documents: Sequence[Document]) -> Callable[[], Iterable[Reading]]:
    """Give what waits for the readings of documents: of the processes that read, or of this one, which then begins."""
    from nlp.pipeline import read

    nlp, jobs = pipeline(work.settings.pipeline), work.settings.jobs
    if jobs > 1:
        from nlp.processes import are_there, ask

        source = nlp.meta["source"]
        if are_there(source, jobs) or len(documents) > BATCH:
            return ask(source, documents, jobs)
    return partial(read, nlp, documents)
