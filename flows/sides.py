"""The two sides of a comparison: a pipeline that reads, or a version whose readings the store keeps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlmodel import Session

from flows.work import Watch, in_batches
from nlp.article import Document
from nlp.errors import PipelineError
from nlp.finding import Reading
from store.articles import document
from store.database import session_scope
from store.order import articles_in_order, count_in_order
from store.readings import held_reading, readers

if TYPE_CHECKING:
    from spacy.language import Language

BATCH = 200
"""Texts that a process reads before the next are taken."""

Both = tuple[Reading, Reading] | None
"""Two readings of a text; None where a version that only the store knows has not read it."""


@dataclass(frozen=True)
class Side:
    """A reader: the name and version of a pipeline, and the pipeline where it can still read."""

    pipeline: str
    version: str
    nlp: "Language | None" = None

    def __str__(self) -> str:
        """Write it as the command line takes it: `rules@0.1.0+1a2b`."""
        return f"{self.pipeline}@{self.version}"


def side(name: str, kept: Sequence[tuple[str, str]] = ()) -> Side:
    """Find a reader by a pipeline's name, the path of its config, or VERSION or NAME@VERSION of readings in the store.

    Raises:
        PipelineError: there is no such reader, or there are several.
    """
    from nlp.pipeline import load_pipeline, pipeline_identity

    found = [reader for reader in kept if name in (reader[1], "@".join(reader))]
    if len(found) == 1:
        return Side(*found[0])
    try:
        nlp = load_pipeline(name)
    except PipelineError as error:
        if name.endswith(".cfg") or not kept:
            raise
        stored = ", ".join("@".join(reader) for reader in kept)
        raise PipelineError(f"{error}; or one of the versions in the store: {stored}") from None
    return Side(*pipeline_identity(nlp), nlp)


def kept_versions(engine: Engine) -> list[tuple[str, str]]:
    """List the pipelines and versions whose readings the store keeps, the last to read first."""
    with session_scope(engine, writes=False) as session:
        return readers(session)


def of_documents(old: Side, new: Side, documents: Iterable[Document], jobs: int) -> Iterator[Both]:
    """Read documents with two pipelines, in their order."""
    for batch in in_batches(documents, BATCH * jobs):
        yield from zip(_read(old, batch, jobs), _read(new, batch, jobs), strict=True)


def of_store(
    engine: Engine,
    old: Side,
    new: Side,
    *,
    limit: int | None,
    jobs: int,
    watch: Watch,
) -> Iterator[Both]:
    """Read the articles of a store, what people look at most first and then the newest.

    Each side's readings are taken from the store where it keeps them. Nothing is written.
    `limit` counts the articles that both have read.
    """

    def sessions() -> AbstractContextManager[Session]:
        return session_scope(engine, writes=False)

    with sessions() as session:
        number = count_in_order(session)
    left = number if limit is None else limit
    size = BATCH * jobs if limit is None else max(1, min(BATCH * jobs, limit))
    batches = in_batches(articles_in_order(sessions), size)
    for batch in watch(batches, "Comparing", -(-number // size)):
        if not left:
            return
        with sessions() as session:
            documents = {pmid: document(session, pmid) for pmid in batch}
            held = [_held(session, reader, batch) for reader in (old, new)]
        readable = [
            pmid
            for pmid in batch
            if all(reader.nlp or pmid in kept for reader, kept in zip((old, new), held, strict=True))
        ]
        taken = readable[:left]
        left -= len(taken)
        sides = [
            _readings(reader, kept, {pmid: documents[pmid] for pmid in taken}, jobs)
            for reader, kept in zip((old, new), held, strict=True)
        ]
        yield from ((sides[0][pmid], sides[1][pmid]) for pmid in taken)
        yield from (None for _ in range(len(batch) - len(readable)))


def _held(session: Session, reader: Side, pmids: Sequence[str]) -> dict[str, Reading]:
    held = ((pmid, held_reading(session, pmid, reader.pipeline, reader.version)) for pmid in pmids)
    return {pmid: reading for pmid, reading in held if reading}


def _readings(
    reader: Side, held: Mapping[str, Reading], documents: Mapping[str, Document], jobs: int
) -> dict[str, Reading]:
    unread = [pmid for pmid in documents if pmid not in held]
    read = _read(reader, [documents[pmid] for pmid in unread], jobs)
    return {pmid: held[pmid] for pmid in documents if pmid in held} | dict(zip(unread, read, strict=True))


def _read(reader: Side, documents: Sequence[Document], jobs: int) -> list[Reading]:
    from nlp.pipeline import read

    if not documents:
        return []
    if reader.nlp is None:
        raise PipelineError(f"{reader} is only kept in the store and cannot read: name a pipeline")
    return list(read(reader.nlp, documents, jobs=jobs if len(documents) > BATCH else 1))
