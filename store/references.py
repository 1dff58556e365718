"""The articles behind findings for reference managers (RIS, BibTeX) and with marked words (BioC JSON)."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from sqlmodel import Session

from nlp.article import Article, Author
from nlp.errors import StoreError
from store.queries import Item
from store.tables import ArticleRow, ArticleVersion

_BIBTEX = {character: f"\\{character}" for character in "&%$#_{}"}
_BIBTEX |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def _articles(session: Session, items: Iterable[Item]) -> Iterator[Article]:
    """Give each article once; a list keeps an article's findings together."""
    for _, of_article in groupby(items, lambda item: item.finding.pmid):
        row = next(of_article).article
        yield Article.model_validate(_version(session, row.version_id, row).record)


def _version(session: Session, version_id: int, row: ArticleRow) -> ArticleVersion:
    version = session.get(ArticleVersion, version_id)
    if version is None:
        raise StoreError(f"The text of PMID {row.pmid} is gone: restore a backup.")
    return version


def _name(author: Author) -> str:
    person = ", ".join(filter(None, (author.last_name, author.fore_name or author.initials)))
    return author.collective_name or person


def ris(session: Session, items: Iterable[Item], notice: str) -> Iterator[str]:
    """Write one RIS reference an article, one line a tag; the notice is its note, since RIS has no comments."""
    for article in _articles(session, items):
        journal, (first, last) = article.journal, _pages(article.journal.pages)
        tags = (
            *(("AU", _name(author)) for author in article.authors),
            ("TI", article.title),
            ("T2", journal.title),
            ("J2", journal.iso_abbreviation),
            ("PY", str(article.year or "")),
            *(("VL", journal.volume), ("IS", journal.issue), ("SP", first), ("EP", last)),
            *(("SN", journal.issn), ("DO", article.doi), ("AN", article.pmid)),
            ("UR", f"https://pubmed.ncbi.nlm.nih.gov/{article.pmid}/"),
            ("N1", notice),
        )
        lines = [f"{tag}  - {' '.join(value.split())}" for tag, value in tags if value]
        yield "\r\n".join(["TY  - JOUR", *lines, "ER  - ", "", ""])


def _pages(pages: str | None) -> tuple[str | None, str | None]:
    first, _, last = (pages or "").partition("-")
    return first or None, last or None


def bibtex(session: Session, items: Iterable[Item], notice: str) -> Iterator[str]:
    """Write one BibTeX entry an article, under the key pmidN, after the notice as a comment."""
    yield f"% {notice}\n\n"
    for article in _articles(session, items):
        journal = article.journal
        fields = {
            "author": " and ".join(map(_bibtex_author, article.authors)),
            "title": f"{{{_escaped(article.title)}}}",
            "journal": _escaped(journal.title or journal.iso_abbreviation or ""),
            "year": str(article.year or ""),
            "volume": _escaped(journal.volume or ""),
            "number": _escaped(journal.issue or ""),
            "pages": _escaped(journal.pages or "").replace("-", "--"),
            "doi": _escaped(article.doi or ""),
            "pmid": article.pmid,
        }
        body = ",\n".join(f"  {field} = {{{value}}}" for field, value in fields.items() if value)
        yield f"@article{{pmid{article.pmid},\n{body}\n}}\n\n"


def _bibtex_author(author: Author) -> str:
    name = _escaped(_name(author))
    return f"{{{name}}}" if author.collective_name else name


def _escaped(text: str) -> str:
    return re.sub(r"[&%$#_{}\\~^]", lambda match: _BIBTEX[match[0]], " ".join(text.split()))


def bioc(session: Session, items: Iterable[Item], notice: str) -> Iterator[str]:
    """Write a BioC collection: a document a text that findings were read in, an annotation a finding's words.

    Offsets count code points from the beginning of the document, as BioC's JSON does
    (https://bioc.sourceforge.net). A finding whose article was revised since stands in the text it was read in.
    """
    infons = json.dumps({"notice": notice})
    yield f'{{"source":"ketmine","date":"","key":"ketmine.key","infons":{infons},"documents":['
    comma = ""
    for (pmid, version_id), group in groupby(
        items, lambda item: (item.finding.pmid, item.finding.version_id)
    ):
        found = list(group)
        text = _version(session, version_id, found[0].article).text
        yield comma + json.dumps(
            {"id": pmid, "infons": {}, "passages": _passages(text, found)}, ensure_ascii=False
        )
        comma = ","
    yield "]}\n"


def _passages(text: str, found: list[Item]) -> list[dict[str, object]]:
    title, _, abstract = text.partition("\n")
    passages = []
    for kind, start, said in (("title", 0, title), ("abstract", len(title) + 1, abstract)):
        inside = [item.finding for item in found if start <= item.finding.start < start + len(said)]
        marks = [
            {
                "id": row.id,
                "infons": {"type": row.type, "drug": row.drug, "status": row.status, "quote": row.quote},
                "text": row.anchor,
                "locations": [{"offset": row.start, "length": row.end - row.start}],
            }
            for row in inside
        ]
        if said:
            passages.append(
                {"offset": start, "infons": {"type": kind}, "text": said, "sentences": []}
                | {"annotations": marks, "relations": []}
            )
    return passages
