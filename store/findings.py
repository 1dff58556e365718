"""The write side of findings: a reading is reconciled with what is kept, and what people decided stays."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, insert
from sqlmodel import Session, col, select

from nlp.finding import Reading
from store.articles import held_article, settle, shared, standing
from store.columns import columns
from store.curation.studies import ask_again, keep_profile
from store.database import now
from store.doubts import withdraw
from store.links import doubt_anew, heir
from store.readings import keep_row
from store.reconcile import Stored, Value, differences, moved, pair
from store.review import PLACES, history, move, write_event
from store.review import standing as standing_acts
from store.tables import (
    ArticleRow,
    ArticleVersion,
    FindingDose,
    FindingFlag,
    FindingRow,
    Status,
)
from store.transitions import Event

DECIDED = {Status.ACCEPTED, Status.CORRECTED, Status.REJECTED, Status.NEEDS_ADJUDICATION}
"""Statuses that a person gave: such a finding is never overwritten by a machine."""


class Reconciled(NamedTuple):
    """What one reading changed: counts of findings."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    superseded: int = 0
    disagreed: int = 0


def keep_reading(session: Session, run_id: int, pmid: str, reading: Reading) -> Reconciled:
    """Keep what a pipeline read in the current version of an article, reconciled with what is stored.

    What matches keeps its id: pending, its values are updated; decided, it is left as it is and a
    disagreement is flagged. What is gone is superseded; decided, it is queued. Reading the same version
    with the pipeline version that read it last again changes nothing, unless a component had failed; with one
    that read it before, it brings back what that one read.

    Raises:
        StoreError: the article is not held.
    """
    article, version = held_article(session, pmid)
    known = keep_row(session, run_id, version, reading)
    if known is None:
        return Reconciled(unchanged=len(reading.findings))
    kept, reading = known
    gone = keep_profile(session, pmid, kept, reading.study.model_dump(mode="json"))
    values = [finding.model_dump(mode="json") for finding in reading.findings]
    rows = session.scalars(_OF, {"pmid": pmid}).all()
    pairs = _paired(session, rows, values, version)
    ids = _ids(session, rows, values, pairs)
    for value in values:
        value["id"] = ids[value["id"]]
        if value.get("doses"):
            value["doses"] = [ids[dose] for dose in value["doses"]]
    place = {"version_id": version.id, "reading_id": kept, "run_id": run_id}
    counts = _apply(session, article, version, place, rows, values, set(pairs.values()))
    if gone:
        ask_again(session, pmid, gone)
    if rows:
        settle(session, pmid)
    return counts


_OF = select(FindingRow).where(col(FindingRow.pmid) == bindparam("pmid")).order_by(col(FindingRow.id))
_HELD = select(FindingRow.id).where(col(FindingRow.id).in_(bindparam("ids", expanding=True)))


def _paired(
    session: Session, rows: Sequence[FindingRow], values: Sequence[Value], version: ArticleVersion
) -> dict[int, str]:
    """Pair what was read with what is stored: living claims first, then superseded ones that came back."""
    texts = {row.version_id: session.get(ArticleVersion, row.version_id) for row in rows}
    anchors: dict[str, tuple[int, int] | None] = {}
    for version_id, old in texts.items():
        mine = [row for row in rows if row.version_id == version_id]
        places = moved(old.text if old else "", version.text, [(row.start, row.end) for row in mine])
        anchors.update(zip((row.id for row in mine), places, strict=True))
    pairs: dict[int, str] = {}
    for superseded in (False, True):
        left = [index for index in range(len(values)) if index not in pairs]
        claims = [
            Stored(row.id, row.record, anchors[row.id])
            for row in rows
            if (row.status == Status.SUPERSEDED) is superseded
        ]
        found = pair(claims, [values[index] for index in left])
        pairs.update({left[index]: claim for index, claim in found.items()})
    return pairs


def _ids(
    session: Session, rows: Sequence[FindingRow], values: Sequence[Value], pairs: dict[int, str]
) -> dict[str, str]:
    """Give each reading's id the stored one, or itself; an id that another claim holds gets a suffix."""
    held = session.scalars(_HELD, {"ids": [value["id"] for value in values]})
    used = {row.id for row in rows} | set(held)
    ids = {}
    for index, value in enumerate(values):
        own = value["id"]
        if index in pairs:
            ids[own] = pairs[index]
            continue
        candidate, ordinal = own, 1
        while candidate in used or (ordinal > 1 and session.get(FindingRow, candidate) is not None):
            candidate, ordinal = f"{own}-{ordinal}", ordinal + 1
        used.add(candidate)
        ids[own] = candidate
    return ids


def _apply(
    session: Session,
    article: ArticleRow,
    version: ArticleVersion,
    place: dict[str, Any],
    rows: Sequence[FindingRow],
    values: Sequence[Value],
    matched: set[str],
) -> Reconciled:
    stored = {row.id: row for row in rows}
    counts = dict.fromkeys(Reconciled._fields, 0)
    fresh = [value for value in values if value["id"] not in matched]
    if fresh:
        _insert(session, article, fresh, place)
    counts["new"] = len(fresh)
    for value in values:
        if value["id"] in matched:
            counts[_renew(session, stored[value["id"]], value, place)] += 1
    for row in rows:
        if row.id not in matched and row.status != Status.SUPERSEDED:
            counts["superseded"] += _supersede(session, row, version)
    _link_doses(session, values, stored)
    return Reconciled(**counts)


def _insert(session: Session, article: ArticleRow, values: Iterable[Value], place: dict[str, Any]) -> None:
    warnings, repeated, moment = standing(article), shared(session, article), now()
    findings, flags = [], []
    for value in values:
        marks = {(flag["code"], "reader"): flag["reason"] for flag in value["flags"]}
        marks |= {(code, "store"): reason for code, reason in warnings.items()}
        findings.append(
            columns(value)
            | place
            | repeated
            | {
                "id": value["id"],
                "pmid": article.pmid,
                "record": value,
                "status": Status.PENDING,
                "revision": 1,
            }
            | {
                "flagged": bool(marks),
                "attention": bool(warnings),
                "created_at": moment,
                "updated_at": moment,
            }
        )
        flags += [
            {"finding_id": value["id"], "code": code, "origin": origin, "reason": reason}
            for (code, origin), reason in marks.items()
        ]
    connection = (
        session.connection()
    )  # the ORM leaves out what is None, and makes a statement for each pattern of that
    connection.execute(insert(FindingRow.__table__), findings)  # type: ignore[attr-defined]
    if flags:
        connection.execute(insert(FindingFlag.__table__), flags)  # type: ignore[attr-defined]


def _renew(session: Session, row: FindingRow, value: Value, place: dict[str, Any]) -> str:
    """Bring a stored finding up to date with a new reading of it; give the name of the count it goes to."""
    if row.status in DECIDED:
        return _hold_against(session, row, value, place)
    back = row.status == Status.SUPERSEDED
    same = row.record | {"provenance": None} == value | {"provenance": None}
    for name, entry in (columns(value) | place).items():
        setattr(row, name, entry)
    row.record = value
    if same and not back:
        session.flush()
        return "unchanged"
    if back:
        move(session, row, Event.RETURN, "The newest reading of the abstract makes this claim again.")
    else:
        row.updated_at, row.revision = now(), row.revision + 1
    _set_flags(session, row, {flag["code"]: flag["reason"] for flag in value["flags"]}, "reader")
    return "updated"


def _hold_against(session: Session, row: FindingRow, value: Value, place: dict[str, Any]) -> str:
    """Leave a decided finding as decided; keep the machine's new word beside it and flag a disagreement."""
    decided = row.decided or row.record
    fields = differences(decided, value)
    before = row.record
    if row.decided:
        row.decided = _in_place(session, row, before, value, place["version_id"])
    shown = columns(row.decided or before | {name: value[name] for name in PLACES})
    for name, entry in (shown | place).items():
        setattr(row, name, entry)
    row.record = value
    withdraw(session, row, "not_read_again", "The reading that stands now makes this claim.")
    if not fields or not differences(_decided_on(session, row, before), value):
        withdraw(session, row, "disagrees", "The reading that stands now is the one that was decided on.")
        session.flush()
        return "unchanged"
    contradicts = row.status != Status.REJECTED and bool(differences(before, value))
    if contradicts:
        reason = f"A new reading says otherwise of {', '.join(fields)}: compare it with the decision."
        _set_flags(session, row, {"disagrees": reason}, "store", add=True)
        row.attention, row.updated_at = True, now()
    session.flush()
    return "disagreed" if contradicts else "unchanged"


def _decided_on(session: Session, row: FindingRow, otherwise: Value) -> Value:
    """Give what the machine said when the decision that stands was made."""
    acts = standing_acts(history(session, row.id))
    return acts[-1].machine if acts else otherwise


def _in_place(session: Session, row: FindingRow, before: Value, value: Value, version_id: int) -> Value:
    """Point a decided value into the text now read: where the reader points, or where a curator's words went."""
    decided = dict(row.decided or {})
    if decided["anchor"] != before["anchor"]:
        went = _moved(session, row, version_id, decided)
        return decided | went if went else decided | {name: value[name] for name in PLACES}
    return decided | {name: value[name] for name in PLACES}


def _moved(session: Session, row: FindingRow, version_id: int, value: Value) -> Value | None:
    """Say where a value's mention and sentence stand in another version; None where they do not stand whole."""
    old, new = (session.get(ArticleVersion, key) for key in (row.version_id, version_id))
    if old is None or new is None:
        return None
    anchor, evidence = moved(old.text, new.text, [tuple(value["anchor"]), tuple(value["evidence"])])
    if anchor is None or evidence is None:
        return None
    by = evidence[0] - value["evidence"][0]
    spans = {
        field: {**span, "start": span["start"] + by, "end": span["end"] + by}
        for field, span in value["spans"].items()
        if value["evidence"][0] <= span["start"] and span["end"] <= value["evidence"][1]
    }
    return {"anchor": list(anchor), "evidence": list(evidence), "spans": spans}


def _supersede(session: Session, row: FindingRow, version: ArticleVersion) -> int:
    """Retire a claim that the newest reading does not make; a decided one stays, carried over or reopened."""
    if row.status in DECIDED:
        if row.status != Status.REJECTED:
            _keep_decided(session, row, version)
        return 0
    move(session, row, Event.SUPERSEDE, "The newest reading of the abstract does not make this claim.")
    return 1


BY_HAND = "by_hand"
"""The pipeline of a finding that a person added: no reading is expected to make it."""


def _keep_decided(session: Session, row: FindingRow, version: ArticleVersion) -> None:
    """Carry a decision over to a revision where its sentence stands; reopen it where that is gone."""
    value = row.decided or row.record
    if row.version_id == version.id:
        if row.record["provenance"]["pipeline"] != BY_HAND:
            _reopen(session, row, "The newest reading of the abstract does not make this claim")
        return
    went = _moved(session, row, version.id or 0, value)
    if went is None:
        _reopen(session, row, "The revised abstract no longer has this sentence")
        return
    row.decided = value | went
    row.version_id = version.id or 0
    for name, entry in columns(row.decided).items():
        setattr(row, name, entry)
    row.updated_at = now()
    write_event(session, row, Event.CARRY_OVER, f"The sentence stands in version {version.number}.")


def _reopen(session: Session, row: FindingRow, why: str) -> None:
    if session.get(FindingFlag, (row.id, "not_read_again", "store")) is None:
        write_event(session, row, Event.REOPEN, f"{why}.")
    _set_flags(session, row, {"not_read_again": f"{why}: does the decision still stand?"}, "store", add=True)
    row.attention = True
    session.flush()


def _set_flags(
    session: Session, row: FindingRow, flags: dict[str, str], origin: str, *, add: bool = False
) -> None:
    if not add:
        old = col(FindingFlag.finding_id) == row.id, col(FindingFlag.origin) == origin
        session.exec(delete(FindingFlag).where(*old))
    for code, reason in flags.items():
        session.merge(FindingFlag(finding_id=row.id, code=code, origin=origin, reason=reason))
    session.flush()
    row.flagged = (
        session.exec(select(FindingFlag).where(FindingFlag.finding_id == row.id)).first() is not None
    )


def _link_doses(session: Session, values: Sequence[Value], stored: dict[str, FindingRow]) -> None:
    """Write the links from results to the doses of their arm, or to what these were merged into; decided findings keep theirs."""
    free = [v for v in values if v["id"] not in stored or stored[v["id"]].status not in DECIDED]
    named = {dose for value in free for dose in value.get("doses") or ()}
    stands = {dose: heir(session, dose) if dose in stored else dose for dose in named}
    wanted = {(value["id"], stands[dose]) for value in free for dose in value.get("doses") or ()}
    mine = [value["id"] for value in free if value["id"] in stored]
    held = set()
    if mine:
        links = session.exec(select(FindingDose).where(col(FindingDose.finding_id).in_(mine)))
        for link in links:
            held.add((link.finding_id, link.dose_id))
            if (link.finding_id, link.dose_id) not in wanted:
                session.delete(link)
    fresh = sorted(wanted - held)
    if fresh:
        session.execute(insert(FindingDose), [{"finding_id": f, "dose_id": d} for f, d in fresh])
    session.flush()
    for finding in {f for f, d in fresh if d in stored and stored[d].status in DECIDED}:
        doubt_anew(session, session.get_one(FindingRow, finding))
