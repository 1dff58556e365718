"""Add a finding that the reader missed, split one that is two, merge two that are one."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session

from nlp.errors import TransitionError
from nlp.finding import Finding, finding_id
from store.articles import current_version, settle
from store.columns import columns
from store.curation.double import NOBODY, Shares
from store.database import now
from store.findings import BY_HAND
from store.links import INTO, PART, doubt, follow, follow_choice
from store.people.rights import Person, Right, check_right
from store.review import ConflictError, act_on, change, decide
from store.sentences import sentence
from store.tables import ArticleVersion, FindingRow, ReadingRow, Status, StudyRow
from store.terms import in_shared_terms
from store.transitions import Action, Event

_FINDING: TypeAdapter[Finding] = TypeAdapter(Finding)

Span = tuple[int, int]


def words(text: str, start: int, end: int) -> Span:
    """Give the stretch without the blanks at its ends.

    Raises:
        TransitionError: it holds no words of the text.
    """
    if not 0 <= start < end <= len(text) or not text[start:end].strip():
        raise TransitionError("Select some words of the abstract first.")
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def placed(text: str, start: int, end: int) -> dict[str, Any]:
    """Give the fields of a value that point at these words and at the sentence that holds them."""
    first, last = words(text, start, end)
    begin, finish = sentence(text, first, last)
    return {
        "anchor": (first, last),
        "anchor_text": text[first:last],
        "evidence": (begin, finish),
        "evidence_text": text[begin:finish],
    }


def add(
    session: Session,
    pmid: str,
    type_: str,
    span: Span,
    fields: Mapping[str, Any],
    person: Person,
    *,
    version_id: int,
    note: str | None = None,
) -> FindingRow:
    """Add a finding on words of an article's current text: accepted, by this curator, and found again by nobody.

    `version_id` is the version that the curator read.

    Raises:
        ForbiddenError: the person may not review.
        ConflictError: the article was revised meanwhile.
        TransitionError: the words or the fields are none that a finding can have, or it is there already.
    """
    check_right(person, Right.REVIEW)
    version, reading = _read(session, pmid, version_id)
    value = _made(session, version, type_, span, fields)
    row = _claim(session, reading, value)
    act = act_on(row, person.name, Event.ADD, Status.ACCEPTED, value, note=note or None)
    change(session, row, act)
    follow_choice(session, row, (), undone=False)
    settle(session, pmid)
    return row


def _read(session: Session, pmid: str, version_id: int) -> tuple[ArticleVersion, ReadingRow]:
    """Give the text that the curator read and the reading of it that stands."""
    version = current_version(session, pmid)
    if version.id != version_id:
        raise ConflictError(f"PMID {pmid} was revised after you opened it: read it again.")
    study = session.get(StudyRow, pmid)
    reading = session.get(ReadingRow, study.reading_id) if study else None
    if reading is None or reading.version_id != version.id:
        raise TransitionError(f"PMID {pmid} was not read yet: run `ketmine extract-stored` first.")
    return version, reading


def _claim(session: Session, reading: ReadingRow, value: dict[str, Any]) -> FindingRow:
    """Make the row of a finding that is nobody's claim yet."""
    moment = now()
    fields: dict[str, Any] = {
        **columns(value),
        **{"id": value["id"], "pmid": reading.pmid, "version_id": reading.version_id},
        **{"reading_id": reading.id, "run_id": reading.run_id, "record": value},
        **{"status": Status.SUPERSEDED, "revision": 0, "created_at": moment, "updated_at": moment},
    }
    row = FindingRow(**fields)
    session.add(row)
    session.flush()
    return row


def _made(
    session: Session, version: ArticleVersion, type_: str, span: Span, fields: Mapping[str, Any]
) -> dict[str, Any]:
    place = placed(version.text, *span)
    drug, anchor = str(fields.get("drug", "")), place["anchor_text"]
    ordinal = 0
    while session.get(
        FindingRow, key := finding_id(version.document_hash, type_, drug, anchor, BY_HAND, None, ordinal)
    ):
        ordinal += 1
    source = {"document_hash": version.document_hash, "pipeline": BY_HAND, "version": "1"}
    try:
        made = _FINDING.validate_python({**fields, **place, "id": key, "type": type_, "provenance": source})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise TransitionError(f"{'.'.join(map(str, first['loc'][1:]))}: {first['msg']}.") from None
    return in_shared_terms(made, {*fields, *place}).model_dump(mode="json")


KEPT_APART = (
    "id",
    "provenance",
    "type",
    "confidence",
    "flags",
    "anchor",
    "anchor_text",
    "evidence",
    "evidence_text",
    "spans",
)
"""What the parts of a split finding do not inherit."""


def split(
    session: Session,
    key: str,
    person: Person,
    spans: Sequence[Span],
    *,
    seen: int,
    note: str | None = None,
    double: Shares = NOBODY,
) -> list[FindingRow]:
    """Make one finding into several, each on its own words and with the fields of the whole.

    The first words keep the finding; the others are added.

    Raises:
        ConflictError: the finding has another revision by now.
        TransitionError: there are not two stretches of words, or the finding cannot be split.
    """
    row = session.get(FindingRow, key)
    version = session.get(ArticleVersion, row.version_id) if row else None
    if row is None or version is None:
        raise TransitionError(f"There is no finding {key[:60]}.")
    if len(set(spans)) < 2:
        raise TransitionError("To split a finding, select the words of each part.")
    first, *rest = (words(version.text, *span) for span in spans)
    changes = placed(version.text, *first)
    decide(session, key, Action.SPLIT, person, seen=seen, note=note, changes=changes, double=double)
    fields = {name: entry for name, entry in (row.decided or {}).items() if name not in KEPT_APART}
    parts = [
        add(
            session,
            row.pmid,
            row.type,
            span,
            fields,
            person,
            version_id=row.version_id,
            note=PART.format(key),
        )
        for span in rest
    ]
    doubt(session, key)
    return [row, *parts]


def merge(
    session: Session, key: str, into: str, person: Person, *, seen: int, double: Shares = NOBODY
) -> FindingRow:
    """Reject a finding as a repetition of another of its article, which then stands for both; links follow.

    Raises:
        ConflictError: the finding has another revision by now.
        TransitionError: the two are not of one article and one type, or the other is no living finding.
    """
    row, other = session.get(FindingRow, key), session.get(FindingRow, into)
    if row is None or other is None or row.id == other.id or row.pmid != other.pmid or row.type != other.type:
        raise TransitionError("A finding can be merged into another of the same type in the same abstract.")
    if other.status in (Status.REJECTED, Status.SUPERSEDED):
        raise TransitionError(f"The finding to merge into is {other.status}.")
    note = INTO.format(into)
    decide(session, key, Action.MERGE, person, seen=seen, reason="duplicate", note=note, double=double)
    follow(session, key)
    return row
