"""What a person is told of a run: what is new, what is unusual, what is gone, what failed."""

from typing import Any

import pytest
from sqlmodel import Session

from nlp.article import CommentsCorrections, document_of
from store.articles import keep_article, mark_deleted
from store.digest import RARE, digest
from store.findings import keep_reading
from store.runs import account, finish_run, run_id_of, start_run
from store.tables import Fetch
from tests.store.conftest import ABSTRACT, article, found, reading


def read(session: Session, run_id: int, pmid: str, version: str = "1", **event: Any) -> None:
    """Take in an article and read an adverse event in it."""
    held = article(pmid)
    keep_article(session, run_id, held, pmid.encode())
    account(session, run_id, pmid, fetch=Fetch.NEW)
    text = document_of(held).text
    made = found(text, "adverse_event", "Dissociation", **event)
    keep_reading(session, run_id, pmid, reading(held, made, version=version))


def next_run(session: Session, run_id: int) -> int:
    """Close a run and open another."""
    finish_run(session, run_id)
    return run_id_of(start_run(session, "nightly", {}))


def test_new_studies_are_those_read_for_the_first_time(session: Session, run_id: int) -> None:
    read(session, run_id, "1")
    later = next_run(session, run_id)
    read(session, later, "2")
    told = digest(session, later)
    assert [(study.pmid, study.findings) for study in told.new_studies] == [("2", 1)]
    assert [study.pmid for study in digest(session, run_id).new_studies] == ["1"]


def test_reading_again_with_another_pipeline_makes_nothing_new(session: Session, run_id: int) -> None:
    read(session, run_id, "1")
    later = next_run(session, run_id)
    read(session, later, "1", version="2")
    told = digest(session, later)
    assert (told.new_studies, told.adverse_events) == ((), ())


def test_an_adverse_event_is_new_then_rare_then_known(session: Session, run_id: int) -> None:
    said = []
    for number in range(RARE + 1):
        read(session, run_id, str(number))
        said.append([event.why for event in digest(session, run_id).adverse_events])
        run_id = next_run(session, run_id)
    assert said == [["new"], ["rare: 1 before"], ["rare: 2 before"], []]


def test_a_serious_adverse_event_is_told_however_well_known(session: Session, run_id: int) -> None:
    for number in range(RARE):
        read(session, run_id, str(number))
    later = next_run(session, run_id)
    read(session, later, "9", serious=True)
    (event,) = digest(session, later).adverse_events
    assert (event.why, event.event, event.pmid) == ("serious", "Dissociation", "9")
    assert event.quote in ABSTRACT


@pytest.mark.parametrize("event", [{"assertion": "absent"}, {"own_result": False}])
def test_an_adverse_event_that_did_not_occur_here_is_not_told(
    session: Session, run_id: int, event: dict[str, Any]
) -> None:
    read(session, run_id, "1", **event)
    assert digest(session, run_id).adverse_events == ()


def test_a_retraction_is_told_once_by_the_record_or_by_its_notice(session: Session, run_id: int) -> None:
    for pmid in "123":
        read(session, run_id, pmid)
    later = next_run(session, run_id)
    links = (CommentsCorrections(ref_type="RetractionIn", pmid="9"),)
    keep_article(session, later, article("1", links=links), b"1r")
    links = (CommentsCorrections(ref_type="RetractionOf", pmid="2"),)
    keep_article(session, later, article("8", links=links), b"8")
    assert [(gone.pmid, gone.why) for gone in digest(session, later).gone] == [
        ("1", "retracted"),
        ("2", "retracted by PMID 8"),
    ]
    again = next_run(session, later)
    keep_article(
        session, again, article("1", title="Retracted: a trial", links=(links[0], *_in("9"))), b"1rr"
    )
    assert digest(session, again).gone == ()


def _in(pmid: str) -> tuple[CommentsCorrections, ...]:
    return (CommentsCorrections(ref_type="RetractionIn", pmid=pmid),)


def test_what_a_killed_run_learnt_is_told_by_the_next(session: Session, run_id: int) -> None:
    read(session, run_id, "1")
    killed = next_run(session, run_id)
    keep_article(session, killed, article("1", links=_in("9")), b"1r")
    later = run_id_of(start_run(session, "nightly", {}))
    told = digest(session, later)
    assert told.broken_off == (killed,)
    assert [gone.pmid for gone in told.gone] == ["1"]


def test_a_deletion_and_a_failure_are_told(session: Session, run_id: int) -> None:
    read(session, run_id, "1")
    mark_deleted(session, "1")
    account(session, run_id, "1", fetch=Fetch.DELETED)
    account(session, run_id, "2", fetch=Fetch.UNPARSABLE, reason="it has no Article element")
    told = digest(session, run_id)
    assert [gone.why for gone in told.gone] == ["PubMed has deleted it"]
    assert [(failure.key, failure.state) for failure in told.failures] == [("2", "unparsable")]
    assert told.totals == {"new_studies": 0, "adverse_events": 0, "gone": 1, "failures": 1, "lanes": 0}
