"""The queue: the most useful first, each with its reason; batches that no two curators share; skips."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from nlp.article import document_of
from nlp.errors import TransitionError
from nlp.finding import Flag
from store.curation import queue
from store.curation.ranks import RANKS, gain, own_rank
from store.curation.tables import LaneAudit, LaneThreshold, Lease
from store.database import now
from store.people.rights import Person, Role
from store.queries import FindingQuery
from store.review import decide
from store.tables import FindingRow, Status
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
    whole = document_of(of).text
    contradiction = Flag(code="contradiction", reason="Both are said.")
    keep(
        of,
        reading(
            of,
            found(whole, "dose", "0.5 mg/kg", confidence=0.99),
            found(whole, "outcome", "MADRS score", confidence=0.5),
            found(whole, "outcome", "HDRS score", confidence=0.9),
            found(whole, "adverse_event", "seizures", serious=True, confidence=0.9),
            found(whole, "adverse_event", "Nausea", flags=(contradiction,), confidence=0.9),
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


def test_every_reason_has_its_place(session: Session, keep: Keep) -> None:
    words = ("Nausea", "Vomiting", "Fatigue", "Headache", "Dizziness", "Anxiety", "Sedation", "Fever")
    of = article(abstract=" ".join(f"{word} occurred." for word in words))
    whole = document_of(of).text
    codes = {
        "Vomiting": "source_corrected",
        "Fatigue": "contradiction",
        "Dizziness": "unlikely",
        "Fever": "dose_split",
    }
    events = [
        found(
            whole,
            "adverse_event",
            word,
            serious=word == "Sedation",
            flags=[Flag(code=codes[word], reason="So.")] if word in codes else (),
        )
        for word in words
    ]
    keep(of, reading(of, *events))
    row = stored(session)
    row["Anxiety"].attention = True
    row["Headache"].status = Status.NEEDS_ADJUDICATION
    for status, word in ((Status.ACCEPTED, "Nausea"), (Status.SUPERSEDED, "Dizziness")):
        row[word].status = status  # neither waits
    session.flush()
    told = {entry.item.finding.anchor: entry.reason for entry in queue.waiting(session)}
    assert list(told) == ["Headache", "Sedation", "Fatigue", "Vomiting", "Fever", "Anxiety"]
    assert list(told.values()) == [rank.words for rank in RANKS[:-1]]
    assert queue.by_reason(session) == [(rank.words, 1) for rank in RANKS[:-1]]


def stored(session: Session) -> dict[str, FindingRow]:
    return {row.anchor: row for row in session.exec(select(FindingRow))}


def test_the_first_are_found_by_an_index_of_this_very_order(session: Session, engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        pytest.skip("a planner of costs reads an empty table whole")
    first = select(FindingRow.id).where(own_rank > 3).order_by(own_rank, gain.desc(), FindingRow.id)
    said = first.compile(engine, compile_kwargs={"literal_binds": True})
    plan = session.execute(text(f"EXPLAIN QUERY PLAN {said}")).all()
    assert "ix_findings_queue" in str(plan)
    assert "TEMP B-TREE" not in str(plan)  # nothing is sorted


@pytest.mark.parametrize("few", [0, queue.FEW], ids=["walked", "sorted"])
def test_a_filter_narrows_the_queue(stocked: Session, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "FEW", few)
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
    entries = queue.waiting(stocked, "Ada")
    (audited,) = [e for e in entries if e.item.finding.id == key]
    assert "audit" not in audited.reason
    assert anchors(entries)[-1] == "HDRS score"  # the audited one stands where chance put it, and not last
