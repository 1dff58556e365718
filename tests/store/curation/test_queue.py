"""The queue: the most useful first, each with its reason; batches that no two curators share; skips."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from nlp.article import document_of
from nlp.errors import TransitionError
from nlp.finding import Flag
from store.curation import queue
from store.curation.tables import LaneAudit, LaneThreshold, Lease
from store.database import now
from store.people.rights import Person, Role
from store.queries import FindingQuery
from store.review import decide
from tests.store.conftest import article, found, reading

Keep = Callable[..., Any]
ADA, BEA = Person("Ada", Role.CURATOR), Person("Bea", Role.CURATOR)


@pytest.fixture
def stocked(session: Session, keep: Keep) -> Session:
    """Keep one abstract with a sure dose, an unsure outcome, a serious event and a contradiction."""
    of = article(
        abstract="Adults received ketamine 0.5 mg/kg. The MADRS score fell. The HDRS score fell. "
        "Two seizures occurred. Nausea was rare."
    )
    text = document_of(of).text
    contradiction = Flag(code="contradiction", reason="Both are said.")
    keep(
        of,
        reading(
            of,
            found(text, "dose", "0.5 mg/kg", confidence=0.99),
            found(text, "outcome", "MADRS score", confidence=0.5),
            found(text, "outcome", "HDRS score", confidence=0.9),
            found(text, "adverse_event", "seizures", serious=True, confidence=0.9),
            found(text, "adverse_event", "Nausea", flags=(contradiction,), confidence=0.9),
        ),
    )
    return session


def anchors(entries: list[queue.Waiting]) -> list[str]:
    return [entry.item.finding.anchor for entry in entries]


def ids(session: Session) -> dict[str, str]:
    return {entry.item.finding.anchor: entry.item.finding.id for entry in queue.waiting(session)}


def test_the_most_useful_come_first_and_say_why(stocked: Session) -> None:
    entries = queue.waiting(stocked)
    assert anchors(entries) == ["seizures", "Nausea", "MADRS score", "HDRS score", "0.5 mg/kg"]
    assert [entry.reason for entry in entries[:3]] == [
        "A serious adverse event",
        "A contradiction",
        "Its decision bears on 1 kind of query",
    ]
    assert queue.by_reason(stocked) == [
        ("A serious adverse event", 1),
        ("A contradiction", 1),
        ("By what the decision would change", 3),
    ]


def test_a_filter_narrows_the_queue(stocked: Session) -> None:
    only = FindingQuery(type=("outcome",))
    assert anchors(queue.waiting(stocked, None, only)) == ["MADRS score", "HDRS score"]


def test_two_curators_never_have_the_same_finding_until_a_lease_runs_out(stocked: Session) -> None:
    first = queue.take_batch(stocked, "Ada", size=2)
    second = queue.take_batch(stocked, "Bea", size=2)
    assert len({*first, *second}) == 4
    assert [entry.item.finding.id for entry in queue.batch(stocked, "Ada")] == first
    assert anchors(queue.waiting(stocked, "Cem")) == ["0.5 mg/kg"]
    for key in first:
        stocked.get_one(Lease, (key, "Ada")).until = now() - timedelta(seconds=1)
    stocked.flush()
    assert queue.batch(stocked, "Ada") == []
    assert queue.take_batch(stocked, "Cem", size=2) == first


def test_a_batch_leads_on_to_its_end_and_what_is_decided_leaves_it(stocked: Session) -> None:
    first, second = queue.take_batch(stocked, "Ada", size=2)
    assert queue.next_waiting(stocked, first, "Ada") == second
    decide(stocked, first, "accept", ADA, seen=1)
    assert [entry.item.finding.id for entry in queue.batch(stocked, "Ada")] == [second]
    assert queue.next_waiting(stocked, second, "Ada") is None


def test_what_a_curator_skips_is_offered_to_others_only(stocked: Session) -> None:
    key = ids(stocked)["seizures"]
    with pytest.raises(TransitionError, match="To skip, give one of"):
        queue.skip(stocked, key, "Ada", "bored")
    queue.skip(stocked, key, "Ada", "full_text")
    assert "seizures" not in anchors(queue.waiting(stocked, "Ada"))
    assert "seizures" in anchors(queue.waiting(stocked, "Bea"))


def test_what_the_lane_accepts_waits_for_nobody_but_in_the_audit(stocked: Session) -> None:
    key = ids(stocked)["0.5 mg/kg"]
    stocked.add(LaneThreshold(type="dose", threshold=0.95, wanted=0.9, decided=50, fitted_at=now()))
    stocked.flush()
    assert "0.5 mg/kg" not in anchors(queue.waiting(stocked))
    stocked.add(LaneAudit(finding_id=key, drawn_at=now()))
    stocked.flush()
    (audited,) = [e for e in queue.waiting(stocked, "Ada") if e.item.finding.id == key]
    assert "audit" not in audited.reason
