"""One work under two PMIDs, and the papers of one trial, are linked with the reason."""

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from nlp.article import Article, Author, CommentsCorrections, PartialDate, RegistryNumber
from store.articles import keep_article, mark_deleted
from store.companions import ANOTHER_FORM, related
from store.filters import FindingQuery
from store.findings import Reconciled
from store.queries import trials
from store.tables import ArticleRow, Companion, FindingRow
from tests.store.conftest import article

TITLE = "Ketamine against midazolam in late-life depression"
NCT = (RegistryNumber(bank="ClinicalTrials.gov", accession="NCT99000001"),)


def paper(pmid: str, surname: str = "Invented", year: int = 2024, **fields: object) -> Article:
    return article(
        pmid,
        title=fields.pop("title", TITLE),
        authors=(Author(last_name=surname),),
        publication_date=PartialDate(year=year),
        **fields,
    )


def kept(session: Session, run_id: int, *papers: Article) -> list[tuple[str, str, str]]:
    for number, one in enumerate(papers):
        keep_article(session, run_id, one, f"{one.pmid} {number}".encode())
    links = session.exec(select(Companion)).all()
    return sorted((link.pmid, link.other_pmid, link.kind) for link in links)


def test_a_doi_tells_a_work_whatever_its_case(session: Session, run_id: int) -> None:
    first, second = (
        paper("9900001", doi="10.5555/X1"),
        paper("9900002", doi="10.5555/x1", title="Another title of it"),
    )
    assert kept(session, run_id, first, second) == [("9900001", "9900002", "same_work")]


def test_a_preprint_and_its_article_share_title_and_author(session: Session, run_id: int) -> None:
    assert kept(session, run_id, paper("9900002"), paper("9900001", year=2022)) == [
        ("9900001", "9900002", "same_work")
    ]
    (other,) = related(session, "9900001")
    assert (other.article.pmid, other.evidence) == ("9900002", "title, and author Invented")


@pytest.mark.parametrize(
    ("title", "other"),
    [
        (TITLE, TITLE.upper()),
        (TITLE, TITLE + "."),
        (TITLE, f"[{TITLE}]."),
        ("Low-dose ketamine in late life", "Low\u2010dose ketamine in late life"),
        ("(R)-ketamine in late-life depression", "R-ketamine in late-life depression"),
        ("Étude de la kétamine à domicile", "E\u0301TUDE DE LA KE\u0301TAMINE A\u0300 DOMICILE"),
        (TITLE * 20, TITLE.upper() * 20),
    ],
    ids=["case", "a full stop", "brackets", "another hyphen", "parentheses", "accents", "a long one"],
)
def test_a_title_is_the_same_whatever_its_case_and_punctuation(
    session: Session, run_id: int, title: str, other: str
) -> None:
    assert kept(session, run_id, paper("9900001", title=title), paper("9900002", title=other)) == [
        ("9900001", "9900002", "same_work")
    ]


def test_a_revised_title_is_compared_as_it_is_now(session: Session, run_id: int) -> None:
    first, second = paper("9900001", title="It was called something else"), paper("9900002")
    assert kept(session, run_id, first, second) == []
    assert kept(session, run_id, paper("9900001", title=TITLE.upper())) == [
        ("9900001", "9900002", "same_work")
    ]


def says(kind: str, **fields: object) -> Article:
    """Make a paper that is like the first in nothing, but says that it is another form of it."""
    link = CommentsCorrections(ref_type=kind, pmid="9900001")
    return paper("9900002", title="Under a new title, by others", surname="X", links=(link,), **fields)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["it comes last", "it comes first"])
@pytest.mark.parametrize("kind", sorted(ANOTHER_FORM))
def test_what_pubmed_calls_another_form_of_a_work_is_one(
    session: Session, run_id: int, kind: str, order: tuple[int, int]
) -> None:
    linked = [("9900001", "9900002", "same_work")]
    papers = (paper("9900001"), says(kind))
    assert kept(session, run_id, *(papers[at] for at in order)) == linked
    assert kept(session, run_id, paper("9900001", abstract="It was revised.")) == linked
    assert kept(session, run_id, says(kind, abstract="This one, too.")) == linked


@pytest.mark.parametrize("kind", sorted(ANOTHER_FORM))
def test_what_pubmed_no_longer_calls_another_form_is_none(session: Session, run_id: int, kind: str) -> None:
    silent = says(kind).model_copy(update={"links": ()})
    assert kept(session, run_id, paper("9900001"), says(kind), silent) == []
    assert kept(session, run_id, paper("9900001", abstract="It was revised.")) == []


@pytest.mark.parametrize(
    "kind", ["RepublishedFrom", *(kind for kind in sorted(ANOTHER_FORM) if kind.endswith("In"))]
)
def test_what_only_links_two_records_warns_of_neither_on_the_others_word(
    session: Session, run_id: int, kind: str
) -> None:
    kept(session, run_id, paper("9900001"), says(kind))
    row = session.get_one(ArticleRow, "9900001")
    assert (row.notices, row.retracted) == ([], False)


@pytest.mark.parametrize(
    "other",
    [
        paper("9900002", surname="Other"),
        paper("9900002", year=2030),
        paper("9900002", title="Editorial comment."),
        paper("9900002", title=TITLE + " again"),
    ],
    ids=["other authors", "years later", "a title of few words", "another title"],
)
def test_what_only_looks_alike_is_not_linked(session: Session, run_id: int, other: Article) -> None:
    first = paper("9900001", title=other.title if len(other.title.split()) < 4 else TITLE)
    assert kept(session, run_id, first, other) == []


def test_papers_of_one_trial_share_its_number(session: Session, run_id: int) -> None:
    first, second = (
        paper("9900001", registry_numbers=NCT),
        paper("9900002", title="Its second paper", registry_numbers=NCT),
    )
    assert kept(session, run_id, first, second) == [("9900001", "9900002", "same_trial")]


def test_papers_of_one_trial_count_once(session: Session, keep: Callable[..., Reconciled]) -> None:
    keep(paper("9900001", registry_numbers=NCT))
    keep(paper("9900002", title="Its second paper", registry_numbers=NCT))
    keep(paper("9900003", title="A paper of its own"))
    assert trials(session, FindingQuery()) == 2


def test_a_revision_that_shares_nothing_any_more_forgets_the_link(session: Session, run_id: int) -> None:
    first, second = (
        paper("9900001", doi="10.5555/x1"),
        paper("9900002", doi="10.5555/x1", title="Something else it was"),
    )
    revised = paper("9900002", doi="10.5555/x2", title="Something else it was")
    assert kept(session, run_id, first, second, revised) == []


def test_a_deleted_article_is_no_companion(session: Session, run_id: int) -> None:
    kept(session, run_id, paper("9900001"), paper("9900002"))
    mark_deleted(session, "9900002")
    assert related(session, "9900001") == []


def test_no_finding_comes_from_no_study(session: Session) -> None:
    assert trials(session, FindingQuery()) == 0


def test_linked_papers_bear_the_name_of_the_first_and_their_findings_too(
    session: Session, keep: Callable[..., Reconciled]
) -> None:
    def named() -> dict[str, set[str]]:
        rows = session.execute(select(FindingRow.pmid, FindingRow.study)).all()
        return {pmid: {study for one, study in rows if one == pmid} for pmid, _ in rows}

    keep(paper("9900003", registry_numbers=NCT))
    assert named() == {"9900003": {NCT[0].accession}}
    keep(paper("9900002", title="Its second paper", registry_numbers=NCT))
    keep(paper("9900004", title="Its protocol", registry_numbers=NCT, year=2020))
    assert named() == {key: {"9900002"} for key in ("9900002", "9900003", "9900004")}
    keep(paper("9900002", title="It was of another trial"))
    assert named() == {"9900002": {"9900002"}, "9900003": {"9900003"}, "9900004": {"9900003"}}
