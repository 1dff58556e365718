"""One PubmedArticle or PubmedBookArticle element → Article.

The elements are described at https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html. A record has hundreds of
them, and a `find` costs ten times what a step to the next child does: each element's children are gone over once.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import TypeAlias

from lxml import etree

from flows.pubmed.markup import text_of
from nlp.article import (
    AbstractSection,
    Article,
    Author,
    CommentsCorrections,
    Journal,
    MeshHeading,
    MeshTerm,
    OtherAbstract,
    PartialDate,
    PublicationType,
    RegistryNumber,
    Substance,
)
from nlp.errors import RecordError

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_YEAR = re.compile(r"\b(1[6-9]\d\d|20\d\d|21\d\d)\b")
_MEDLINE_MONTH = re.compile(r"\b([A-Za-z]{3,9})\b")
_NCT = re.compile(r"\bNCT\s?0?\d{7,8}\b")
_CLINICAL_TRIALS = "ClinicalTrials.gov"

Element: TypeAlias = etree._Element
Parts = dict[str, Element]
"""The children of an element, the first of each name."""


def article_of(record: Element) -> Article:
    """Read an article.

    Raises:
        RecordError: it has no PMID, or a field that no rule can read; the message says which.
    """
    is_book = record.tag == "PubmedBookArticle"
    top = _parts(record)
    citation = _parts(top.get("BookDocument" if is_book else "MedlineCitation"))
    pmid = citation.get("PMID")
    if pmid is None or not _is_number(text_of(pmid)):
        raise RecordError("it has no PMID")
    if not is_book and "Article" not in citation:
        raise RecordError("it has no Article element")
    article = citation if is_book else _parts(citation["Article"])
    journal, book = _parts(article.get("Journal")), _parts(article.get("Book"))
    issue = _parts(journal.get("JournalIssue"))
    data = _parts(top.get("PubmedBookData" if is_book else "PubmedData"))
    ids = _identifiers(data.get("ArticleIdList"))
    title = text_of(article.get("ArticleTitle")) or text_of(book.get("BookTitle"))
    abstract = _sections(article.get("Abstract"))
    kinds = article.get("PublicationType") if is_book else _first(article.get("PublicationTypeList"))
    return Article(
        pmid=text_of(pmid),
        version=_version(pmid),
        title=title,
        vernacular_title=text_of(article.get("VernacularTitle")) or None,
        abstract=abstract,
        other_abstracts=tuple(map(_other_abstract, _every(citation.get("OtherAbstract")))),
        journal=_journal(article, journal, issue, book),
        publication_date=_partial(issue.get("PubDate")) or _partial(book.get("PubDate")),
        electronic_date=_partial(article.get("ArticleDate")),
        # `entrez` is the day that a search calls CRDT; `pubmed` is EDAT, and may be the day of publication
        created=_day(citation.get("DateCreated")) or _history(data.get("History"), "entrez"),
        revised=_day(citation.get("DateRevised")),
        completed=_day(citation.get("DateCompleted")),
        languages=_texts(_every(article.get("Language"))),
        publication_types=tuple(
            PublicationType(ui=kind.get("UI", ""), name=text_of(kind)) for kind in _every(kinds)
        ),
        mesh=tuple(map(_heading, _each(citation.get("MeshHeadingList"), "MeshHeading"))),
        keywords=_texts(
            word for words in _every(citation.get("KeywordList")) for word in _each(words, "Keyword")
        ),
        substances=tuple(_substances(citation.get("ChemicalList"))),
        registry_numbers=tuple(_registry_numbers(article.get("DataBankList"), title, abstract)),
        authors=tuple(map(_author, _each(article.get("AuthorList"), "Author"))),
        doi=ids.get("doi") or _location(article.get("ELocationID"), "doi"),
        pmcid=ids.get("pmc"),
        links=tuple(_links(citation.get("CommentsCorrectionsList"))),
        publication_status=text_of(data.get("PublicationStatus")) or None,
    )


def _parts(element: Element | None) -> Parts:
    parts: Parts = {}
    if element is not None:
        for child in element:
            parts.setdefault(child.tag, child)
    return parts


def _first(element: Element | None) -> Element | None:
    return next(element.iterchildren("*"), None) if element is not None else None


def _every(first: Element | None) -> Iterator[Element]:
    """Give an element and those after it of the same name."""
    if first is not None:
        yield first
        yield from first.itersiblings(first.tag)


def _each(parent: Element | None, name: str) -> Iterator[Element]:
    return iter(()) if parent is None else parent.iterchildren(name)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _version(pmid: Element) -> int:
    version = pmid.get("Version", "1")
    return int(version) if _is_number(version) else 1


def _texts(elements: Iterator[Element]) -> tuple[str, ...]:
    return tuple(text for text in map(text_of, elements) if text)


def _sections(abstract: Element | None) -> tuple[AbstractSection, ...]:
    sections = []
    for part in _each(abstract, "AbstractText"):
        text = text_of(part)
        if text:
            label = (part.get("Label") or "").strip()
            category = part.get("NlmCategory") or None
            sections.append(AbstractSection(label=label or None, category=category, text=text))
    return tuple(sections)


def _other_abstract(other: Element) -> OtherAbstract:
    return OtherAbstract(type=other.get("Type"), language=other.get("Language"), sections=_sections(other))


def _journal(article: Parts, journal: Parts, issue: Parts, book: Parts) -> Journal:
    pages = article.get("Pagination")
    return Journal(
        title=text_of(journal.get("Title")) or text_of(book.get("BookTitle")) or None,
        iso_abbreviation=text_of(journal.get("ISOAbbreviation")) or None,
        issn=text_of(journal.get("ISSN")) or None,
        volume=text_of(issue.get("Volume")) or None,
        issue=text_of(issue.get("Issue")) or None,
        pages=text_of(_parts(pages).get("MedlinePgn")) or None,
    )


def _month(text: str) -> int | None:
    number = int(text) if _is_number(text) else _MONTHS.get(text.lower()[:3])
    return number if number and 1 <= number <= 12 else None


def _partial(element: Element | None) -> PartialDate | None:
    """Read a PubDate or ArticleDate as precisely as it is stated; a season or a range gives its beginning."""
    if element is None:
        return None
    parts = _parts(element)
    loose = text_of(parts.get("MedlineDate"))
    found = _YEAR.search(text_of(parts.get("Year")) or loose)
    if found is None:
        return None
    month = _month(text_of(parts.get("Month")))
    if loose and (name := _MEDLINE_MONTH.search(loose)):
        month = _month(name[1])
    day = text_of(parts.get("Day"))
    precise = int(day) if month and _is_number(day) and 1 <= int(day) <= 31 else None
    return PartialDate(year=int(found[1]), month=month, day=precise)


def _day(element: Element | None) -> date | None:
    """Read a date of NLM's own, which is always whole.

    Raises:
        RecordError: it is no day of the calendar.
    """
    if element is None:
        return None
    parts = _parts(element)
    stated = [text_of(parts.get(name)) for name in ("Year", "Month", "Day")]
    try:
        return date(*map(int, stated))
    except (ValueError, OverflowError):
        raise RecordError(f"{element.tag} is no date: {'-'.join(stated)!r}") from None


def _history(history: Element | None, status: str) -> date | None:
    for day in _each(history, "PubMedPubDate"):
        if day.get("PubStatus") == status:
            return _day(day)
    return None


def _term(element: Element) -> MeshTerm:
    return MeshTerm(ui=element.get("UI", ""), name=text_of(element), major=element.get("MajorTopicYN") == "Y")


def _heading(heading: Element) -> MeshHeading:
    descriptor = _first(heading)
    if descriptor is None or descriptor.tag != "DescriptorName":
        raise RecordError("a MeshHeading has no DescriptorName")
    return MeshHeading(
        descriptor=_term(descriptor), qualifiers=tuple(map(_term, heading.iterchildren("QualifierName")))
    )


def _substances(chemicals: Element | None) -> Iterator[Substance]:
    for chemical in _each(chemicals, "Chemical"):
        parts = _parts(chemical)
        name = parts.get("NameOfSubstance")  # an element without children is false
        if name is not None:
            number = text_of(parts.get("RegistryNumber")) or "0"
            yield Substance(ui=name.get("UI", ""), name=text_of(name), registry_number=number)


def _registry_numbers(
    banks: Element | None, title: str, abstract: tuple[AbstractSection, ...]
) -> Iterator[RegistryNumber]:
    """Give the numbers of DataBankList, then the NCT numbers that only the text names."""
    seen = set()
    for bank in _each(banks, "DataBank"):
        parts = _parts(bank)
        name = text_of(parts.get("DataBankName"))
        for accession in _texts(_each(parts.get("AccessionNumberList"), "AccessionNumber")):
            seen.add(accession)
            yield RegistryNumber(bank=name, accession=accession)
    for text in (title, *(section.text for section in abstract)):
        if "NCT" not in text:
            continue
        for match in _NCT.findall(text):
            accession = match.replace(" ", "")
            if accession not in seen:
                seen.add(accession)
                yield RegistryNumber(bank=_CLINICAL_TRIALS, accession=accession)


def _author(author: Element) -> Author:
    parts = _parts(author)
    orcid = (i for i in _every(parts.get("Identifier")) if i.get("Source") == "ORCID")
    return Author(
        last_name=text_of(parts.get("LastName")) or None,
        fore_name=text_of(parts.get("ForeName")) or None,
        initials=text_of(parts.get("Initials")) or None,
        collective_name=text_of(parts.get("CollectiveName")) or None,
        orcid=text_of(next(orcid, None)) or None,
    )


def _identifiers(ids: Element | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for identifier in _each(ids, "ArticleId"):
        text = text_of(identifier)
        if text:
            found.setdefault(identifier.get("IdType", "pubmed"), text)
    return found


def _location(first: Element | None, kind: str) -> str | None:
    for location in _every(first):
        if location.get("EIdType") == kind and location.get("ValidYN", "Y") == "Y":
            return text_of(location) or None
    return None


def _links(links: Element | None) -> Iterator[CommentsCorrections]:
    for link in _each(links, "CommentsCorrections"):
        parts = _parts(link)
        yield CommentsCorrections(
            ref_type=link.get("RefType", ""),
            pmid=text_of(parts.get("PMID")) or None,
            ref_source=text_of(parts.get("RefSource")) or None,
        )
