"""The whole schema. Rows are built from validated records: `table=True` models check nothing themselves."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Computed,
    DateTime,
    Dialect,
    Index,
    LargeBinary,
    Text,
    TypeDecorator,
    false,
    text,
)
from sqlmodel import Field, SQLModel

from store.indexes import ABOUT, IN_ORDER, NAMED, RETRACTED, of_lists, only
from store.status import Status


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time, also on SQLite, which keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time: it would be read back as another moment."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time back with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class RunStatus(StrEnum):
    """How a run stands; `incomplete` finished without doing all its work, `failed` did not finish."""

    RUNNING = "running"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


class Fetch(StrEnum):
    """What became of a record that a run found; every found record has exactly one of these."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    UNPARSABLE = "unparsable"
    MISSING = "missing"
    DELETED = "deleted"
    DEFERRED = "deferred"


class Extraction(StrEnum):
    """What became of a new or revised article; each has exactly one of these."""

    EXTRACTED = "extracted"
    WITHOUT_ABSTRACT = "without_abstract"
    FAILED = "failed"
    DEFERRED = "deferred"


class Run(SQLModel, table=True):
    """One run of a command that writes, and how it ended."""

    __tablename__ = "runs"

    id: int | None = Field(default=None, primary_key=True)
    command: str
    parameters: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    pipeline: str | None = None
    version: str | None = None
    counts: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    status: str = RunStatus.RUNNING
    reason: str | None = None
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RunRecord(SQLModel, table=True):
    """The ledger: one line a run and record. `key` is the PMID, or `raw:<hash>` of a record without one."""

    __tablename__ = "run_records"

    run_id: int = Field(foreign_key="runs.id", primary_key=True)
    key: str = Field(primary_key=True)
    fetch: str | None = Field(default=None, index=True)
    extraction: str | None = Field(default=None, index=True)
    reason: str | None = Field(default=None, sa_type=Text)
    source: str | None = None
    raw_hash: str | None = None


class Bookmark(SQLModel, table=True):
    """How far a query's window of creation (crdt) or modification (mdat) dates is done and committed."""

    __tablename__ = "bookmarks"

    name: str = Field(primary_key=True)
    until: date
    run_id: int = Field(foreign_key="runs.id")


class SourceFile(SQLModel, table=True):
    """A bulk file that was read to its end, so that a resumed run passes over it."""

    __tablename__ = "source_files"

    hash: str = Field(primary_key=True)
    name: str
    run_id: int = Field(foreign_key="runs.id")
    records: int


class RawRecord(SQLModel, table=True):
    """A record as it was received, compressed with zlib, under the SHA-256 of its bytes."""

    __tablename__ = "raw_records"

    hash: str = Field(primary_key=True)
    pmid: str | None = Field(default=None, index=True)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    run_id: int = Field(foreign_key="runs.id")
    received_at: datetime = Field(sa_type=UtcDateTime)


class ArticleRow(SQLModel, table=True):
    """A PMID: what its current version says, and what became of it.

    `study` names the study it reports; papers of one work or trial bear one name: see `store.companions`.
    `title_key` is what titles are compared by.
    """

    __tablename__ = "articles"
    __table_args__ = (Index("ix_articles_newest", text("coalesce(year, 0)"), "version_id"),)

    pmid: str = Field(primary_key=True)
    version_id: int = Field(index=True)
    title: str = Field(sa_type=Text)
    title_key: str | None = Field(default=None, index=True)
    journal: str | None = None
    year: int | None = Field(default=None, index=True)
    doi: str | None = Field(default=None, index=True)
    registry_number: str | None = Field(default=None, index=True)
    study: str | None = Field(default=None, index=True)
    retracted: bool = Field(default=False, index=True)
    deleted: bool = Field(default=False, index=True)
    notices: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class Asked(SQLModel, table=True):
    """How often answers have shown an article, and on which day last; never to whom, nor what for."""

    __tablename__ = "asked"

    pmid: str = Field(primary_key=True, foreign_key="articles.pmid")
    times: int
    last_on: date


class ArticleVersion(SQLModel, table=True):
    """One state of an article; a revision adds one and erases none. `number` counts from 1."""

    __tablename__ = "article_versions"

    id: int | None = Field(default=None, primary_key=True)
    pmid: str = Field(foreign_key="articles.pmid", index=True)
    number: int
    content_hash: str
    document_hash: str
    text: str = Field(sa_type=Text)
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    raw_hash: str = Field(foreign_key="raw_records.hash")
    run_id: int = Field(foreign_key="runs.id")
    received_at: datetime = Field(sa_type=UtcDateTime)


class Notice(SQLModel, table=True):
    """What one record says of another PMID (it was retracted, corrected …), held or not."""

    __tablename__ = "notices"

    pmid: str = Field(primary_key=True)
    ref_type: str = Field(primary_key=True)
    notice_pmid: str = Field(primary_key=True)


class Companion(SQLModel, table=True):
    """Two PMIDs of one work or one trial, and why we think so; `pmid` is the smaller."""

    __tablename__ = "companions"

    pmid: str = Field(primary_key=True)
    other_pmid: str = Field(primary_key=True, index=True)
    kind: str = Field(primary_key=True)
    evidence: str = Field(sa_type=Text)


class ReadingRow(SQLModel, table=True):
    """What one pipeline version read in one version of an article, whole and compressed.

    It is never changed, but that a reading in which a component failed gives way to a better one.
    """

    __tablename__ = "readings"
    __table_args__ = (Index("ix_readings_once", "version_id", "pipeline", "pipeline_version", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    pmid: str = Field(foreign_key="articles.pmid", index=True)
    version_id: int = Field(foreign_key="article_versions.id")
    pipeline: str
    pipeline_version: str
    document_hash: str
    run_id: int = Field(foreign_key="runs.id")
    read_at: datetime = Field(sa_type=UtcDateTime)
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class StudyRow(SQLModel, table=True):
    """The study profile of an article, by the reading that stands: the one that its findings follow.

    Where a person decided on it, the columns hold what they decided, and `machine` what the reading says.
    """

    __tablename__ = "studies"

    pmid: str = Field(foreign_key="articles.pmid", primary_key=True)
    species: str = Field(index=True)
    design: str = Field(index=True)
    blinding: str | None = None
    sample_size: int | None = Field(default=None, index=True)
    setting: str = Field(index=True)
    reading_id: int = Field(foreign_key="readings.id")
    machine: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    revision: int = Field(default=1, sa_column_kwargs={"server_default": "1"})


class StudyCondition(SQLModel, table=True):
    """A disorder or setting that a study is about."""

    __tablename__ = "study_conditions"

    pmid: str = Field(foreign_key="articles.pmid", primary_key=True)
    start: int = Field(primary_key=True)
    end: int
    text: str
    curie: str | None = Field(default=None, index=True)
    name: str | None = Field(default=None, index=True)


class FindingRow(SQLModel, table=True):
    """A finding: one claim for good, whatever text, pipeline or person spoke of it last.

    `record` is the machine's latest value in the exchange format; `decided` what a curator corrected it to.
    The typed columns hold the value that counts, the curator's where there is one. `place`, `in_scope` and what
    follows them repeat what its article and study say, so that a list or a question reads one index and joins
    nothing: see `store.articles.settle`.
    """

    __tablename__ = "findings"
    __table_args__ = (
        Index("ix_findings_listing", "status", "type", "id"),
        Index("ix_findings_pmid", "pmid", "start"),
        Index("ix_findings_version", "version_id", *IN_ORDER, "type"),
        Index("ix_findings_retracted", "retracted", *IN_ORDER, "type", **only(RETRACTED)),
        *of_lists(),
    )

    id: str = Field(primary_key=True)
    pmid: str = Field(foreign_key="articles.pmid")
    version_id: int = Field(foreign_key="article_versions.id")
    reading_id: int = Field(foreign_key="readings.id")
    type: str
    status: str = Field(default=Status.PENDING)
    place: int = Field(default=0, sa_type=BigInteger)
    in_scope: bool = False
    study: str | None = None
    year: int | None = None
    retracted: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    species: str | None = None
    design: str | None = None
    setting: str | None = None
    sample_size: int | None = None
    blinding: str | None = None
    conditions: str | None = Field(default=None, sa_type=Text)
    attention: bool = False
    revision: int = Field(default=1)
    drug: str
    drug_curie: str | None = None
    drug_name: str | None = None
    anchor: str = Field(sa_type=Text)
    start: int
    end: int
    quote: str = Field(sa_type=Text)
    quote_start: int
    quote_end: int
    section: str | None = None
    own_result: bool = True
    confidence: float | None = None
    flagged: bool = False
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    mg_per_kg_low: float | None = None
    mg_per_kg_high: float | None = None
    mg_low: float | None = None
    mg_high: float | None = None
    route: str | None = None
    infusion: str | None = None
    infusion_minutes: float | None = None
    schedule: str | None = None
    concept_curie: str | None = None
    concept_name: str | None = None
    assertion: str | None = None
    comparison: str | None = None
    rate: str | None = None
    transient: bool | None = None
    serious: bool | None = None
    instrument_curie: str | None = None
    instrument_name: str | None = None
    domain: str | None = None
    condition_curie: str | None = None
    condition_name: str | None = None
    direction: str | None = None
    effect: str | None = None
    comparator: str | None = None
    timepoint: str | None = None
    timepoint_hours: float | None = None
    value: str | None = None
    comparator_value: str | None = None
    ci: str | None = None
    p_value: str | None = None
    p_operator: str | None = None
    p_number: float | None = None
    named: str | None = Field(default=None, sa_column=Column(Text, Computed(NAMED)))
    about: str | None = Field(default=None, sa_column=Column(Text, Computed(ABOUT)))
    unlinked: str | None = None
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    decided: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    run_id: int = Field(foreign_key="runs.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class FindingFlag(SQLModel, table=True):
    """Why a person should look at a finding; `origin` is `reader` or `store`, which clear only their own."""

    __tablename__ = "finding_flags"

    finding_id: str = Field(foreign_key="findings.id", primary_key=True)
    code: str = Field(primary_key=True, index=True)
    origin: str = Field(primary_key=True)
    reason: str = Field(sa_type=Text)


class FindingDose(SQLModel, table=True):
    """A result and a dose finding of its arm."""

    __tablename__ = "finding_doses"

    finding_id: str = Field(foreign_key="findings.id", primary_key=True)
    dose_id: str = Field(foreign_key="findings.id", primary_key=True, index=True)


class Decision(SQLModel, table=True):
    """One act of review; rows are added and never changed. Values are in the exchange format.

    A `blind` act is one of two opinions: it changes nothing until both are there.
    """

    __tablename__ = "decisions"

    id: int | None = Field(default=None, primary_key=True)
    finding_id: str = Field(foreign_key="findings.id", index=True)
    curator: str
    action: str
    from_status: str
    to_status: str
    reason: str | None = None
    note: str | None = Field(default=None, sa_type=Text)
    machine: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    value: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    version_id: int
    revision: int
    undoes: int | None = None
    blind: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    decided_at: datetime = Field(sa_type=UtcDateTime)
