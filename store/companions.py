"""The same work under two PMIDs, and the papers of one trial: linked, with the reason; nothing is dropped."""

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import bindparam, delete
from sqlmodel import Session, and_, col, or_, select

from nlp.article import Article
from store.database import rows
from store.tables import ArticleRow, ArticleVersion, Companion, Notice

YEARS = 3
"""A preprint and its article may lie so many years apart."""

WORDS = 4
"""Least words of a title that can tell a work: `Editorial comment.` is many."""

LONGEST = 500
"""Characters of a title that are compared: PostgreSQL's index takes 2,704 bytes."""

_PRINTED_AGAIN = {
    "UpdateOf": "UpdateIn",
    "CorrectedandRepublishedFrom": "CorrectedandRepublishedIn",
    "RetractedandRepublishedFrom": "RetractedandRepublishedIn",
    "RepublishedFrom": "RepublishedIn",
}
ANOTHER_FORM = _PRINTED_AGAIN | {before: after for after, before in _PRINTED_AGAIN.items()}
"""Links between two records of one work, each → what the other would say: PubMed's own word, also on a preprint."""

KINDS = {"same_work": "the same work", "same_trial": "the same trial"}
"""What two PMIDs may share, and how it is said."""


class Related(NamedTuple):
    """A companion as a page shows it."""

    kind: str
    article: ArticleRow
    evidence: str


def title_key(title: str) -> str:
    """Give what titles are compared by: their letters and digits, whatever their case and form."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", title).casefold()))[:LONGEST]


def link_companions(session: Session, article: Article) -> set[str]:
    """Find the companions of an article that is held; what an earlier version of it shared is forgotten.

    Give the PMIDs whose study bears another name now.
    """
    row = session.get(ArticleRow, article.pmid)
    if row is None:
        return set()
    before = _together(session, row.pmid)
    if len(before) > 1:
        touched = or_(col(Companion.pmid) == row.pmid, col(Companion.other_pmid) == row.pmid)
        session.execute(delete(Companion).where(touched))
    links = list(_found(session, row, article))
    for other, kind, evidence in links:
        first, second = sorted((row.pmid, other), key=int)
        session.merge(Companion(pmid=first, other_pmid=second, kind=kind, evidence=evidence))
    session.flush()
    return _name_studies(session, before) if links or len(before) > 1 else _name_study(session, before)


def _together(session: Session, pmid: str) -> set[str]:
    """Give a PMID and all that are linked to it, by however many steps."""
    found = new = {pmid}
    while new:
        links = rows(session, _TOUCHED, pmids=sorted(new))
        new = {one for link in links for one in link} - found
        found = found | new
    return found


def _name_studies(session: Session, pmids: set[str]) -> set[str]:
    """Name the studies of some papers and of all linked to them: by the first PMID, of a paper alone by its number."""
    left, renamed = set(pmids), set()
    while left:
        together = _together(session, min(left))
        left -= together
        renamed |= _name_study(session, together)
    return renamed


def _name_study(session: Session, together: set[str]) -> set[str]:
    renamed = set()
    for pmid in together:
        row = session.get_one(ArticleRow, pmid)
        name = min(together, key=int) if len(together) > 1 else row.registry_number or pmid
        if row.study != name:
            row.study = name
            renamed.add(pmid)
    session.flush()
    return renamed


_TOUCHED = select(Companion.pmid, Companion.other_pmid).where(
    or_(
        col(Companion.pmid).in_(bindparam("pmids", expanding=True)),
        col(Companion.other_pmid).in_(bindparam("pmids", expanding=True)),
    )
)
_OF = select(Companion).where(
    or_(col(Companion.pmid) == bindparam("pmid"), col(Companion.other_pmid) == bindparam("pmid"))
)


def related(session: Session, pmid: str) -> list[Related]:
    """Give the companions of an article, those of the same work first."""
    links = session.scalars(_OF, {"pmid": pmid}).all()
    found = []
    for link in links:
        other = session.get(ArticleRow, link.other_pmid if link.pmid == pmid else link.pmid)
        if other and not other.deleted:
            found.append(Related(link.kind, other, link.evidence))
    return sorted(found, key=lambda r: (list(KINDS).index(r.kind), int(r.article.pmid)))


def _found(session: Session, row: ArticleRow, article: Article) -> Iterator[tuple[str, str, str]]:
    """Give (PMID, kind, evidence): a DOI tells a work, PubMed's link and a title with an author too, a number a trial."""
    if row.doi:
        for pmid in _others(session, row, col(ArticleRow.doi) == row.doi):
            yield pmid, "same_work", f"DOI {row.doi}"
    if row.registry_number:
        for pmid in _others(session, row, col(ArticleRow.registry_number) == row.registry_number):
            yield pmid, "same_trial", row.registry_number
    for pmid in _said(session, row, article):
        yield pmid, "same_work", "PubMed says so: one is an update or a new printing of the other"
    if row.year and len(row.title.split()) >= WORDS:
        for pmid in _of_one_title(session, row, row.year):
            shared = sorted(_surnames(article) & _surnames(_article(session, pmid)))
            if shared:
                yield pmid, "same_work", f"title, and author {shared[0].title()}"


def _said(session: Session, row: ArticleRow, article: Article) -> set[str]:
    """Give the articles held that this one says to be another form of, and those that say so of it."""
    said = session.scalars(_SAID, {"pmid": row.pmid})
    # a notice stays when its record is revised
    still = {pmid for pmid in said if row.pmid in _named(_article(session, pmid))}
    forms = _named(article) | still
    return set(_others(session, row, col(ArticleRow.pmid).in_(forms))) if forms else set()


_SAID = select(Notice.notice_pmid).where(
    col(Notice.pmid) == bindparam("pmid"), col(Notice.ref_type).in_(sorted(ANOTHER_FORM))
)


def _named(article: Article) -> set[str]:
    return {link.pmid for link in article.links if link.ref_type in ANOTHER_FORM and link.pmid}


def _of_one_title(session: Session, row: ArticleRow, year: int) -> list[str]:
    """Give the articles of some years whose title has the same letters and digits, whatever their case."""
    near = col(ArticleRow.year).between(year - YEARS, year + YEARS)
    return _others(session, row, and_(col(ArticleRow.title_key) == row.title_key, near))


def _others(session: Session, row: ArticleRow, condition: object) -> list[str]:
    wanted = select(ArticleRow.pmid).where(condition, col(ArticleRow.pmid) != row.pmid)  # type: ignore[arg-type]
    return list(session.exec(wanted))


def _article(session: Session, pmid: str) -> Article:
    row = session.get_one(ArticleRow, pmid)
    return Article.model_validate(session.get_one(ArticleVersion, row.version_id).record)


def _surnames(article: Article) -> set[str]:
    return {author.last_name.casefold() for author in article.authors if author.last_name}
