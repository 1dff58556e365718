"""Double review: two opinions that do not see each other; agreement settles, a third person adjudicates."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session

from nlp.errors import TransitionError
from store.articles import current_version
from store.curation.double import drawn
from store.curation.edit import add, merge, split
from store.curation.queue import take_batch, waiting
from store.people.accounts import add_user
from store.people.rights import ForbiddenError, Person, Role
from store.queries import FindingQuery, detail, find
from store.review import allowed, decide, history
from store.tables import FindingRow, Status
from store.transitions import Action
from tests.store.conftest import article

Keep = Callable[..., Any]
PEOPLE = {name: Person(name, Role.ADJUDICATOR) for name in ("Ada", "Bea", "Cem")}
ALL = {"adverse_event": 1.0}


@pytest.fixture
def event(session: Session, keep: Keep) -> FindingRow:
    """Give a pending adverse event."""
    keep(article())
    found = find(session, FindingQuery(type=("adverse_event",))).items[0].finding
    return session.get_one(FindingRow, found.id)


def opine(session: Session, row: FindingRow, action: str, curator: str, **more: Any) -> None:
    more |= {"reason": "not_said"} if action == "reject" else {}
    decide(
        session,
        row.id,
        action,
        PEOPLE[curator],
        seen=row.revision,
        double=ALL,
        **more,
    )


def test_the_first_opinion_changes_nothing_and_is_shown_to_nobody(
    session: Session, event: FindingRow
) -> None:
    opine(session, event, "accept", "Ada")
    assert (event.status, event.revision) == (Status.PENDING, 1)
    known = detail(session, event.id)
    assert known is not None
    assert known.decisions == []
    assert event.id not in {entry.item.finding.id for entry in waiting(session, "Ada")}
    assert event.id in {entry.item.finding.id for entry in waiting(session, "Bea")}
    assert allowed(session, event, PEOPLE["Ada"]) == (Action.UNDO,)
    assert Action.ACCEPT in allowed(session, event, PEOPLE["Bea"])


def test_two_who_agree_settle_it(session: Session, event: FindingRow) -> None:
    change = {"changes": {"rate": "9 of 30"}}
    opine(session, event, "correct", "Ada", **change)
    opine(session, event, "correct", "Bea", **change)
    assert (event.status, event.rate) == (Status.CORRECTED, "9 of 30")
    assert [(act.curator, act.action) for act in history(session, event.id)] == [
        ("Ada", "correct"),
        ("Bea", "correct"),
        ("ketmine", "agree"),
    ]


@pytest.mark.parametrize("other", ["reject", "correct"])
def test_two_who_disagree_need_a_third(session: Session, event: FindingRow, other: str) -> None:
    opine(session, event, "accept", "Ada")
    opine(session, event, other, "Bea", **({"changes": {"rate": "1"}} if other == "correct" else {}))
    assert (event.status, event.decided) == (Status.NEEDS_ADJUDICATION, None)
    for curator in ("Ada", "Bea"):
        assert allowed(session, event, PEOPLE[curator]) == ()
        with pytest.raises(ForbiddenError, match="someone else has to adjudicate"):
            opine(session, event, "accept", curator)
        assert event.id not in {entry.item.finding.id for entry in waiting(session, curator)}
    (first, *_) = waiting(session, "Cem")
    assert (first.item.finding.id, first.reason) == (event.id, "Two curators disagree")
    opine(session, event, "accept", "Cem")
    assert event.status == Status.ACCEPTED
    decide(session, event.id, "undo", PEOPLE["Cem"], seen=event.revision)
    assert event.status == Status.NEEDS_ADJUDICATION


def test_nobody_is_both_curators(session: Session, event: FindingRow) -> None:
    opine(session, event, "accept", "Ada")
    with pytest.raises(TransitionError, match="undo that first"):
        opine(session, event, "reject", "Ada")
    decide(session, event.id, "undo", PEOPLE["Ada"], seen=event.revision)
    opine(session, event, "reject", "Ada")
    opine(session, event, "reject", "Bea")
    assert event.status == Status.REJECTED
    with pytest.raises(TransitionError, match="Two curators decided"):
        decide(session, event.id, "undo", PEOPLE["Ada"], seen=event.revision)


def test_a_share_is_drawn_by_the_id_alone() -> None:
    keys = [f"{number:016x}" for number in range(4000)]
    share = sum(drawn(key, 0.2) for key in keys) / len(keys)
    assert abs(share - 0.2) < 0.02
    assert [key for key in keys if drawn(key, 0.2)] == [
        key for key in keys if drawn(key, 0.2) and drawn(key, 0.5)
    ]


@pytest.mark.parametrize("begun", [False, True], ids=["before the first opinion", "after it"])
@pytest.mark.parametrize("act", ["split", "merge"])
def test_what_changes_other_findings_is_no_opinion(
    session: Session, keep: Keep, event: FindingRow, act: str, begun: bool
) -> None:
    version = current_version(session, event.pmid)
    spans = [(event.start, event.end), (event.quote_start, event.quote_end)]
    fields = {"drug": "ketamine", "assertion": "present"}
    other = add(
        session, event.pmid, "adverse_event", spans[1], fields, PEOPLE["Cem"], version_id=version.id or 0
    )
    if begun:
        opine(session, event, "accept", "Ada")
    double = {} if begun else ALL  # a pair that was begun is finished, whatever the shares are by then
    assert {Action.SPLIT, Action.MERGE}.isdisjoint(allowed(session, event, PEOPLE["Bea"], double))
    with pytest.raises(TransitionError, match=f"cannot be {act.replace('merge', 'merged')} before they have"):
        if act == "split":
            split(session, event.id, PEOPLE["Bea"], spans, seen=1, double=double)
        else:
            merge(session, event.id, other.id, PEOPLE["Bea"], seen=1, double=double)
    assert (event.status, event.revision, event.anchor) == (Status.PENDING, 1, "Dissociation")
    assert len(history(session, event.id)) == begun
    assert len(find(session, FindingQuery(type=("adverse_event",))).items) == 2


def test_who_may_not_adjudicate_is_not_offered_what_needs_it_and_no_batch_holds_it_back(
    session: Session, event: FindingRow
) -> None:
    for name, role in (("Dora", Role.CURATOR), ("Cem", Role.ADJUDICATOR)):
        add_user(session, name, role, subject=name)
    assert event.id in take_batch(session, "Dora")
    opine(session, event, "accept", "Ada")
    opine(session, event, "reject", "Bea")
    assert event.id not in {entry.item.finding.id for entry in waiting(session, "Dora")}
    assert waiting(session, "Cem")[0].item.finding.id == event.id


def test_after_the_first_opinion_the_second_can_be_given_at_once(session: Session, event: FindingRow) -> None:
    assert event.id in take_batch(session, "Ada")
    assert event.id not in {entry.item.finding.id for entry in waiting(session, "Bea")}
    opine(session, event, "accept", "Ada")
    assert event.id in {entry.item.finding.id for entry in waiting(session, "Bea")}
