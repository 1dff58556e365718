"""The accept lane: opened by decisions that were right often enough, watched by an audit that nobody can tell."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, select

from nlp.article import document_of
from store.curation import lane, queue
from store.curation.reviewed import reviewed, right
from store.curation.tables import LaneAudit
from store.people.rights import Person, Role
from store.queries import FindingQuery, find
from store.review import decide
from store.tables import FindingRow, Status
from tests.store.conftest import article, found, reading

Keep = Callable[..., Any]
ADA = Person("Ada", Role.CURATOR)


@pytest.mark.parametrize(
    ("decided", "audit", "least"),
    [
        ([(0.9, True)] * 80 + [(0.5, False)] * 20, [], 0.9),
        ([(0.9, True)] * 80 + [(0.5, True)] * 40, [], 0.5),
        ([(0.9, True)] * 49, [], None),  # too few
        ([(0.9, True)] * 70 + [(0.9, False)] * 10, [], None),  # not right often enough
        ([(0.9, True)] * 80, [(0.9, False)] * 20, None),  # the audit refutes it
        ([(0.9, True)] * 80, [(0.9, True)] * 3, 0.9),
        ([(0.9, True)] * 80, [(0.4, False)] * 20, 0.9),  # which is not of the lane
        ([], [], None),
    ],
)
def test_the_lowest_threshold_from_which_enough_is_right(
    decided: list[Any], audit: list[Any], least: float | None
) -> None:
    assert lane.lowest(decided, audit, 0.95) == least


TOLD = lane.Measured(0.8, 0.96, 0.92)


@pytest.mark.parametrize(
    ("told", "audit", "least"),
    [
        (TOLD, [], 0.8),
        (TOLD, [(0.9, True)] * 10, 0.8),
        (TOLD, [(0.9, False)] * 10, None),  # the audit refutes it
        (TOLD, [(0.7, False)] * 10, 0.8),  # which is not of the lane
        (lane.Measured(0.8, 0.94, 0.9), [], None),  # not right often enough
        (None, [], None),
    ],
)
def test_a_lane_begins_where_it_was_measured_to_be_right_often_enough(
    told: lane.Measured | None, audit: list[Any], least: float | None
) -> None:
    assert lane.first(told, audit, 0.95) == least


def test_every_measured_threshold_is_of_a_type_and_a_chance() -> None:
    assert set(lane.measured()) <= set(lane.TYPES)
    assert all(0 < one.low <= one.precision <= 1 > one.threshold for one in lane.measured().values())


def test_a_measured_lane_gives_way_to_decisions(
    session: Session, doses: dict[str, FindingRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "measured", lambda: {"dose": TOLD})
    assert [one.threshold for one in lane.refit(session)] == [None, None, None]
    assert [one.threshold for one in lane.refit(session, begin=True)] == [0.8, None, None]
    shown = {item.finding.anchor for item in find(session, FindingQuery()).items}
    assert shown == {dose for n, dose in enumerate(DOSES) if 0.5 + n / 40 >= 0.8}
    monkeypatch.setattr(lane, "LEAST", 1)
    decide(session, doses[DOSES[-1]].id, "accept", ADA, seen=1)
    lane.refit(session, wanted=0.2, begin=True)
    assert lane.thresholds(session) == {"dose": 0.5 + 18 / 40}


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, True),
        ({"rate": "9 of 30"}, True),  # no core field
        ({"assertion": "absent"}, False),
        ({"anchor": (3, 10)}, True),
        ({"anchor": (9, 30)}, False),
    ],
)
def test_right_is_right_at_the_core_and_on_these_words(change: dict[str, Any], answer: bool) -> None:
    said = {"type": "adverse_event", "drug": "ketamine", "assertion": "present", "anchor": (0, 10)}
    assert right(said, said | change) is answer
    assert not right(said, None)


DOSES = [f"{n / 10:g} mg/kg" for n in range(11, 30)]


@pytest.fixture
def doses(session: Session, keep: Keep) -> dict[str, FindingRow]:
    """Keep an abstract with nineteen doses, of which the machine is surer and surer."""
    of = article(abstract=" ".join(f"Ketamine {dose} was given." for dose in DOSES))
    text = document_of(of).text
    low = {"unit": "mg/kg"}
    keep(of, reading(of, *(
        found(text, "dose", dose, low=float(dose.split()[0]), high=float(dose.split()[0]), confidence=0.5 + n / 40, **low)
        for n, dose in enumerate(DOSES)
    )))  # fmt: skip
    return {row.anchor: row for row in session.exec(select(FindingRow))}


def test_decisions_open_the_lane_and_the_audit_watches_it(
    session: Session, doses: dict[str, FindingRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "LEAST", 5)
    monkeypatch.setattr(lane, "AUDITED", 0.5)
    for n, dose in enumerate(DOSES[:12]):
        action = {"action": "reject", "reason": "not_said"} if n < 4 else {"action": "accept"}
        decide(session, doses[dose].id, person=ADA, seen=1, **action)
    assert sum(right(one.said, one.holds) for one in reviewed(session)) == 8
    opened = {one.type: one for one in lane.refit(session, wanted=0.6)}
    assert opened["dose"].threshold == 0.5 + 4 / 40
    assert (opened["dose"].decided, opened["dose"].precision) == (12, None)
    assert opened["outcome"].threshold is None
    drawn = {row.finding_id: row for row in session.exec(select(LaneAudit))}
    left = {doses[dose].id for dose in DOSES[12:]}
    assert set() < set(drawn) < left  # by chance, but for ever: the ids decide
    assert lane.draw(session) == 0
    waiting = queue.waiting(session)
    assert {entry.item.finding.id for entry in waiting} == set(drawn)
    assert {entry.reason for entry in waiting} == {"Its decision bears on 1 kind of query"}
    places = [drawn[entry.item.finding.id].queued_as for entry in waiting]
    assert [abs(place - 0.5) for place in places] == sorted(abs(place - 0.5) for place in places)

    for number, key in enumerate(sorted(drawn)):
        action = {"action": "accept"} if number else {"action": "reject", "reason": "not_said"}
        decide(session, key, person=ADA, seen=1, **action)
    (dose,) = [one for one in lane.lanes(session) if one.type == "dose"]
    assert dose.audited == len(drawn)
    assert dose.precision is not None
    assert dose.precision.value == (len(drawn) - 1) / len(drawn)
    assert dose.precision.low < dose.precision.value < dose.precision.high


@pytest.mark.parametrize(("rejected", "told"), [(7, True), (1, False), (0, False)])
def test_an_audit_that_refutes_an_open_lane_is_told_in_words(
    session: Session,
    doses: dict[str, FindingRow],
    monkeypatch: pytest.MonkeyPatch,
    rejected: int,
    told: bool,
) -> None:
    monkeypatch.setattr(lane, "LEAST", 5)
    monkeypatch.setattr(lane, "AUDITED", 1.0)
    assert lane.warnings(session) == []  # no lane is open
    for dose in DOSES[:12]:
        decide(session, doses[dose].id, "accept", ADA, seen=1)
    lane.refit(session, wanted=0.7)
    assert lane.warnings(session) == []  # nothing of the audit is decided
    for n, dose in enumerate(DOSES[12:]):
        act = {"action": "reject", "reason": "not_said"} if n < rejected else {"action": "accept"}
        decide(session, doses[dose].id, person=ADA, seen=1, **act)
    said = lane.warnings(session)
    assert bool(said) is told
    if told:
        assert said[0].startswith(
            "The accept lane of doses is less often right than was asked for: 0% of 7 audited"
        )
        assert lane.refit(session, wanted=0.7)[0].threshold is None  # what it says to do closes the lane
        assert lane.warnings(session) == []


def test_what_people_took_back_counts_no_more(session: Session, doses: dict[str, FindingRow]) -> None:
    row = doses[DOSES[0]]
    decide(session, row.id, "accept", ADA, seen=1)
    assert len(list(reviewed(session))) == 1
    decide(session, row.id, "undo", ADA, seen=2)
    assert list(reviewed(session)) == []
    assert row.status == Status.PENDING


def test_readers_see_what_the_lane_accepts_and_what_people_accepted(
    session: Session, doses: dict[str, FindingRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "LEAST", 1)
    decide(session, doses[DOSES[0]].id, "accept", ADA, seen=1)
    decide(session, doses[DOSES[-1]].id, "accept", ADA, seen=1)
    for dose in DOSES[-3:-1]:
        decide(session, doses[dose].id, "reject", ADA, seen=1, reason="not_said")
    lane.refit(session, wanted=0.2)
    assert lane.thresholds(session) == {"dose": 0.5 + 18 / 40}
    shown = {item.finding.anchor for item in find(session, FindingQuery()).items}
    assert shown == {DOSES[0], DOSES[-1]}
