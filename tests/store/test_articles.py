"""A revision supersedes and never erases; retractions and corrections reach the findings."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import Session, select

from nlp.article import CommentsCorrections, PublicationType, RegistryNumber
from store.articles import (
    SPOKEN_OF,
    document,
    held_pmids,
    keep_article,
    keep_raw,
    mark_deleted,
    raw_record,
)
from store.findings import Reconciled
from store.people.rights import Person, Role
from store.queries import FindingQuery, find
from store.review import decide
from store.tables import ArticleRow, ArticleVersion, FindingFlag, FindingRow, RawRecord
from store.transitions import Action
from tests.store.conftest import ABSTRACT, article

Keep = Callable[..., Reconciled]


def test_a_new_article_is_new_then_unchanged_then_revised(session: Session, run_id: int) -> None:
    assert keep_article(session, run_id, article(), b"<a/>") == "new"
    assert keep_article(session, run_id, article(), b"<a/>") == "unchanged"
    assert keep_article(session, run_id, article(abstract="Other words."), b"<b/>") == "revised"
    versions = session.exec(select(ArticleVersion)).all()
    assert [version.number for version in versions] == [1, 2]
    assert ABSTRACT in versions[0].text
    assert document(session, "9900001").text.endswith("Other words.")


def test_a_date_that_nlm_touched_is_no_revision(session: Session, run_id: int) -> None:
    keep_article(session, run_id, article(), b"1")
    assert keep_article(session, run_id, article(revised=date(2026, 2, 3)), b"2") == "unchanged"


def test_an_older_version_of_the_pmid_changes_nothing_but_is_kept(session: Session, run_id: int) -> None:
    keep_article(session, run_id, article(version=2, abstract="Second."), b"two")
    assert keep_article(session, run_id, article(version=1, abstract="First."), b"one") == "unchanged"
    assert document(session, "9900001").text.endswith("Second.")
    assert len(session.exec(select(RawRecord)).all()) == 2


def test_an_older_state_of_the_record_changes_nothing(session: Session, run_id: int) -> None:
    keep_article(session, run_id, article(revised=date(2026, 2, 3)), b"new")
    before = article(abstract="As it was.", revised=date(2026, 1, 1))
    assert keep_article(session, run_id, before, b"old") == "unchanged"
    assert ABSTRACT in document(session, "9900001").text


def test_a_record_is_kept_byte_for_byte_and_once(session: Session, run_id: int) -> None:
    digest = keep_raw(session, run_id, b"<PubmedArticle>\xc3\xa9</PubmedArticle>", "9900001")
    assert keep_raw(session, run_id, b"<PubmedArticle>\xc3\xa9</PubmedArticle>", "9900001") == digest
    assert raw_record(session, digest) == b"<PubmedArticle>\xc3\xa9</PubmedArticle>"
    assert len(session.exec(select(RawRecord)).all()) == 1


def flags(session: Session) -> set[str]:
    """Give the codes of all flags."""
    return {flag.code for flag in session.exec(select(FindingFlag))}


@pytest.mark.parametrize(
    "fields",
    [
        {"links": (CommentsCorrections(ref_type="RetractionIn", pmid="9900099"),)},
        {"publication_types": (PublicationType(ui="D016441", name="Retracted Publication"),)},
    ],
    ids=["a link in the record", "the publication type"],
)
def test_a_retraction_hides_the_article_and_marks_its_findings(
    session: Session, run_id: int, keep: Keep, fields: dict[str, object]
) -> None:
    keep(article())
    keep_article(session, run_id, article(**fields), b"retracted")
    row = session.get(ArticleRow, "9900001")
    assert row is not None
    assert row.retracted
    assert flags(session) == {"source_retracted"}
    assert all(finding.attention for finding in session.exec(select(FindingRow)))


@pytest.mark.parametrize("notice_first", [True, False])
def test_a_notice_means_the_pmid_that_it_names_and_not_itself(
    session: Session, run_id: int, keep: Keep, notice_first: bool
) -> None:
    link = CommentsCorrections(ref_type="RetractionOf", pmid="9900001")
    notice = article("9900099", title="Retraction notice", abstract="", links=(link,))
    if notice_first:
        keep_article(session, run_id, notice, b"notice")
    keep(article())
    if not notice_first:
        keep_article(session, run_id, notice, b"notice")
    retracted = {row.pmid: row.retracted for row in session.exec(select(ArticleRow))}
    assert retracted == {"9900001": True, "9900099": False}
    assert flags(session) == {"source_retracted"}


@pytest.mark.parametrize(
    "ref_type",
    [
        "ErratumIn",
        "ExpressionOfConcernIn",
        "UpdateIn",
        "CorrectedandRepublishedIn",
        "RetractedandRepublishedIn",
    ],
)
def test_a_correction_warns_and_queues_again_and_hides_nothing(
    session: Session, run_id: int, keep: Keep, ref_type: str
) -> None:
    keep(article())
    link = CommentsCorrections(ref_type=ref_type, pmid="9900077")
    keep_article(session, run_id, article(links=(link,)), b"warned")
    row = session.get(ArticleRow, "9900001")
    assert row is not None
    assert not row.retracted
    assert flags(session) == {"source_corrected"}


@pytest.mark.parametrize("notice_first", [True, False])
@pytest.mark.parametrize(("kind", "means"), SPOKEN_OF.items())
def test_every_notice_says_of_the_pmid_that_it_names_what_that_would_say_itself(
    session: Session, run_id: int, keep: Keep, kind: str, means: str, notice_first: bool
) -> None:
    notice = article(
        "9900099", title="A notice", abstract="", links=(CommentsCorrections(ref_type=kind, pmid="9900001"),)
    )
    acts = [lambda: keep(article()), lambda: keep_article(session, run_id, notice, b"notice")]
    for act in reversed(acts) if notice_first else acts:
        act()
    retracts = means == "RetractionIn"
    named, speaks = (session.get_one(ArticleRow, pmid) for pmid in ("9900001", "9900099"))
    assert (named.retracted, speaks.retracted, speaks.notices) == (retracts, False, [])
    assert flags(session) == {"source_retracted" if retracts else "source_corrected"}


def test_a_retraction_marks_what_a_person_accepted_and_leaves_the_decision(
    session: Session, run_id: int, keep: Keep
) -> None:
    keep(article())
    finding = session.exec(select(FindingRow).where(FindingRow.type == "dose")).one()
    decide(session, finding.id, "accept", Person("Ada", Role.ADJUDICATOR), seen=finding.revision)
    session.flush()
    assert not finding.attention
    links = (CommentsCorrections(ref_type="RetractionIn", pmid="9900099"),)
    keep_article(session, run_id, article(links=links), b"retracted")
    session.refresh(finding)
    assert (finding.status, finding.attention, finding.flagged) == ("accepted", True, True)
    assert find(session, FindingQuery()).total == 0
    assert find(session, FindingQuery(retracted="any")).total == 3


def test_a_deletion_is_marked_and_nothing_is_erased(session: Session, run_id: int, keep: Keep) -> None:
    keep(article())
    assert mark_deleted(session, "9900001")
    assert not mark_deleted(session, "9900001")
    assert not mark_deleted(session, "9900002")
    assert flags(session) == {"source_deleted"}
    assert held_pmids(session) == ["9900001"]  # it is asked for again: it may come back
    assert keep_article(session, run_id, article(), b"back") == "unchanged"
    row = session.get(ArticleRow, "9900001")
    assert row is not None
    assert not row.deleted
    assert flags(session) == set()
    assert not any(finding.flagged or finding.attention for finding in session.exec(select(FindingRow)))


def test_a_deleted_record_that_comes_back_revised_is_no_longer_flagged_as_deleted(
    session: Session, run_id: int, keep: Keep
) -> None:
    keep(article())
    mark_deleted(session, "9900001")
    assert keep_article(session, run_id, article(title="Another title"), b"back") == "revised"
    assert flags(session) == set()


def test_a_warning_that_the_record_no_longer_bears_is_taken_back(
    session: Session, run_id: int, keep: Keep
) -> None:
    keep(article())
    link = CommentsCorrections(ref_type="ErratumIn", pmid="9900077")
    keep_article(session, run_id, article(links=(link,)), b"warned")
    assert flags(session) == {"source_corrected"}
    keep_article(session, run_id, article(), b"no longer")
    assert flags(session) == set()
    assert not any(finding.attention for finding in session.exec(select(FindingRow)))


def test_the_trial_number_is_kept_with_the_article(session: Session, run_id: int) -> None:
    numbers = (
        RegistryNumber(bank="ISRCTN", accession="ISRCTN1"),
        RegistryNumber(bank="X", accession="NCT00000001"),
    )
    keep_article(session, run_id, article(registry_numbers=numbers), b"1")
    row = session.get(ArticleRow, "9900001")
    assert row is not None
    assert row.registry_number == "NCT00000001"


def test_a_second_correction_is_told_and_queues_again_what_was_decided_after_the_first(
    session: Session, run_id: int, keep: Keep
) -> None:
    keep(article())
    links = [CommentsCorrections(ref_type="ErratumIn", pmid=pmid) for pmid in ("9900077", "9900078")]
    keep_article(session, run_id, article(links=(links[0],)), b"warned")
    row = session.exec(select(FindingRow)).first()
    assert row is not None
    decide(session, row.id, Action.ACCEPT, Person("Ada", Role.CURATOR), seen=row.revision)
    assert not row.attention
    keep_article(session, run_id, article(links=tuple(links)), b"warned again")
    flag = session.get_one(FindingFlag, (row.id, "source_corrected", "store"))
    assert "9900078" in flag.reason
    assert row.attention
