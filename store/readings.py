"""Readings as they are kept: what a pipeline version read in a version of an article, whole and for good.

One reading of an article stands: the one that its study and its findings follow. The others wait, so that going
back to an earlier pipeline version reads no abstract again.
"""

import json
import zlib

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from nlp.finding import Reading
from store.articles import current_version
from store.database import now
from store.tables import ArticleVersion, ReadingRow, StudyRow


def keep_row(
    session: Session, run_id: int, version: ArticleVersion, reading: Reading
) -> tuple[int, Reading] | None:
    """Keep a reading, and give its id and what it says; None where it is kept and stands already.

    The first reading of a version by a pipeline version counts, unless a component had failed in it.
    """
    source = reading.provenance
    body = zlib.compress(reading.model_dump_json(exclude={"text"}).encode())
    row = _row(session, version, source.pipeline, source.version)
    if row is None:
        row = ReadingRow(
            pmid=version.pmid,
            version_id=version.id or 0,
            pipeline=source.pipeline,
            pipeline_version=source.version,
            document_hash=source.document_hash,
            run_id=run_id,
            read_at=now(),
            body=body,
        )
        session.add(row)
        session.flush()
        return row.id or 0, reading
    known = _whole(row, version)
    if _stands(session, row) and (known or row.body == body):
        return None
    if known is None:
        row.body, row.run_id, row.read_at = body, run_id, now()
        session.flush()
    return row.id or 0, known or reading


def held_reading(session: Session, pmid: str, pipeline: str, pipeline_version: str) -> Reading | None:
    """Give what a pipeline version read in the current version of an article; None where a component had failed.

    Raises:
        StoreError: the article is not held.
    """
    version = current_version(session, pmid)
    row = _row(session, version, pipeline, pipeline_version)
    return _whole(row, version) if row else None


def readers(session: Session) -> list[tuple[str, str]]:
    """List the pipelines and versions whose readings are kept, the last to read first."""
    last = {
        (row[0], row[1]): row[2]
        for row in session.execute(
            select(ReadingRow.pipeline, ReadingRow.pipeline_version, func.max(ReadingRow.id)).group_by(
                col(ReadingRow.pipeline), col(ReadingRow.pipeline_version)
            )
        )
    }
    return sorted(last, key=lambda reader: -last[reader])


def _row(
    session: Session, version: ArticleVersion, pipeline: str, pipeline_version: str
) -> ReadingRow | None:
    by = {"version_id": version.id, "pipeline": pipeline, "pipeline_version": pipeline_version}
    return session.scalars(_BY, by).first()


_BY = select(ReadingRow).where(
    *(getattr(ReadingRow, name) == bindparam(name) for name in ("version_id", "pipeline", "pipeline_version"))
)


def _stands(session: Session, row: ReadingRow) -> bool:
    study = session.get(StudyRow, row.pmid)
    return study is not None and study.reading_id == row.id


def _whole(row: ReadingRow, version: ArticleVersion) -> Reading | None:
    """Unpack a reading; None where a component failed in it, so that a better one may take its place."""
    if row.body is None:
        return None
    said = json.loads(zlib.decompress(row.body))
    if any(flag["code"] == "component_failed" for flag in said["flags"]):
        return None
    return Reading.model_validate({**said, "text": version.text})
