"""One PubmedArticle or PubmedBookArticle element → Article.

The elements are described at https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html.
"""

import re
from collections.abc import Iterator
from datetime import date

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


def article_of(record: etree._Element) -> Article:
    """Read an article.

    Raises:
        RecordError: it has no PMID, or a field that no rule can read; the message says which.
    """
    is_book = record.tag == "PubmedBookArticle"
    citation = record.find("BookDocument" if is_book else "MedlineCitation")
    pmid = citation.find("PMID") if citation is not None else None
    if citation is None or pmid is None or not (pmid.text or "").strip().isdigit():
        raise RecordError("it has no PMID")
    article = citation if is_book else citation.find("Article")
    if article is None:
        raise RecordError("it has no Article element")
    title = text_of(article.find("ArticleTitle")) or text_of(article.find("Book/BookTitle"))
    abstract = tuple(_sections(article.find("Abstract")))
    data = record.find("PubmedBookData" if is_book else "PubmedData")
    return Article(
        pmid=(pmid.text or "").strip(),
        version=_version(pmid),
        title=title,
        vernacular_title=text_of(article.find("VernacularTitle")) or None,
        abstract=abstract,
        other_abstracts=tuple(_other_abstract(other) for other in citation.iterfind("OtherAbstract")),
        journal=_journal(article),
        publication_date=_partial(article.find("Journal/JournalIssue/PubDate"))
        or _partial(article.find("Book/PubDate")),
        electronic_date=_partial(article.find("ArticleDate")),
        created=_day(citation.find("DateCreated")) or _history(data, "entrez"),
        revised=_day(citation.find("DateRevised")),
        completed=_day(citation.find("DateCompleted")),
        languages=tuple(_texts(article, "Language")),
        publication_types=tuple(
            PublicationType(ui=kind.get("UI", ""), name=text_of(kind))
            for kind in article.iterfind(
                "PublicationTypeList/PublicationType" if not is_book else "PublicationType"
            )
        ),
        mesh=tuple(_heading(heading) for heading in citation.iterfind("MeshHeadingList/MeshHeading")),
        keywords=tuple(_texts(citation, "KeywordList/Keyword")),
        substances=tuple(_substances(citation)),
        registry_numbers=tuple(_registry_numbers(article, title, abstract)),
        authors=tuple(_author(author) for author in article.iterfind("AuthorList/Author")),
        doi=_identifier(data, "doi") or _location(article, "doi"),
        pmcid=_identifier(data, "pmc"),
        links=tuple(_links(citation)),
        publication_status=text_of(data.find("PublicationStatus")) or None if data is not None else None,
    )


def _version(pmid: etree._Element) -> int:
    version = pmid.get("Version", "1")
    return int(version) if version.isdigit() else 1


def _texts(element: etree._Element, path: str) -> Iterator[str]:
    return (text for text in map(text_of, element.iterfind(path)) if text)


def _sections(abstract: etree._Element | None) -> Iterator[AbstractSection]:
    if abstract is None:
        return
    for part in abstract.iterfind("AbstractText"):
        text = text_of(part)
        if text:
            label = (part.get("Label") or "").strip()
            yield AbstractSection(label=label or None, category=part.get("NlmCategory") or None, text=text)


def _other_abstract(other: etree._Element) -> OtherAbstract:
    return OtherAbstract(
        type=other.get("Type"), language=other.get("Language"), sections=tuple(_sections(other))
    )


def _journal(article: etree._Element) -> Journal:
    def text(path: str) -> str | None:
        return text_of(article.find(path)) or None

    return Journal(
        title=text("Journal/Title") or text("Book/BookTitle"),
        iso_abbreviation=text("Journal/ISOAbbreviation"),
        issn=text("Journal/ISSN"),
        volume=text("Journal/JournalIssue/Volume"),
        issue=text("Journal/JournalIssue/Issue"),
        pages=text("Pagination/MedlinePgn"),
    )


def _month(text: str) -> int | None:
    number = int(text) if text.isdigit() else _MONTHS.get(text.lower()[:3])
    return number if number and 1 <= number <= 12 else None


def _partial(element: etree._Element | None) -> PartialDate | None:
    """Read a PubDate or ArticleDate as precisely as it is stated; a season or a range gives its beginning."""
    if element is None:
        return None
    loose = text_of(element.find("MedlineDate"))
    year = text_of(element.find("Year")) or loose
    found = _YEAR.search(year)
    if found is None:
        return None
    month = _month(text_of(element.find("Month")))
    if loose and (name := _MEDLINE_MONTH.search(loose)):
        month = _month(name[1])
    day = text_of(element.find("Day"))
    precise = int(day) if month and day.isdigit() and 1 <= int(day) <= 31 else None
    return PartialDate(year=int(found[1]), month=month, day=precise)


def _day(element: etree._Element | None) -> date | None:
    """Read a date of NLM's own, which is always whole.

    Raises:
        RecordError: it is no day of the calendar.
    """
    if element is None:
        return None
    parts = [text_of(element.find(name)) for name in ("Year", "Month", "Day")]
    try:
        return date(*map(int, parts))
    except ValueError:
        raise RecordError(f"{element.tag} is no date: {'-'.join(parts)!r}") from None


def _history(data: etree._Element | None, status: str) -> date | None:
    """Read a day of the record's history: `entrez` is what a search calls CRDT, `pubmed` is EDAT."""
    if data is None:
        return None
    return _day(data.find(f"History/PubMedPubDate[@PubStatus='{status}']"))


def _term(element: etree._Element) -> MeshTerm:
    return MeshTerm(ui=element.get("UI", ""), name=text_of(element), major=element.get("MajorTopicYN") == "Y")


def _heading(heading: etree._Element) -> MeshHeading:
    descriptor = heading.find("DescriptorName")
    if descriptor is None:
        raise RecordError("a MeshHeading has no DescriptorName")
    return MeshHeading(
        descriptor=_term(descriptor), qualifiers=tuple(map(_term, heading.iterfind("QualifierName")))
    )


def _substances(citation: etree._Element) -> Iterator[Substance]:
    for chemical in citation.iterfind("ChemicalList/Chemical"):
        name = chemical.find("NameOfSubstance")
        if name is not None:
            number = text_of(chemical.find("RegistryNumber")) or "0"
            yield Substance(ui=name.get("UI", ""), name=text_of(name), registry_number=number)


def _registry_numbers(
    article: etree._Element, title: str, abstract: tuple[AbstractSection, ...]
) -> Iterator[RegistryNumber]:
    """Give the numbers of DataBankList, then the NCT numbers that only the text names."""
    seen = set()
    for bank in article.iterfind("DataBankList/DataBank"):
        name = text_of(bank.find("DataBankName"))
        for accession in _texts(bank, "AccessionNumberList/AccessionNumber"):
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


def _author(author: etree._Element) -> Author:
    def text(name: str) -> str | None:
        return text_of(author.find(name)) or None

    return Author(
        last_name=text("LastName"),
        fore_name=text("ForeName"),
        initials=text("Initials"),
        collective_name=text("CollectiveName"),
        orcid=text("Identifier[@Source='ORCID']"),
    )


def _identifier(data: etree._Element | None, kind: str) -> str | None:
    found = data.find(f"ArticleIdList/ArticleId[@IdType='{kind}']") if data is not None else None
    return text_of(found) or None


def _location(article: etree._Element, kind: str) -> str | None:
    for location in article.iterfind(f"ELocationID[@EIdType='{kind}']"):
        if location.get("ValidYN", "Y") == "Y":
            return text_of(location) or None
    return None


def _links(citation: etree._Element) -> Iterator[CommentsCorrections]:
    for link in citation.iterfind("CommentsCorrectionsList/CommentsCorrections"):
        pmid = text_of(link.find("PMID"))
        yield CommentsCorrections(
            ref_type=link.get("RefType", ""),
            pmid=pmid or None,
            ref_source=text_of(link.find("RefSource")) or None,
        )
