"""The tables of the desk: who has what at hand, who passed over what, what is typed, which abstracts are done, the lane."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Text
from sqlmodel import Field, SQLModel

from store.tables import UtcDateTime


class Lease(SQLModel, table=True):
    """A finding in a curator's batch, theirs until the lease runs out."""

    __tablename__ = "leases"

    finding_id: str = Field(foreign_key="findings.id", primary_key=True)
    curator: str = Field(primary_key=True, index=True)
    place: int
    until: datetime = Field(sa_type=UtcDateTime)


class Skip(SQLModel, table=True):
    """A finding that a curator passed over, and why: it is not offered to them again."""

    __tablename__ = "skips"

    finding_id: str = Field(foreign_key="findings.id", primary_key=True)
    curator: str = Field(primary_key=True)
    reason: str
    skipped_at: datetime = Field(sa_type=UtcDateTime)


class SavedQueue(SQLModel, table=True):
    """A filter of the queue under a name that a curator gave it; `filters` are the pairs of an address."""

    __tablename__ = "saved_queues"

    curator: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    filters: list[list[str]] = Field(sa_column=Column(JSON, nullable=False))


class WholeAbstract(SQLModel, table=True):
    """A curator's word that an abstract, in this version, says nothing beside the findings that stand."""

    __tablename__ = "whole_abstracts"

    version_id: int = Field(foreign_key="article_versions.id", primary_key=True)
    curator: str = Field(primary_key=True)
    pmid: str = Field(foreign_key="articles.pmid", index=True)
    note: str | None = Field(default=None, sa_type=Text)
    said_at: datetime = Field(sa_type=UtcDateTime)


class StudyDecision(SQLModel, table=True):
    """One act of review on the profile of a study; rows are added and never changed.

    `machine` is what the machine read then, `value` what holds since; both have the fields of `store.curation.studies`.
    """

    __tablename__ = "study_decisions"

    id: int | None = Field(default=None, primary_key=True)
    pmid: str = Field(foreign_key="articles.pmid", index=True)
    curator: str
    action: str
    note: str | None = Field(default=None, sa_type=Text)
    machine: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    value: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    version_id: int
    revision: int
    undoes: int | None = None
    decided_at: datetime = Field(sa_type=UtcDateTime)


class Draft(SQLModel, table=True):
    """What a curator had typed into a form and not yet sent; `key` names the form and what it was drawn from."""

    __tablename__ = "drafts"

    curator: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fields: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    saved_at: datetime = Field(sa_type=UtcDateTime, index=True)


class LaneThreshold(SQLModel, table=True):
    """From which confidence a finding of a type needs no person; None: every one does.

    `wanted` is the precision asked for; `precision`, `low` and `high` are what was estimated over `decided`
    decisions when the threshold was fitted.
    """

    __tablename__ = "lane_thresholds"

    type: str = Field(primary_key=True)
    threshold: float | None = None
    wanted: float
    precision: float | None = None
    low: float | None = None
    high: float | None = None
    decided: int
    fitted_at: datetime = Field(sa_type=UtcDateTime)


class LaneAudit(SQLModel, table=True):
    """A finding of the accept lane that was drawn at random for a person, who is not told.

    `queued_as` is the confidence, drawn at random too, by which it takes its place in the queue.
    """

    __tablename__ = "lane_audits"

    finding_id: str = Field(foreign_key="findings.id", primary_key=True)
    drawn_at: datetime = Field(sa_type=UtcDateTime)
    queued_as: float = 0.5
