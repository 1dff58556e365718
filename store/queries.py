"""The read side: the questions that pages, API, command line and exports ask, all by one filter."""

from collections import namedtuple
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, case, func, or_
from sqlmodel import Session, SQLModel, col, select

from nlp.errors import StoreError
from store.curation.lane import thresholds
from store.database import rows
from store.filters import EVERYTHING, ONE_OF, SHOWN, FindingQuery, clauses, narrowed_by, shows_usual
from store.paging import COUNTED, following, page
from store.passages import Passage, passages
from store.review import history
from store.tables import (
    ArticleRow,
    ArticleVersion,
    Decision,
    FindingDose,
    FindingFlag,
    FindingRow,
    Status,
    StudyCondition,
    StudyRow,
)


class Item(NamedTuple):
    """A finding with what a line about it needs: rows to be read alone, as plain tuples with the names of their columns."""

    finding: FindingRow
    article: ArticleRow
    study: StudyRow | None
    flags: Sequence[FindingFlag]


class Page(NamedTuple):
    """Some of the findings that fit, how many fit in all, and the cursor of the next page or None.

    `more`: there are more than `total`, which is as far as was counted.
    """

    items: list[Item]
    total: int
    next: str | None
    more: bool = False


class Detail(NamedTuple):
    """A finding with all that is known of it; `siblings` are all findings of its article, itself too.

    `acts` is its whole history, `decisions` what of it may be shown: who decides second is not to know the first.
    """

    item: Item
    version: ArticleVersion
    siblings: list[Item]
    doses: list[FindingRow]
    conditions: list[StudyCondition]
    acts: list[Decision]

    @property
    def decisions(self) -> list[Decision]:
        """Give the acts of review, but for an opinion of two that waits for the other."""
        waits = self.item.finding.status == Status.PENDING
        return [act for act in self.acts if not (waits and act.blind)]


def find(session: Session, query: FindingQuery, *, limit: int = 50, cursor: str | None = None) -> Page:
    """Give a page of the findings that fit, in an order that writes do not upset: see `store.paging`.

    Raises:
        StoreError: the cursor is none that an earlier page of this order gave.
    """
    ids, total, onward = page(session, query, thresholds(session), limit, cursor)
    return Page(_in_order(session, ids), min(total, COUNTED), onward, total > COUNTED)


def highlights(session: Session, query: FindingQuery, found: Sequence[Item]) -> dict[str, Passage]:
    """Give for each finding of a search the passage of its article that holds the words; of no search, nothing."""
    if not query.text:
        return {}
    held = passages(session, query.text, sorted({item.finding.version_id for item in found}))
    of = {item.finding.id: item.finding.version_id for item in found}
    return {key: held[version] for key, version in of.items() if version in held}


def every(session: Session, query: FindingQuery, *, batch: int = 500) -> Iterator[Item]:
    """Give every finding that fits, in the order of a list, some at a time."""
    where = clauses(query, thresholds(session))
    cursor: str | None = None
    while True:
        ids, cursor = following(session, where, batch, cursor)
        yield from _in_order(session, ids)
        if cursor is None:
            return


def _in_order(session: Session, ids: Sequence[str]) -> list[Item]:
    held = {item.finding.id: item for item in items(session, ids)}
    return [held[key] for key in ids if key in held]


def count(session: Session, query: FindingQuery, *, most: int | None = None) -> int:
    """Count the findings that fit, up to `most`."""
    fitting = select(col(FindingRow.id)).where(*clauses(query, thresholds(session))).limit(most)
    return session.execute(select(func.count()).select_from(fitting.subquery())).scalar_one()


def articles(session: Session, query: FindingQuery) -> list[str]:
    """Give the PMIDs of the findings that fit, each once."""
    fitting = clauses(query, thresholds(session))
    return list(session.scalars(select(col(FindingRow.pmid)).where(*fitting).distinct()))


def trials(session: Session, query: FindingQuery) -> int:
    """Count the studies behind the findings that fit: papers of one trial or one work are one, any other paper is one."""
    held = select(func.count(col(FindingRow.study).distinct()))
    return session.execute(held.where(*clauses(query, thresholds(session)))).scalar_one()


def facets(session: Session, query: FindingQuery) -> dict[str, list[tuple[str, int]]]:
    """Count what each value of a filter would give beside the other filters: {field: [(value, n)]}."""
    counted, accept_at = {}, thresholds(session)
    for field, column in _FACETS.items():
        others = query.model_copy(update={field: ()})
        counting = (
            select(column, func.count())
            .select_from(FindingRow)
            .where(*clauses(others, accept_at), column.is_not(None))
        )
        if field == "status" and shows_usual(query) and not narrowed_by(query):  # else SQLite opens every row
            counting = counting.with_hint(FindingRow, "INDEXED BY ix_findings_by_setting", "sqlite")
        counted[field] = _most(session.execute(counting.group_by(column)).all())
    return counted


def _most(rows: Sequence[Any]) -> list[tuple[str, int]]:
    """Give the two hundred most frequent values, spellings that differ in case as one."""
    spellings: dict[str, tuple[str, int]] = {}
    for value, n in sorted(rows, key=lambda row: (-row[1], str(row[0]))):
        first, before = spellings.get(str(value).casefold(), (str(value), 0))
        spellings[str(value).casefold()] = (first, before + n)
    return sorted(spellings.values(), key=lambda pair: (-pair[1], pair[0]))[:200]


def totals(session: Session) -> dict[str, int]:
    """Count articles, living findings by type, those decided, and those that wait for a person."""
    living = select(FindingRow.type, func.count(col(FindingRow.id))).where(col(FindingRow.status).in_(SHOWN))
    by_people = (Status.ACCEPTED, Status.CORRECTED, Status.REJECTED)
    decided = FindingQuery(**{**EVERYTHING, "status": by_people})
    waiting = select(func.count(col(FindingRow.id))).where(*WAITING)
    return {
        "articles": session.exec(select(func.count(col(ArticleRow.pmid)))).one(),
        **dict.fromkeys(("dose", "outcome", "adverse_event"), 0),
        **dict(session.exec(living.group_by(col(FindingRow.type))).all()),
        "decided": count(session, decided),
        "waiting": session.exec(waiting).one(),
        "flagged": session.exec(waiting.where(col(FindingRow.flagged))).one(),
    }


def detail(session: Session, finding_id: str, *, whole: bool = False) -> Detail | None:
    """Give a finding with its article, text, siblings, doses and history, or None; with `whole` every act with its values."""
    siblings = _read(session, _BESIDE, id=finding_id)
    item = next((item for item in siblings if item.finding.id == finding_id), None)
    if item is None:
        return None
    version = session.scalars(_TEXT, {"id": item.finding.version_id}).first()
    if version is None:
        raise StoreError(f"The text of finding {finding_id} is gone: restore a backup.")
    return Detail(
        item=item,
        version=version,
        siblings=siblings,
        doses=[] if item.finding.type == "dose" else list(session.scalars(_DOSES, {"id": finding_id})),
        conditions=conditions(session, item.finding.pmid),
        acts=history(session, finding_id, whole=whole),
    )


def items(session: Session, ids: Sequence[str]) -> list[Item]:
    """Give findings by their ids, in no order."""
    return _read(session, _BY_ID, ids=list(ids))


def of_article(session: Session, pmid: str) -> list[Item]:
    """List every finding of an article, in the order of its text; superseded ones last."""
    return _read(session, _OF_ARTICLE, pmid=pmid)


def conditions(session: Session, pmid: str) -> list[StudyCondition]:
    """List what a study is about, in the order of its text."""
    return list(session.scalars(_CONDITIONS, {"pmid": pmid}))


def versions(session: Session, pmid: str) -> list[ArticleVersion]:
    """List the versions held of an article, the first first."""
    held = select(ArticleVersion).where(ArticleVersion.pmid == pmid).order_by(col(ArticleVersion.number))
    return list(session.exec(held))


def _read(session: Session, statement: Select[Any], **given: Any) -> list[Item]:
    """Give what a statement like _JOINED finds, as items."""
    held = rows(session, statement, **given).all()
    flags = _flags(session, [row.findings_id for row in held if row.findings_flagged])
    return [_item(row, flags.get(row.findings_id, [])) for row in held]


def _item(row: Sequence[Any], flags: Sequence[FindingFlag]) -> Item:
    article, study = len(_COLUMNS[0]), len(_COLUMNS[0]) + len(_COLUMNS[1])
    a_finding, an_article, a_study = _KINDS
    known = a_study._make(row[study:]) if row[study] is not None else None
    return Item(a_finding._make(row[:article]), an_article._make(row[article:study]), known, flags)


def _flags(session: Session, ids: Sequence[str]) -> dict[str, list[Any]]:
    """Give the flags of findings, in the order of their codes."""
    flags: dict[str, list[Any]] = {}
    if ids:
        for flag in rows(session, _FLAGS, ids=ids):
            flags.setdefault(flag.finding_id, []).append(flag)
    return flags


_TABLES = [SQLModel.metadata.tables[name] for name in ("findings", "articles", "studies")]
_COLUMNS = [list(table.c) for table in _TABLES]
# a mapped object of each row would cost more than all the rest of a page
_KINDS: list[Any] = [namedtuple(f"_{table.name}", table.c.keys()) for table in _TABLES]

_JOINED: Select[Any] = (
    Select(*(column.label(f"{column.table.name}_{column.name}") for some in _COLUMNS for column in some))
    .select_from(_TABLES[0])
    .join(_TABLES[1], _TABLES[1].c.pmid == _TABLES[0].c.pmid)
    .outerjoin(_TABLES[2], _TABLES[2].c.pmid == _TABLES[0].c.pmid)
)
_IN_TEXT = (
    case((col(FindingRow.status) == Status.SUPERSEDED, 1), else_=0),
    col(FindingRow.start),
    col(FindingRow.id),
)
_BY_ID = _JOINED.where(_TABLES[0].c.id.in_(bindparam("ids", expanding=True)))
_OF_ARTICLE = _JOINED.where(col(FindingRow.pmid) == bindparam("pmid")).order_by(*_IN_TEXT)
_BESIDE = _JOINED.where(
    col(FindingRow.pmid)
    == select(FindingRow.pmid).where(col(FindingRow.id) == bindparam("id")).scalar_subquery()
).order_by(*_IN_TEXT)

_FLAG = SQLModel.metadata.tables["finding_flags"].c
_FLAGS: Select[Any] = (
    Select(*_FLAG)
    .where(_FLAG.finding_id.in_(bindparam("ids", expanding=True)))
    .order_by(_FLAG.code, _FLAG.origin)
)
_TEXT = select(ArticleVersion).where(col(ArticleVersion.id) == bindparam("id"))
_CONDITIONS = (
    select(StudyCondition)
    .where(col(StudyCondition.pmid) == bindparam("pmid"))
    .order_by(col(StudyCondition.start))
)
_DOSES = (
    select(FindingRow)
    .join(FindingDose, col(FindingDose.dose_id) == FindingRow.id)
    .where(col(FindingDose.finding_id) == bindparam("id"))
    .order_by(col(FindingRow.start))
)
"""The statements of every page of a finding, made once: SQLAlchemy takes longer to make one than SQLite to answer it."""


WAITING = (
    col(FindingRow.status) != Status.SUPERSEDED,
    or_(col(FindingRow.status).in_([Status.PENDING, Status.NEEDS_ADJUDICATION]), col(FindingRow.attention)),
)
"""What a person should look at: undecided, or decided and reopened."""


_FACETS: dict[str, Any] = {
    **{field: column for field, column in ONE_OF.items() if field not in ("pmid", "blinding")},
    "domain": col(FindingRow.domain),
    "comparator": col(FindingRow.comparator),
    "adverse_event": func.coalesce(
        col(FindingRow.concept_name),
        case((col(FindingRow.type) == "adverse_event", col(FindingRow.anchor)), else_=None),
    ),
    "instrument": col(FindingRow.instrument_name),
}
