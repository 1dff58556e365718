"""Articles that this pipeline version has not read → findings in the store, a batch to a transaction."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from flows.work import Work, in_batches
from nlp.article import Document
from nlp.errors import KetmineError
from nlp.finding import Reading
from store.articles import document, has_abstract, is_held, unread_articles
from store.database import session_scope
from store.findings import keep_reading
from store.runs import account, failed_readings, name_reader
from store.tables import Extraction

if TYPE_CHECKING:
    from spacy.language import Language

BATCH = 100
"""Articles that a process reads before they are committed: what a crash can cost at most."""


def extract_stored(work: Work, limit: int | None = None) -> None:
    """Read the stored articles that this pipeline version has not read, the newest first, and those that it failed on.

    Beyond `limit` they wait.
    """
    from nlp.pipeline import pipeline_identity

    name, version = pipeline_identity(pipeline(work.settings.pipeline))
    with session_scope(work.engine) as session:
        name_reader(session, work.run_id, name, version)
        unread = unread_articles(session, name, version, limit)
        wanted = list(dict.fromkeys([*unread, *(p for p in failed_readings(session) if is_held(session, p))]))
    batches = list(in_batches(wanted[:limit], BATCH * work.settings.jobs))
    for batch in work.watch(batches, "Reading abstracts"):
        work.step("read abstracts", extract_batch, work, batch)


def extract_batch(work: Work, pmids: Sequence[str]) -> None:
    """Read articles and keep their findings; one whose findings cannot be kept is accounted for as failed."""
    with session_scope(work.engine, writes=False) as session:
        documents = [document(session, pmid) for pmid in pmids]
    readings = _read(work, documents)
    with session_scope(work.engine) as session:
        for pmid, reading in zip(pmids, readings, strict=True):
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


@lru_cache(maxsize=1)
def pipeline(name: str) -> "Language":
    """Load a pipeline, once a process."""
    from nlp.pipeline import load_pipeline

    return load_pipeline(name)


def _read(work: Work, documents: Sequence[Document]) -> list[Reading]:
    from nlp.pipeline import read

    jobs = work.settings.jobs if len(documents) > BATCH else 1  # processes take seconds to start
    return list(read(pipeline(work.settings.pipeline), documents, jobs=jobs))
