"""One PubmedArticle or PubmedBookArticle element → the fields of an Article, as plain values.

The elements are described at https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html. A record has a hundred of
them and more, and to look at each costs more than to read it: tables say which are read and which are gone into, and what no
table names is passed over with all that is in it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias

from lxml import etree

from flows.pubmed.markup import text_of
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
Fields: TypeAlias = dict[str, Any]
"""The fields of a record of `nlp.article` by name: text, numbers, days, and lists and dictionaries of these."""


def fields_of(record: Element) -> Fields:
    """Read the fields of an article: what `Article.model_validate` takes.

    Raises:
        RecordError: it has no PMID, or a field that no rule can read; the message says which.
    """
    is_book = record.tag == "PubmedBookArticle"
    top = _children(record)
    citation = top.get("BookDocument" if is_book else "MedlineCitation")
    pmid = None if citation is None else _first_of(citation, "PMID")
    number = text_of(pmid)
    if citation is None or pmid is None or not _is_number(number):
        raise RecordError("it has no PMID")
    said: Fields = {name: [] for name in _LISTS}
    _gone_over(citation, said)
    if not is_book and "article" not in said:
        raise RecordError("it has no Article element")
    book = said.get("book", {})
    data: Fields = {}
    if (apart := top.get("PubmedBookData" if is_book else "PubmedData")) is not None:
        _gone_over(apart, data, _OF_THE_DATA)
    ids = data.get("ids", {})
    title = said.get("title") or book.get("title") or ""
    abstract = said.get("abstract", [])
    return {
        "pmid": number,
        "version": _version(pmid),
        "title": title,
        "vernacular_title": said.get("vernacular_title"),
        "abstract": abstract,
        "other_abstracts": said["other_abstracts"],
        "journal": {name: said.get(name) for name in _JOURNAL}
        | {"title": said.get("journal") or book.get("title")},
        "publication_date": _partial(said.get("PubDate")) or _partial(book.get("date")),
        "electronic_date": _partial(said.get("ArticleDate")),
        # `entrez` is the day that a search calls CRDT; `pubmed` is EDAT, and may be the day of publication
        "created": _day(said, "DateCreated") or _day(data, "entrez"),
        "revised": _day(said, "DateRevised"),
        "completed": _day(said, "DateCompleted"),
        "languages": said["languages"],
        "publication_types": said["publication_types"],
        "mesh": said["mesh"],
        "keywords": said["keywords"],
        "substances": said["substances"],
        "registry_numbers": _registry_numbers(said["banks"], title, abstract),
        "authors": said["authors"],
        "doi": ids.get("doi") or said.get("doi"),
        "pmcid": ids.get("pmc"),
        "links": said["links"],
        "publication_status": data.get("publication_status"),
    }


Reader: TypeAlias = Callable[[Element, Fields], None]
"""Reads an element into what is said of the article, or of a part of it such as an author."""


def _gone_over(element: Element, said: Fields, readers: Mapping[str, Reader] | None = None) -> None:
    """Read the children of an element that a table names, in their order."""
    readers = _OF_THE_ARTICLE if readers is None else readers
    for child in element:
        if read := readers.get(child.tag):
            read(child, said)


def _part(element: Element, texts: Mapping[str, str], others: Mapping[str, Reader] | None = None) -> Fields:
    """Read a part: `texts` names the children that are a field's text, the first of each; `others` those that are more."""
    part: Fields = {}
    for child in element:
        tag = child.tag
        if name := texts.get(tag):
            if name not in part:
                text = child.text  # most are one word: to look here spares half of the time
                part[name] = text if text and text.isalnum() and not len(child) else text_of(child) or None
        elif others and (read := others.get(tag)):
            read(child, part)
    return part


def _once(name: str) -> Reader:
    def read(element: Element, said: Fields) -> None:
        if name not in said:
            said[name] = text_of(element) or None

    return read


def _each(name: str) -> Reader:
    def read(element: Element, said: Fields) -> None:
        if text := text_of(element):
            said[name].append(text)

    return read


_DATE = {"Year": "year", "Month": "month", "Day": "day", "MedlineDate": "loose"}


def _date(element: Element, said: Fields) -> None:
    if element.tag not in said:
        said[element.tag] = _part(element, _DATE)


def _history(history: Element, said: Fields) -> None:
    for day in history:
        if day.get("PubStatus") == "entrez":
            said.setdefault("entrez", _part(day, _DATE))


def _article(article: Element, said: Fields) -> None:
    said["article"] = True
    _gone_over(article, said)


def _section(element: Element, sections: list[Fields]) -> None:
    if text := text_of(element):
        label = (element.get("Label") or "").strip()
        sections.append(
            {"label": label or None, "category": element.get("NlmCategory") or None, "text": text}
        )


def _sections(abstract: Element) -> list[Fields]:
    sections: list[Fields] = []
    for element in abstract:
        if element.tag == "AbstractText":
            _section(element, sections)
    return sections


def _abstract(element: Element, said: Fields) -> None:
    if "abstract" not in said:
        said["abstract"] = _sections(element)


def _other_abstract(element: Element, said: Fields) -> None:
    other: Fields = {"type": element.get("Type"), "language": element.get("Language")}
    if sections := _sections(element):
        other["sections"] = sections
    said["other_abstracts"].append(other)


_NAMES = {
    "LastName": "last_name",
    "ForeName": "fore_name",
    "Initials": "initials",
    "CollectiveName": "collective_name",
}


def _orcid(element: Element, author: Fields) -> None:
    if element.get("Source") == "ORCID":
        author.setdefault("orcid", text_of(element) or None)


_IDENTIFIERS: dict[str, Reader] = {"Identifier": _orcid}


def _authors(authors: Element, said: Fields) -> None:
    # the editors of the book that a chapter stands in have a list beside that of its authors
    if authors.get("Type") != "editors" or authors.getparent().tag != "BookDocument":
        said["authors"] += [
            _part(author, _NAMES, _IDENTIFIERS) for author in authors if author.tag == "Author"
        ]


def _headings(headings: Element, said: Fields) -> None:
    """Read MeSH headings: a third of the elements of many a record, hence so plainly.

    Raises:
        RecordError: one has no descriptor.
    """
    mesh: list[Fields] = said["mesh"]
    for heading in headings:
        if heading.tag != "MeshHeading":
            continue
        descriptor, qualifiers = None, []
        for element in heading:
            get = element.get
            term = {"ui": get("UI", ""), "name": text_of(element), "major": get("MajorTopicYN") == "Y"}
            if (tag := element.tag) == "DescriptorName":
                descriptor = term
            elif tag == "QualifierName":
                qualifiers.append(term)
        if descriptor is None:
            raise RecordError("a MeshHeading has no DescriptorName")
        mesh.append({"descriptor": descriptor, "qualifiers": qualifiers})


def _substance(element: Element, chemical: Fields) -> None:
    chemical["ui"], chemical["name"] = element.get("UI", ""), text_of(element)


_REGISTERED = {"RegistryNumber": "registry_number"}
_NAMED: dict[str, Reader] = {"NameOfSubstance": _substance}


def _chemicals(chemicals: Element, said: Fields) -> None:
    for element in chemicals:
        chemical = _part(element, _REGISTERED, _NAMED)
        if "name" in chemical:
            chemical["registry_number"] = chemical.get("registry_number") or "0"
            said["substances"].append(chemical)


def _accessions(numbers: Element, bank: Fields) -> None:
    bank["accessions"] = [text for number in numbers if (text := text_of(number))]


_BANK, _NUMBERS = {"DataBankName": "bank"}, {"AccessionNumberList": _accessions}


def _banks(banks: Element, said: Fields) -> None:
    said["banks"] += [_part(bank, _BANK, _NUMBERS) for bank in banks]


_LINKED = {"PMID": "pmid", "RefSource": "ref_source"}


def _links(links: Element, said: Fields) -> None:
    said["links"] += [{"ref_type": link.get("RefType", "")} | _part(link, _LINKED) for link in links]


def _publication_type(element: Element, said: Fields) -> None:
    said["publication_types"].append({"ui": element.get("UI", ""), "name": text_of(element)})


def _location(element: Element, said: Fields) -> None:
    if element.get("EIdType") == "doi" and element.get("ValidYN", "Y") == "Y":
        said.setdefault("doi", text_of(element) or None)


def _book(element: Element, said: Fields) -> None:
    book = _children(element)
    date_ = book.get("PubDate")
    said["book"] = {
        "title": text_of(book.get("BookTitle")) or None,
        "date": None if date_ is None else _part(date_, _DATE),
    }


def _identifiers(ids: Element, said: Fields) -> None:
    found: dict[str, str] = said.setdefault("ids", {})
    for identifier in ids:
        if text := text_of(identifier):
            found.setdefault(identifier.get("IdType", "pubmed"), text)


_JOURNAL = ("title", "iso_abbreviation", "issn", "volume", "issue", "pages")
_LISTS = (
    *("languages", "keywords", "publication_types", "mesh", "substances"),
    *("banks", "authors", "links", "other_abstracts"),
)
_OF_THE_ARTICLE: dict[str, Reader] = {
    "Article": _article,
    **dict.fromkeys(
        ("Journal", "JournalIssue", "Pagination", "PublicationTypeList", "KeywordList"), _gone_over
    ),
    **dict.fromkeys(("PubDate", "ArticleDate", "DateCreated", "DateRevised", "DateCompleted"), _date),
    "ArticleTitle": _once("title"),
    "VernacularTitle": _once("vernacular_title"),
    "ISSN": _once("issn"),
    "Volume": _once("volume"),
    "Issue": _once("issue"),
    "Title": _once("journal"),
    "ISOAbbreviation": _once("iso_abbreviation"),
    "MedlinePgn": _once("pages"),
    "Language": _each("languages"),
    "Keyword": _each("keywords"),
    "PublicationType": _publication_type,
    "ELocationID": _location,
    "Abstract": _abstract,
    "OtherAbstract": _other_abstract,
    "AuthorList": _authors,
    "MeshHeadingList": _headings,
    "ChemicalList": _chemicals,
    "DataBankList": _banks,
    "CommentsCorrectionsList": _links,
    "Book": _book,
}
"""Element of the citation → how it is read."""

_OF_THE_DATA: dict[str, Reader] = {
    "ArticleIdList": _identifiers,
    "History": _history,
    "PublicationStatus": _once("publication_status"),
}
"""Element of what PubMed adds to the citation → how it is read."""


def _children(element: Element | None) -> dict[str, Element]:
    """Give the children of an element, the first of each name."""
    children: dict[str, Element] = {}
    if element is not None:
        for child in element:
            children.setdefault(child.tag, child)
    return children


def _first_of(element: Element, name: str) -> Element | None:
    return next((child for child in element if child.tag == name), None)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _version(pmid: Element) -> int:
    version = pmid.get("Version", "1")
    return int(version) if _is_number(version) else 1


def _month(text: str) -> int | None:
    number = int(text) if _is_number(text) else _MONTHS.get(text.lower()[:3])
    return number if number and 1 <= number <= 12 else None


def _partial(stated: Fields | None) -> Fields | None:
    """Read a PubDate or ArticleDate as precisely as it is stated; a season or a range gives its beginning."""
    if not stated:
        return None
    loose = stated.get("loose") or ""
    found = _YEAR.search(stated.get("year") or loose)
    if found is None:
        return None
    month = _month(stated.get("month") or "")
    if loose and (name := _MEDLINE_MONTH.search(loose)):
        month = _month(name[1])
    day = stated.get("day") or ""
    precise = int(day) if month and _is_number(day) and 1 <= int(day) <= 31 else None
    return {"year": int(found[1]), "month": month, "day": precise}


def _day(said: Fields, name: str) -> date | None:
    """Read a date of NLM's own, which is always whole.

    Raises:
        RecordError: it is no day of the calendar.
    """
    stated = said.get(name)
    if stated is None:
        return None
    year, month, day = stated.get("year") or "", stated.get("month") or "", stated.get("day") or ""
    try:
        return date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        raise RecordError(f"{name} is no date: {f'{year}-{month}-{day}'!r}") from None


def _registry_numbers(banks: list[Fields], title: str, abstract: list[Fields]) -> list[Fields]:
    """Give the numbers of DataBankList, then the NCT numbers that only the text names."""
    numbers = [
        {"bank": bank.get("bank") or "", "accession": accession}
        for bank in banks
        for accession in bank.get("accessions", ())
    ]
    seen = {number["accession"] for number in numbers}
    for text in (title, *(section["text"] for section in abstract)):
        if "NCT" not in text:
            continue
        for match in _NCT.findall(text):
            accession = match.replace(" ", "")
            if accession not in seen:
                seen.add(accession)
                numbers.append({"bank": _CLINICAL_TRIALS, "accession": accession})
    return numbers
