"""Deciding on findings: which acts each status allows, what they keep, and what they refuse."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect
from sqlmodel import Session, select

from nlp.article import document_of
from nlp.errors import TransitionError
from store.database import session_scope
from store.people.rights import Person, Role
from store.queries import FindingQuery, find
from store.review import NEWEST, ConflictError, allowed, decide, history
from store.tables import FindingRow, Status
from store.transitions import REASONS, TRANSITIONS, Action
from tests.store.conftest import article, found, reading

Keep = Callable[..., Any]
ADA = Person("Ada", Role.ADJUDICATOR)
BEA = Person("Bea", Role.CURATOR)
EXTRA: dict[Action, dict[str, Any]] = {
    Action.REJECT: {"reason": "not_said"},
    Action.CORRECT: {"changes": {"rate": "9 of 30"}},
    Action.SPLIT: {"changes": {"rate": "9 of 30"}},
    Action.MERGE: {"reason": "duplicate"},
}


@pytest.fixture
def finding(session: Session, keep: Keep) -> FindingRow:
    """Give a pending adverse event."""
    keep(article())
    (item,) = find(session, FindingQuery(type=("adverse_event",))).items
    return session.get_one(FindingRow, item.finding.id)


def act(
    session: Session, row: FindingRow, action: Action | str, person: Person = ADA, **more: Any
) -> FindingRow:
    """Do one act as someone who sees the finding as it is."""
    return decide(
        session, row.id, action, person, seen=row.revision, **{**EXTRA.get(Action(action), {}), **more}
    )


def at_status(session: Session, row: FindingRow, status: Status) -> FindingRow:
    """Bring a finding to a status by the acts that lead there."""
    way = {Status.ACCEPTED: "accept", Status.CORRECTED: "correct", Status.REJECTED: "reject"}
    if status in way:
        act(session, row, way[status])
    elif status != Status.PENDING:
        row.status = status
        session.flush()
    return row


@pytest.mark.parametrize("action", [a for a in Action if a is not Action.UNDO])
@pytest.mark.parametrize("status", Status)
def test_each_status_allows_what_the_table_says(
    session: Session, finding: FindingRow, status: Status, action: Action
) -> None:
    row = at_status(session, finding, status)
    target = TRANSITIONS[status].get(action)
    assert (action in allowed(session, row, ADA)) == (target is not None)
    before = len(history(session, row.id))
    if target is None:
        with pytest.raises(TransitionError, match=f"{status} cannot be"):
            act(session, row, action)
        assert (row.status, len(history(session, row.id))) == (status, before)
    else:
        act(session, row, action)
        assert (row.status, len(history(session, row.id))) == (target, before + 1)


def test_the_table_has_every_status() -> None:
    assert set(TRANSITIONS) == set(Status)


def test_a_correction_stands_beside_the_machines_value(session: Session, finding: FindingRow) -> None:
    act(session, finding, "correct", changes={"rate": "9 of 30", "transient": False}, note="counted again")
    assert (finding.rate, finding.transient) == ("9 of 30", False)
    assert finding.record["rate"] == "8 of 30"
    assert finding.decided is not None
    assert finding.decided["rate"] == "9 of 30"
    (made,) = history(session, finding.id)
    assert (made.curator, made.action, made.note) == ("Ada", "correct", "counted again")
    assert made.machine["rate"] == "8 of 30"
    assert made.value is not None
    assert made.value["rate"] == "9 of 30"


def test_what_follows_from_a_corrected_field_is_corrected_with_it(session: Session, keep: Keep) -> None:
    of = article()
    text = reading(of).text
    keep(of, reading(of, found(text, "outcome", "MADRS score", timepoint="24 h", timepoint_hours=24.0)))
    row = session.exec(select(FindingRow)).one()
    act(session, row, "correct", changes={"timepoint": "day 7"})
    assert (row.timepoint, row.timepoint_hours) == ("day 7", 168.0)
    act(session, row, "correct", changes={"timepoint": "the follow-up"})
    assert (row.timepoint, row.timepoint_hours) == ("the follow-up", None)


def test_undo_goes_back_one_act_and_keeps_both(session: Session, finding: FindingRow) -> None:
    act(session, finding, "accept")
    act(session, finding, "correct", BEA)
    act(session, finding, "undo")
    assert (finding.status, finding.rate) == (Status.ACCEPTED, "8 of 30")
    act(session, finding, "undo")
    assert (finding.status, finding.decided) == (Status.PENDING, None)
    assert [made.action for made in history(session, finding.id)] == ["accept", "correct", "undo", "undo"]
    assert Action.UNDO not in allowed(session, finding, ADA)
    with pytest.raises(TransitionError, match="no decision on finding"):
        act(session, finding, "undo")


def test_the_second_of_two_curators_is_told_and_nothing_is_overwritten(
    session: Session, finding: FindingRow
) -> None:
    seen = finding.revision
    decide(session, finding.id, "reject", ADA, seen=seen, reason="background")
    with pytest.raises(ConflictError, match=r"Ada rejected it at .* now rejected"):
        decide(session, finding.id, "accept", BEA, seen=seen)
    assert finding.status == Status.REJECTED
    assert len(history(session, finding.id)) == 1


def test_what_was_read_before_another_decided_is_not_decided_on(
    session: Session, engine: Engine, finding: FindingRow
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("a writer of SQLite reads nothing before its turn")
    session.commit()
    with session_scope(engine) as bea:
        stale = bea.get_one(FindingRow, finding.id)
        with session_scope(engine) as ada:
            decide(ada, finding.id, "accept", ADA, seen=1)
        assert stale.revision == 1
        with pytest.raises(ConflictError, match="Ada accepted it"):
            decide(bea, finding.id, "reject", BEA, seen=1, reason="other")


@pytest.mark.parametrize(
    ("action", "more", "words"),
    [
        ("reject", {"reason": None}, "give one of these reasons"),
        ("reject", {"reason": "bad mood"}, "give one of these reasons"),
        ("correct", {"changes": {}}, "has to change something"),
        ("correct", {"changes": {"assertion": "maybe"}}, "assertion: Input should be"),
        ("correct", {"changes": {"mood": "good"}}, "mood: Extra inputs"),
    ],
)
def test_an_act_without_what_it_needs_is_refused(
    session: Session, finding: FindingRow, action: str, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(TransitionError, match=words):
        act(session, finding, action, **more)
    assert history(session, finding.id) == []


def test_a_finding_that_is_not_there_cannot_be_decided(session: Session) -> None:
    with pytest.raises(TransitionError, match="There is no finding abc"):
        decide(session, "abc", "accept", ADA, seen=1)


@pytest.mark.parametrize("action", ["accept", "correct", "reject"])
def test_a_decision_survives_a_reading_that_says_otherwise(
    session: Session, finding: FindingRow, keep: Keep, action: str
) -> None:
    act(session, finding, action)
    status, rate = finding.status, finding.rate
    of = article()
    for version in ("2", "3"):
        other = found(reading(of).text, "adverse_event", "Dissociation", rate=f"{version} of 30")
        keep(of, reading(of, other, version=version))
        assert (finding.status, finding.rate) == (status, rate)
    assert finding.attention == (action != "reject")
    if finding.attention:
        act(session, finding, "confirm", BEA)
        assert not finding.attention
        assert finding.status == status


def test_every_reason_is_a_sentence_for_people() -> None:
    assert all(words[0].isupper() and "_" not in words for words in REASONS.values())


def test_a_status_is_set_in_one_place() -> None:
    sets = re.compile(r"^\s*(?:row|finding)\.status(?:, [\w. ,]+)? = ", re.MULTILINE)
    store = Path(decide.__code__.co_filename).parent
    places = [path.name for path in sorted(store.rglob("*.py")) for _ in sets.findall(path.read_text())]
    assert places == ["review.py"]


def test_the_history_tells_how_a_finding_came_to_its_status(session: Session, keep: Keep) -> None:
    of = article()
    dose = found(document_of(of).text, "dose", "0.5 mg/kg")
    keep(of)
    act(session, session.get_one(FindingRow, dose.id), "accept")
    keep(of, reading(of, dose, version="2"))  # the other two are no longer made
    keep(of, reading(of, version="3"))  # and come back
    for row in session.exec(select(FindingRow)):
        acts = history(session, row.id)
        way = [(was.to_status, then.from_status) for was, then in pairwise(acts)]
        assert all(before == after for before, after in way)
        assert (acts[0].from_status, acts[-1].to_status) == ("pending", row.status)
        told = ["accept"] if row.id == dose.id else ["supersede", "return"]
        assert [one.action for one in acts] == told


def test_a_long_history_is_whole_and_its_earlier_values_are_read_when_asked_for(
    session: Session, finding: FindingRow
) -> None:
    for number in range(NEWEST + 5):
        act(session, finding, ("accept", "reject")[number % 2])
    session.expunge_all()
    acts = history(session, finding.id)
    assert [one.action for one in acts] == ["accept", "reject"] * (NEWEST // 2 + 2) + ["accept"]
    unread = [number for number, one in enumerate(acts) if "machine" in inspect(one).unloaded]
    assert unread == list(range(5))
    assert acts[0].machine == acts[-1].machine
    session.expunge_all()
    whole = history(session, finding.id, whole=True)
    assert [one.id for one in whole] == [one.id for one in acts]
    assert not any("machine" in inspect(one).unloaded for one in whole)
