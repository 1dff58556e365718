"""Changing the set of findings: what is added, split and merged is kept as decided, and survives new readings."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, select

from nlp.article import document_of
from nlp.errors import TransitionError
from store.articles import current_version
from store.curation.edit import add, merge, split
from store.people.rights import Person, Role
from store.review import decide, history
from store.tables import FindingFlag, FindingRow, Status
from tests.store.conftest import ABSTRACT, article, found, reading

Keep = Callable[..., Any]
ADA, BEA = Person("Ada", Role.CURATOR), Person("Bea", Role.CURATOR)
PMID = "9900001"


def rows(session: Session) -> dict[str, FindingRow]:
    return {row.anchor: row for row in session.exec(select(FindingRow))}


def place(session: Session, words: str) -> tuple[int, int]:
    start = current_version(session, PMID).text.index(words)
    return start, start + len(words)


def added(session: Session, words: str = "patients") -> FindingRow:
    fields = {"drug": "ketamine", "assertion": "present", "rate": "8 of 30"}
    version = current_version(session, PMID)
    return add(session, PMID, "adverse_event", place(session, words), fields, ADA, version_id=version.id or 0)


def test_an_added_finding_is_accepted_points_at_its_words_and_can_be_undone(
    session: Session, keep: Keep
) -> None:
    keep(article())
    row = added(session)
    text = current_version(session, PMID).text
    assert (row.status, row.rate, text[row.start : row.end]) == (Status.ACCEPTED, "8 of 30", "patients")
    assert row.quote == "Dissociation occurred in 8 of 30 patients and resolved."
    assert [act.action for act in history(session, row.id)] == ["add"]
    decide(session, row.id, "undo", ADA, seen=row.revision)
    assert row.status == Status.SUPERSEDED


def test_an_added_finding_stands_in_lists_where_those_of_its_article_stand(
    session: Session, keep: Keep
) -> None:
    keep(article())
    row = added(session)
    session.refresh(row)
    read = rows(session)["Dissociation"]
    session.refresh(read)
    assert (row.place, row.in_scope) == (read.place, read.in_scope)
    assert row.place < 0


def test_no_reading_is_expected_to_make_an_added_finding(session: Session, keep: Keep) -> None:
    keep(article())
    row = added(session)
    keep(article(), reading(article(), version="2"))
    assert (row.status, row.attention) == (Status.ACCEPTED, False)


@pytest.mark.parametrize(
    ("span", "fields", "words"),
    [
        ((5, 5), {"drug": "ketamine", "assertion": "present"}, "Select some words"),
        ((0, 10**6), {"drug": "ketamine", "assertion": "present"}, "Select some words"),
        ((0, 8), {"drug": "aspirin", "assertion": "present"}, "drug"),
        ((0, 8), {"drug": "ketamine"}, "assertion"),
    ],
)
def test_what_is_no_finding_is_not_added(
    session: Session, keep: Keep, span: tuple[int, int], fields: dict[str, str], words: str
) -> None:
    keep(article())
    version = current_version(session, PMID).id or 0
    with pytest.raises(TransitionError, match=words):
        add(session, PMID, "adverse_event", span, fields, ADA, version_id=version)
    assert len(rows(session)) == 3


def test_a_split_makes_two_with_the_fields_of_the_whole(session: Session, keep: Keep) -> None:
    of = article(abstract="Nausea and vomiting occurred in 8 of 30 patients given ketamine.")
    text = document_of(of).text
    keep(of, reading(of, found(text, "adverse_event", "Nausea and vomiting", rate="8 of 30")))
    whole = rows(session)["Nausea and vomiting"]
    spans = [place(session, "Nausea"), place(session, "vomiting")]
    split(session, whole.id, ADA, spans, seen=whole.revision)
    assert history(session, whole.id)[-1].action == "split"
    parts = rows(session)
    assert sorted(parts) == ["Nausea", "vomiting"]
    assert parts["Nausea"].id == whole.id
    assert {(row.status, row.rate) for row in parts.values()} == {
        ("corrected", "8 of 30"),
        ("accepted", "8 of 30"),
    }


def test_a_merged_finding_is_rejected_as_a_repetition(session: Session, keep: Keep) -> None:
    keep(article())
    other, event = added(session), rows(session)["Dissociation"]
    merge(session, other.id, event.id, BEA, seen=other.revision)
    assert (other.status, event.status) == (Status.REJECTED, Status.PENDING)
    assert (history(session, other.id)[-1].reason, history(session, other.id)[-1].note) == (
        "duplicate",
        f"Merged into {event.id}.",
    )
    with pytest.raises(TransitionError, match="same type"):
        merge(session, event.id, rows(session)["0.5 mg/kg"].id, BEA, seen=event.revision)


def test_a_decision_is_carried_over_where_its_sentence_stands_and_reopened_where_not(
    session: Session, keep: Keep
) -> None:
    keep(article())
    event = rows(session)["Dissociation"]
    decide(session, event.id, "accept", ADA, seen=event.revision)
    revised = article(abstract="Sixty-one adults took part. " + ABSTRACT.split(". ", 1)[1])
    text = document_of(revised).text
    keep(revised, reading(revised, found(text, "outcome", "MADRS score"), version="2"))
    version = current_version(session, PMID)
    assert (event.version_id, version.text[event.start : event.end]) == (version.id, "Dissociation")
    assert (event.status, event.attention) == (Status.ACCEPTED, False)
    assert [act.action for act in history(session, event.id)] == ["accept", "carry_over"]

    gone = article(abstract="At 24 h the MADRS score was lower after ketamine.")
    keep(gone, reading(gone, found(document_of(gone).text, "outcome", "MADRS score"), version="2"))
    assert (event.status, event.attention) == (Status.ACCEPTED, True)
    assert history(session, event.id)[-1].action == "reopen"
    flag = session.get(FindingFlag, (event.id, "not_read_again", "store"))
    assert flag is not None
    assert "no longer has this sentence" in flag.reason


def test_words_that_a_curator_chose_are_kept_through_a_revision(session: Session, keep: Keep) -> None:
    keep(article())
    event = rows(session)["Dissociation"]
    start, end = place(session, "Dissociation occurred")
    changes = {"anchor": (start, end), "anchor_text": "Dissociation occurred"}
    decide(session, event.id, "correct", ADA, seen=event.revision, changes=changes)
    assert event.anchor == "Dissociation occurred"
    revised = article(abstract="New words. " + ABSTRACT)
    keep(revised, reading(revised, version="2"))
    text = current_version(session, PMID).text
    assert (event.status, text[event.start : event.end]) == (Status.CORRECTED, "Dissociation occurred")
