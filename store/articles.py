"""The write side of articles: what was received is kept, a revision supersedes and never erases."""

import hashlib
import zlib
from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import bindparam, insert, or_, update
from sqlmodel import Session, col, select

from nlp.article import Article, Document, document_of
from nlp.errors import StoreError
from store.companions import ANOTHER_FORM, link_companions, title_key
from store.database import now, rows
from store.doubts import withdraw
from store.scope import PSYCHIATRIC, STUDIES_OF_PEOPLE
from store.tables import (
    ArticleRow,
    ArticleVersion,
    FindingFlag,
    FindingRow,
    Notice,
    RawRecord,
    Status,
    StudyCondition,
    StudyRow,
)

Kept = Literal["new", "revised", "unchanged"]

HOUSEKEEPING = {"revised", "completed", "publication_status"}
"""Fields that NLM touches without saying anything new: a change in them alone is no revision."""

RETRACTED_PUBLICATION = "D016441"
"""MeSH id of the publication type: https://meshb.nlm.nih.gov/record/ui?ui=D016441."""

RETRACTS = {"RetractionIn", "RetractionOf"}
WARNS = {
    "ErratumIn": "an erratum was published",
    "ExpressionOfConcernIn": "an expression of concern was published",
    "UpdateIn": "an update was published",
    "CorrectedandRepublishedIn": "it was corrected and republished",
    "RetractedandRepublishedIn": "it was retracted and republished",
}
"""What a record can say of itself, in words; each queues the article's findings again."""

STANDING = {"RetractionIn", *WARNS}
"""What changes an article's standing; other notices only link it to another record."""

SPOKEN_OF = {
    "RetractionOf": "RetractionIn",
    "ErratumFor": "ErratumIn",
    "ExpressionOfConcernFor": "ExpressionOfConcernIn",
    "UpdateOf": "UpdateIn",
    "CorrectedandRepublishedFrom": "CorrectedandRepublishedIn",
    "RetractedandRepublishedFrom": "RetractedandRepublishedIn",
}
"""What a notice says of another PMID → what that PMID's own record would say."""


class NotHeldError(StoreError):
    """The store does not hold the article that is asked for."""


def keep_raw(session: Session, run_id: int, raw: bytes, pmid: str | None = None) -> str:
    """Keep a record as it was received, once, compressed; give the SHA-256 of its bytes."""
    digest = hashlib.sha256(raw).hexdigest()
    if rows(session, _RAW, hash=digest).first() is None:
        kept = {"hash": digest, "pmid": pmid, "run_id": run_id, "received_at": now()}
        rows(session, insert(RawRecord), **kept, body=zlib.compress(raw))
    return digest


_RAW = select(RawRecord.hash).where(col(RawRecord.hash) == bindparam("hash"))


def raw_record(session: Session, digest: str) -> bytes:
    """Give back a record as it was received."""
    row = session.get(RawRecord, digest)
    if row is None:
        raise StoreError(f"There is no raw record {digest}.")
    return zlib.decompress(row.body)


def content_hash(article: Article) -> str:
    """Give the SHA-256 of everything in an article but NLM's housekeeping."""
    return hashlib.sha256(article.model_dump_json(exclude=HOUSEKEEPING).encode()).hexdigest()


def keep_article(session: Session, run_id: int, article: Article, raw: bytes) -> Kept:
    """Keep an article's current version, and follow what it says of itself and of others.

    A state of the record that is older than the one held changes nothing; its bytes are kept all the same.
    """
    row = session.get(ArticleRow, article.pmid)
    held = session.get(ArticleVersion, row.version_id) if row else None
    digest = content_hash(article)
    kept = _compared(held, article, digest)
    if kept == "unchanged":
        if row and row.deleted and held and held.content_hash == digest:
            row.deleted = False
            mark_findings(session, article.pmid)
        keep_raw(session, run_id, raw, article.pmid)
        return "unchanged"
    if row is None:
        row = ArticleRow(pmid=article.pmid, version_id=0, title=article.title)
        session.add(row)
        session.flush()
    document = document_of(article)
    version = ArticleVersion(
        pmid=article.pmid,
        number=held.number + 1 if held else 1,
        content_hash=digest,
        document_hash=document.hash,
        text=document.text,
        record=article.model_dump(mode="json"),
        raw_hash=keep_raw(session, run_id, raw, article.pmid),
        run_id=run_id,
        received_at=now(),
    )
    session.add(version)
    session.flush()
    back = row.deleted
    _describe(row, article, version)
    if back:
        mark_findings(session, article.pmid)
    _send_notices(session, article)
    _follow(session, row, article)
    touched = {article.pmid} | link_companions(session, article)
    for pmid in touched if held else touched - {article.pmid}:  # nothing was found yet in a new one
        settle(session, pmid)
    return kept


def foreseen(session: Session, article: Article) -> Kept:
    """Say what `keep_article` would make of an article, and keep nothing."""
    row = session.get(ArticleRow, article.pmid)
    held = session.get(ArticleVersion, row.version_id) if row else None
    return _compared(held, article, content_hash(article))


def _compared(held: ArticleVersion | None, article: Article, digest: str) -> Kept:
    if held is None:
        return "new"
    return "unchanged" if held.content_hash == digest or _is_older(article, held) else "revised"


def _is_older(article: Article, held: ArticleVersion) -> bool:
    """Compare PubMed's version and then DateRevised: an old file may be read after a new one."""
    known = Article.model_validate(held.record)
    if article.version != known.version:
        return article.version < known.version
    return bool(article.revised and known.revised and article.revised < known.revised)


def _describe(row: ArticleRow, article: Article, version: ArticleVersion) -> None:
    row.version_id = version.id or 0
    row.title, row.title_key = article.title, title_key(article.title)
    row.journal = article.journal.iso_abbreviation or article.journal.title
    row.year = article.year
    row.doi = article.doi.lower() if article.doi else None
    row.registry_number = next(
        (number.accession for number in article.registry_numbers if number.accession.startswith("NCT")),
        next((number.accession for number in article.registry_numbers), None),
    )
    row.deleted = False


def spoken_of(article: Article, kinds: Mapping[str, str] = SPOKEN_OF) -> dict[str, set[str]]:
    """Give the PMIDs that a notice speaks of, and what it says of each: what that PMID's own record would say."""
    said: dict[str, set[str]] = {}
    for link in article.links:
        if link.ref_type in kinds and link.pmid and link.pmid != article.pmid:
            said.setdefault(link.pmid, set()).add(kinds[link.ref_type])
    return said


def _send_notices(session: Session, article: Article) -> None:
    for pmid, kinds in spoken_of(article, SPOKEN_OF | ANOTHER_FORM).items():
        for kind in sorted(kinds):
            session.merge(Notice(pmid=pmid, ref_type=kind, notice_pmid=article.pmid))
        session.flush()
        follow_notices(session, pmid)


def says_retracted(article: Article) -> bool:
    """Say whether an article's own record says that it was retracted, by its type or by a link."""
    by_type = any(kind.ui == RETRACTED_PUBLICATION for kind in article.publication_types)
    return by_type or any(link.ref_type == "RetractionIn" for link in article.links)


def follow_notices(session: Session, pmid: str) -> None:
    """Bring an article's standing in line with what its record and other records say of it.

    A retraction hides its findings; a correction, an update or a concern flags them and queues them again.
    """
    row = session.get(ArticleRow, pmid)
    version = session.get(ArticleVersion, row.version_id) if row else None
    if row is not None and version is not None:
        _follow(session, row, Article.model_validate(version.record))


def _follow(session: Session, row: ArticleRow, article: Article) -> None:
    said: dict[tuple[str, str | None], dict[str, Any]] = {}
    for link in article.links:
        if link.ref_type in STANDING:
            said[link.ref_type, link.pmid] = {
                "ref_type": link.ref_type,
                "pmid": link.pmid,
                "source": link.ref_source,
            }
    for notice in session.scalars(_HEARD, {"pmid": row.pmid}):
        key = (notice.ref_type, notice.notice_pmid)
        said.setdefault(key, {"ref_type": notice.ref_type, "pmid": notice.notice_pmid, "source": None})
    notices = sorted(said.values(), key=lambda n: (n["ref_type"], n["pmid"] or ""))
    retracted = says_retracted(article) or any(n["ref_type"] == "RetractionIn" for n in notices)
    if notices == row.notices and retracted == row.retracted:
        return
    row.notices, row.retracted = notices, retracted
    session.flush()
    mark_findings(session, row.pmid)
    settle(session, row.pmid)


_HEARD = select(Notice).where(
    col(Notice.pmid) == bindparam("pmid"), col(Notice.ref_type).in_(sorted(STANDING))
)


def settle(session: Session, pmid: str) -> None:
    """Repeat on an article's findings what they are looked for by, where they do not say it yet: see `shared`."""
    row = session.get(ArticleRow, pmid)
    if row is not None:
        said = {_TO.format(field): value for field, value in shared(session, row).items()}
        session.execute(_SETTLE, {"of": pmid, **said})


def shared(session: Session, row: ArticleRow) -> dict[str, Any]:
    """Give what each finding of an article repeats: where it stands in lists, and of what study it is.

    `place` grows with age: −(year · 10⁹ + PMID). `in_scope` says that the filter's defaults for species, setting
    and retraction let the finding through.
    """
    study = rows(session, _STUDY, pmid=row.pmid).first()
    people = study is not None and (study.species in STUDIES_OF_PEOPLE and study.setting in PSYCHIATRIC)
    return {
        "place": -((row.year or 0) * 10**9 + int(row.pmid)),
        "in_scope": people and not row.retracted,
        **{field: getattr(row, field) for field in OF_ARTICLE},
        **{field: getattr(study, field, None) for field in OF_STUDY},
        "conditions": _conditions(session, row.pmid),
    }


OF_ARTICLE = ("study", "year", "retracted")
OF_STUDY = ("species", "design", "setting", "sample_size", "blinding")
"""What a finding repeats of its article and of its study."""

_STUDY = select(*(getattr(StudyRow, field) for field in OF_STUDY)).where(
    col(StudyRow.pmid) == bindparam("pmid")
)

_TO = "to_{}"
_SETTLED = {
    field: bindparam(_TO.format(field), type_=getattr(FindingRow, field).type)
    for field in ("place", "in_scope", *OF_ARTICLE, *OF_STUDY, "conditions")
}
_SETTLE = (
    update(FindingRow)
    .where(
        col(FindingRow.pmid) == bindparam("of"),
        or_(*(getattr(FindingRow, field).is_distinct_from(value) for field, value in _SETTLED.items())),
    )
    .values(_SETTLED)
)
"""Made once: to make it takes longer than to run it."""

MOST_WORDS = 1500
"""Characters of a study's conditions that a filter looks through: PostgreSQL's index takes 2,704 bytes."""


def _conditions(session: Session, pmid: str) -> str | None:
    """Write a study's conditions in lines, each as its words, its concept's name and its CURIE."""
    said = [part or "" for one in rows(session, _ABOUT, pmid=pmid) for part in one]
    return "\n".join(said)[:MOST_WORDS] if said else None


_ABOUT = (
    select(StudyCondition.text, StudyCondition.name, StudyCondition.curie)
    .where(col(StudyCondition.pmid) == bindparam("pmid"))
    .order_by(col(StudyCondition.start))
)


def mark_findings(session: Session, pmid: str) -> None:
    """Flag what was retracted, corrected or deleted and queue it again; take the flags back that hold no longer."""
    row = session.get(ArticleRow, pmid)
    if row is None:
        return
    wanted = standing(row)
    for finding in session.exec(select(FindingRow).where(FindingRow.pmid == pmid)).all():
        for code in OF_SOURCE - wanted.keys():
            withdraw(session, finding, code, "What was said of the article is no longer said.")
        if finding.status == Status.SUPERSEDED:
            continue
        for code, reason in wanted.items():
            flag = session.get(FindingFlag, (finding.id, code, "store"))
            if flag is None or flag.reason != reason:  # a second notice is news too
                session.merge(FindingFlag(finding_id=finding.id, code=code, origin="store", reason=reason))
                finding.flagged = True
                finding.attention = True
    session.flush()


OF_SOURCE = {"source_retracted", "source_corrected", "source_deleted"}
"""Flags that say what became of an article: those that `standing` gives."""


def standing(row: ArticleRow) -> dict[str, str]:
    """Say in words why a person should look at an article's findings: {flag code: reason}."""
    flags = {}
    if row.retracted:
        by = next((n["pmid"] for n in row.notices if n["ref_type"] == "RetractionIn" and n["pmid"]), None)
        flags["source_retracted"] = "The article was retracted" + (f" (notice PMID {by})." if by else ".")
    warnings = [
        WARNS[n["ref_type"]] + (f" (PMID {n['pmid']})" if n["pmid"] else "")
        for n in row.notices
        if n["ref_type"] in WARNS
    ]
    if warnings:
        flags["source_corrected"] = f"Of this article, {'; '.join(warnings)}."
    if row.deleted:
        flags["source_deleted"] = "PubMed no longer holds this record."
    return flags


def mark_deleted(session: Session, pmid: str) -> bool:
    """Mark an article as deleted by NLM; nothing is erased. Say whether it was held and not yet marked."""
    row = session.get(ArticleRow, pmid)
    if row is None or row.deleted:
        return False
    row.deleted = True
    session.flush()
    mark_findings(session, pmid)
    return True


def held_article(session: Session, pmid: str) -> tuple[ArticleRow, ArticleVersion]:
    """Give an article and its current version.

    Raises:
        NotHeldError: no such article is held.
    """
    row = session.get(ArticleRow, pmid)
    version = session.get(ArticleVersion, row.version_id) if row else None
    if row is None or version is None:
        raise NotHeldError(f"PMID {pmid[:20]} is not held.")
    return row, version


def current_version(session: Session, pmid: str) -> ArticleVersion:
    """Give the current version of an article.

    Raises:
        NotHeldError: no such article is held.
    """
    return held_article(session, pmid)[1]


def document(session: Session, pmid: str) -> Document:
    """Build the document of an article's current version."""
    return document_of(Article.model_validate(current_version(session, pmid).record))


def has_abstract(session: Session, pmid: str) -> bool:
    """Say whether the current version has an abstract."""
    return bool(current_version(session, pmid).record.get("abstract"))


def is_held(session: Session, pmid: str) -> bool:
    """Say whether an article is held, deleted ones too."""
    return session.get(ArticleRow, pmid) is not None


def is_deleted(session: Session, pmid: str) -> bool:
    """Say whether an article is held and marked as deleted by NLM."""
    row = session.get(ArticleRow, pmid)
    return row is not None and row.deleted


def held_pmids(session: Session) -> list[str]:
    """List every PMID held, for the weekly sweep; deleted ones too, which may have come back."""
    return list(session.exec(select(ArticleRow.pmid).order_by(col(ArticleRow.pmid))))
