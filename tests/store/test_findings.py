"""Reading twice changes nothing; a new reading keeps the ids of its claims; people are never overwritten."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, col, select

from nlp.article import document_of
from store.findings import Reconciled
from store.tables import FindingDose, FindingFlag, FindingRow, Status, StudyRow
from tests.store.conftest import ABSTRACT, article, found, reading

Keep = Callable[..., Reconciled]


def dump(session: Session) -> dict[str, list[Any]]:
    """Give every row of every table."""
    session.flush()
    return {
        table.name: [
            tuple(row) for row in session.connection().execute(select(table).order_by(*table.primary_key))
        ]
        for table in SQLModel.metadata.sorted_tables
    }


def rows(session: Session) -> dict[str, FindingRow]:
    """Give the stored findings by their anchor's words."""
    return {row.anchor: row for row in session.exec(select(FindingRow).order_by(col(FindingRow.id)))}


def test_a_reading_is_kept_with_its_links_study_and_columns(session: Session, keep: Keep) -> None:
    assert keep(article()) == Reconciled(new=3)
    kept = rows(session)
    assert kept["0.5 mg/kg"].mg_per_kg_low == 0.5
    assert (kept["MADRS score"].p_operator, kept["MADRS score"].p_number) == ("<", 0.001)
    link = session.exec(select(FindingDose)).one()
    assert (link.finding_id, link.dose_id) == (kept["MADRS score"].id, kept["0.5 mg/kg"].id)
    study = session.get(StudyRow, "9900001")
    assert study is not None
    assert study.design == "randomized_trial"


def test_the_same_night_again_writes_nothing(session: Session, keep: Keep) -> None:
    keep(article())
    before = dump(session)
    assert keep(article()) == Reconciled(unchanged=3)
    assert dump(session) == before


def test_a_newer_pipeline_that_says_the_same_keeps_every_id(session: Session, keep: Keep) -> None:
    keep(article())
    ids = {row.id for row in rows(session).values()}
    assert keep(article(), reading(article(), version="2")) == Reconciled(unchanged=3)
    assert {row.id for row in rows(session).values()} == ids


def test_a_pending_finding_takes_the_new_value(session: Session, keep: Keep) -> None:
    keep(article())
    body = document_of(article()).text
    old = rows(session)["MADRS score"].id
    keep(
        article(),
        reading(article(), found(body, "outcome", "MADRS score", direction="increased"), version="2"),
    )
    kept = rows(session)
    assert (kept["MADRS score"].id, kept["MADRS score"].direction) == (old, "increased")
    assert kept["Dissociation"].status == Status.SUPERSEDED


def test_a_claim_that_comes_back_has_its_old_id(session: Session, keep: Keep) -> None:
    keep(article())
    first = {anchor: row.id for anchor, row in rows(session).items()}
    body = document_of(article()).text
    keep(article(), reading(article(), found(body, "dose", "0.5 mg/kg"), version="2"))
    keep(article(), reading(article(), version="3"))
    assert {anchor: row.id for anchor, row in rows(session).items()} == first
    assert {row.status for row in rows(session).values()} == {Status.PENDING}


def test_a_revised_abstract_keeps_the_ids_of_the_sentences_that_stand(session: Session, keep: Keep) -> None:
    keep(article())
    first = {anchor: row.id for anchor, row in rows(session).items()}
    longer = article(abstract="Depression is common. " + ABSTRACT)
    assert keep(longer).new == 0
    kept = rows(session)
    assert {anchor: row.id for anchor, row in kept.items()} == first
    text_now = document_of(longer).text
    assert all(text_now[row.start : row.end] == row.anchor for row in kept.values())


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.CORRECTED])
def test_what_a_person_decided_stays_and_the_disagreement_is_flagged(
    session: Session, keep: Keep, status: Status
) -> None:
    keep(article())
    decided = rows(session)["MADRS score"]
    decided.status = status
    session.flush()
    body = document_of(article()).text
    other = found(
        body, "outcome", "MADRS score", direction="no_difference", timepoint="24 h", p_value="<0.001"
    )
    counts = keep(article(), reading(article(), other, version="2"))
    kept = rows(session)["MADRS score"]
    assert counts.disagreed == 1
    assert (kept.status, kept.direction, kept.attention) == (status, "decreased", True)
    assert kept.record["direction"] == "no_difference"
    flag = session.get(FindingFlag, (kept.id, "disagrees", "store"))
    assert flag is not None
    assert "direction" in flag.reason


def test_a_decided_finding_that_is_not_read_again_is_queued_and_not_superseded(
    session: Session, keep: Keep
) -> None:
    keep(article())
    rows(session)["Dissociation"].status = Status.ACCEPTED
    session.flush()
    body = document_of(article()).text
    keep(article(), reading(article(), found(body, "dose", "0.5 mg/kg"), version="2"))
    kept = rows(session)["Dissociation"]
    assert (kept.status, kept.attention) == (Status.ACCEPTED, True)


def test_two_claims_on_the_same_words_stay_two(session: Session, keep: Keep) -> None:
    body = document_of(article()).text
    early = found(body, "outcome", "MADRS score", timepoint="24 h")
    late = found(body, "outcome", "MADRS score", timepoint="day 7", direction="no_difference")
    keep(article(), reading(article(), early, late))
    keep(article(), reading(article(), late, early, version="2"))
    stored = session.exec(select(FindingRow)).all()
    assert sorted((row.id, row.timepoint) for row in stored) == sorted(
        [(early.id, "24 h"), (late.id, "day 7")]
    )


def test_the_same_words_in_another_article_are_another_claim(session: Session, keep: Keep) -> None:
    keep(article("9900001"))
    assert keep(article("9900002")).new == 3
    assert len(session.exec(select(FindingRow)).all()) == 6
