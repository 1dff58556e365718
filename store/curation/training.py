"""What people settled as training data and as a test split, in the gold format.

An abstract is given when none of its findings waits for a person: then what is not marked in it is a negative too.
`complete` says that a curator has said in so many words that it holds nothing else. On which side of the split it
falls, its PMID decides, for ever: no text that was ever trained on can become test data.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from sqlmodel import Session, col, select

from nlp.article import Record
from store.curation.double import drawn
from store.curation.reviewed import ANNOTATED, SETTLED
from store.curation.tables import WholeAbstract
from store.queries import conditions
from store.tables import ArticleRow, ArticleVersion, FindingRow, Status, StudyRow

TEST_SHARE: Final = 0.2
"""The share of PMIDs that is test data. Never change it, nor the salt below: the split is frozen by them."""

_SALT: Final = "reviewed-test"

Side = Literal["train", "test"]


class Reviewed(Record):
    """One abstract in the gold format (`findings` hold what holds), and on which side of the split it is.

    `study_decided`: a person decided on the study's profile.
    """

    id: str
    pmid: str
    title: str
    text: str
    study: dict[str, Any]
    findings: tuple[dict[str, Any], ...]
    split: Side
    complete: bool
    study_decided: bool


def side(pmid: str) -> Side:
    """Say on which side of the split an article is.

    >>> side("99000101"), side("99000102")
    ('test', 'train')
    """
    return "test" if drawn(pmid, TEST_SHARE, _SALT) else "train"


def abstracts(session: Session) -> Iterator[Reviewed]:
    """Give every abstract whose findings are all settled, in the order of PMIDs."""
    waiting = select(FindingRow.pmid).where(
        col(FindingRow.status).in_([Status.PENDING, Status.NEEDS_ADJUDICATION])
        | (col(FindingRow.attention).is_(True) & (col(FindingRow.status) != Status.SUPERSEDED))
    )
    settled = select(FindingRow.pmid).where(col(FindingRow.status).in_(SETTLED))
    articles = (
        select(ArticleRow, ArticleVersion)
        .join(ArticleVersion, col(ArticleVersion.id) == ArticleRow.version_id)
        .where(
            col(ArticleRow.pmid).in_(settled),
            col(ArticleRow.pmid).not_in(waiting),
            col(ArticleRow.deleted).is_(False),
        )
        .order_by(col(ArticleRow.pmid))
    )
    whole = set(session.exec(select(WholeAbstract.version_id)))
    for article, version in session.exec(articles):
        yield _abstract(session, article, version, version.id in whole)


def _abstract(session: Session, article: ArticleRow, version: ArticleVersion, complete: bool) -> Reviewed:
    held = select(FindingRow).where(
        FindingRow.pmid == article.pmid,
        FindingRow.version_id == version.id,
        col(FindingRow.status).in_([Status.ACCEPTED, Status.CORRECTED]),
    )
    rows = session.exec(held.order_by(col(FindingRow.start), col(FindingRow.id)))
    study = session.get(StudyRow, article.pmid)
    return Reviewed(
        id=f"pmid:{article.pmid}",
        pmid=article.pmid,
        title=version.text.partition("\n")[0],
        text=version.text,
        study=_study(session, article.pmid, study),
        findings=tuple(gold(row.decided or row.record) for row in rows),
        split=side(article.pmid),
        complete=complete,
        study_decided=study is not None and study.machine is not None,
    )


def gold(value: Mapping[str, Any]) -> dict[str, Any]:
    """Give a finding as the annotation guidelines write it, offsets as lists."""
    place = {"anchor": list(value["anchor"]), "evidence": list(value["evidence"])}
    kind, drug, *rest = ("type", *ANNOTATED[str(value["type"])])
    return {kind: value[kind], drug: value[drug], **place, **{field: value[field] for field in rest}}


def _study(session: Session, pmid: str, row: StudyRow | None) -> dict[str, Any]:
    """Give the study's profile as it stands, a person's where one decided."""
    told = {field: getattr(row, field, None) for field in ("species", "design", "blinding", "sample_size")}
    named = [{"text": one.text, "span": [one.start, one.end]} for one in conditions(session, pmid)]
    return {**told, "conditions": named}
