"""Learning from decisions: evaluation by week with drift, training data with a frozen split, the yield curve."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from nlp.article import document_of
from store.articles import current_version
from store.curation.edit import add
from store.curation.evaluation import evaluate_reviewed, evaluated
from store.curation.numbers import coverage, numbers, times
from store.curation.outlook import chance, outlook
from store.curation.reviewed import Reviewed
from store.curation.tables import WholeAbstract
from store.curation.training import abstracts, side
from store.database import now
from store.people.rights import Person, Role
from store.review import decide
from store.tables import FindingRow
from tests.store.conftest import article, found, reading

Keep = Callable[..., Any]
ADA = Person("Ada", Role.CURATOR)
MONDAY = datetime(2026, 6, 1, 12, tzinfo=UTC)
EVENT = {"type": "adverse_event", "drug": "ketamine", "assertion": "present", "rate": None, "anchor": (0, 9)}


def settled(weeks: int, live: dict[str, Any] | None, holds: dict[str, Any] | None) -> Reviewed:
    at = MONDAY + timedelta(weeks=weeks)
    return Reviewed("x", "1", "adverse_event", at, live, live, holds, False)


def test_the_reader_is_held_against_decisions_by_week_type_and_field() -> None:
    known = evaluated([
        settled(0, EVENT, EVENT),
        settled(0, EVENT, EVENT | {"rate": "3 of 9"}),  # right at the core
        settled(1, EVENT, EVENT | {"assertion": "absent"}),
        settled(1, EVENT, None),  # rejected
        settled(1, None, EVENT),  # missed
    ])  # fmt: skip
    lines = {line.week: line for line in known.types}
    whole, first, second = lines[None], *(lines[(MONDAY + timedelta(weeks=n)).date()] for n in (0, 1))
    assert (whole.precision.right, whole.precision.of) == (2, 4)
    assert (whole.recall.right, whole.recall.of) == (2, 4)
    assert (first.precision.value, second.precision.value) == (1.0, 0.0)
    fields = {line.field: (line.equal.right, line.equal.of) for line in known.fields if line.week is None}
    assert fields == {"drug": (3, 3), "assertion": (2, 3), "rate": (0, 1)}
    assert known.drift == ()


@pytest.mark.parametrize(("wrong", "drifts"), [(15, True), (3, False)])
def test_drift_is_said_where_it_is_more_than_chance(wrong: int, drifts: bool) -> None:
    before = [settled(n % 5, EVENT, EVENT) for n in range(40)]
    recent = [settled(9, EVENT, None if n < wrong else EVENT) for n in range(30)]
    (line,) = evaluated([*before, *recent]).drift
    assert (line.before.of, line.recent.of) == (40, 30)
    assert line.difference == pytest.approx(-wrong / 30)
    assert line.drifts is drifts


@pytest.fixture
def three(session: Session, keep: Keep) -> dict[str, FindingRow]:
    """Keep an abstract with three events, of which the curator accepts one, corrects one and rejects one."""
    of = article("9900001", abstract="Nausea occurred. Vomiting occurred. Fatigue occurred. Two fell.")
    text = document_of(of).text
    keep(of, reading(of, *(found(text, "adverse_event", word) for word in ("Nausea", "Vomiting", "Fatigue"))))
    rows = {row.anchor: row for row in session.exec(select(FindingRow))}
    decide(session, rows["Nausea"].id, "accept", ADA, seen=1)
    decide(session, rows["Vomiting"].id, "correct", ADA, seen=1, changes={"assertion": "absent"})
    return rows


def test_a_newer_reader_is_held_against_the_old_decisions(
    session: Session, keep: Keep, three: dict[str, FindingRow]
) -> None:
    decide(session, three["Fatigue"].id, "reject", ADA, seen=1, reason="not_said")
    span = (current_version(session, "9900001").text.index("fell"),) * 2
    fields = {"drug": "ketamine", "assertion": "present"}
    version = current_version(session, "9900001").id or 0
    add(session, "9900001", "adverse_event", (span[0], span[0] + 4), fields, ADA, version_id=version)
    before = evaluate_reviewed(session).types[0]
    assert (before.precision.right, before.precision.of) == (1, 3)
    assert (before.recall.right, before.recall.of) == (1, 3)
    of = article("9900001", abstract="Nausea occurred. Vomiting occurred. Fatigue occurred. Two fell.")
    text = document_of(of).text
    better = found(text, "adverse_event", "Vomiting", assertion="absent")
    keep(of, reading(of, found(text, "adverse_event", "Nausea"), better, version="2"))
    after = evaluate_reviewed(session).types[0]
    assert (after.precision.right, after.precision.of) == (2, 2)
    assert (after.recall.right, after.recall.of) == (2, 3)


def test_an_abstract_is_training_data_when_nothing_in_it_waits(
    session: Session, three: dict[str, FindingRow]
) -> None:
    assert list(abstracts(session)) == []
    decide(session, three["Fatigue"].id, "reject", ADA, seen=1, reason="not_said")
    (given,) = abstracts(session)
    assert (given.id, given.split, given.complete) == ("pmid:9900001", side("9900001"), False)
    assert [(f["type"], f["assertion"], given.text[slice(*f["anchor"])]) for f in given.findings] == [
        ("adverse_event", "present", "Nausea"),
        ("adverse_event", "absent", "Vomiting"),
    ]
    assert list(given.findings[0]) == [
        *("type", "drug", "anchor", "evidence", "assertion", "comparison", "rate", "transient", "serious")
    ]
    session.add(
        WholeAbstract(
            version_id=three["Nausea"].version_id, curator="Ada", pmid="9900001", note=None, said_at=now()
        )
    )
    session.flush()
    assert next(iter(abstracts(session))).complete


def test_the_split_is_frozen_by_the_pmid_alone() -> None:
    pmids = [str(99_000_000 + n) for n in range(2000)]
    test = [pmid for pmid in pmids if side(pmid) == "test"]
    assert abs(len(test) / len(pmids) - 0.2) < 0.03
    assert [side(pmid) for pmid in ("99000101", "99000102", "99000103", "99000104")] == FROZEN


FROZEN = ["test", "train", "train", "test"]
"""If this changes, texts that were trained on become test data: it must not."""


def test_the_yield_curve_adds_up_the_chances_of_what_the_queue_puts_first(
    session: Session, three: dict[str, FindingRow]
) -> None:
    ahead = outlook(session)
    (point,) = ahead.curve
    # one finding without confidence waits; of two like it, one was changed: (1 + 5 / 2) / (2 + 5)
    assert (ahead.waiting, point.reviews, point.expected) == (1, 1, pytest.approx(0.5))
    assert point.low <= point.expected <= point.high
    assert ahead.brought == ()
    always = ({("dose", 9): 95}, {("dose", 9): 95})
    assert chance("dose", 0.95, always) == pytest.approx(0.9525)


def test_the_numbers_at_a_glance(session: Session, three: dict[str, FindingRow]) -> None:
    known = numbers(session)
    assert [(one.what, one.count) for one in known.queue] == [("By what the decision would change", 1)]
    assert known.days[0].decisions == 2
    assert known.lanes == ()
    assert known.timed == 1


def test_a_pause_is_no_time_of_deciding() -> None:
    moments = [MONDAY + timedelta(seconds=s) for s in (0, 20, 50, 3000, 3010)]
    others = [("Bea", MONDAY + timedelta(seconds=5))]
    assert sorted(times([*(("Ada", at) for at in moments), *others])) == [10, 20, 30]


def test_coverage_counts_by_condition(session: Session, keep: Keep) -> None:
    of = article("9900002")
    condition = {"text": "depression", "span": (12, 22)}
    keep(of, reading(of, conditions=(condition,)))
    row = session.exec(select(FindingRow)).first()
    assert row is not None
    decide(session, row.id, "accept", ADA, seen=1)
    (line,) = coverage(session)
    assert (line.condition, line.findings, line.settled) == ("depression", 3, 1)
