"""One PubmedArticle or PubmedBookArticle element → the fields of an Article, as plain values.

The elements are described at https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html. A record has a hundred of
them and more, and to look for each costs more than to read it: they are gone over once, in their order, and tables say
what each is. A part, such as an Author, takes the elements after it that its table names, until the next part begins.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

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
    said, parts = _gone_over(_inside_book(citation) if is_book else citation.iter())
    if not is_book and "Article" not in parts:
        raise RecordError("it has no Article element")
    book = _book(citation) if is_book else {}
    data = _children(top.get("PubmedBookData" if is_book else "PubmedData"))
    ids = _identifiers(data.get("ArticleIdList"))
    title = said.get("title") or book.get("title") or ""
    abstract = _first(parts["Abstract"]).get("sections", [])
    return {
        "pmid": number,
        "version": _version(pmid),
        "title": title,
        "vernacular_title": said.get("vernacular_title"),
        "abstract": abstract,
        "other_abstracts": parts["OtherAbstract"],
        "journal": {name: said.get(name) for name in _JOURNAL}
        | {"title": said.get("journal") or book.get("title")},
        "publication_date": _partial(parts["PubDate"]) or book.get("date"),
        "electronic_date": _partial(parts["ArticleDate"]),
        # `entrez` is the day that a search calls CRDT; `pubmed` is EDAT, and may be the day of publication
        "created": _day(parts.get("DateCreated"), "DateCreated") or _entrez_day(data.get("History")),
        "revised": _day(parts.get("DateRevised"), "DateRevised"),
        "completed": _day(parts.get("DateCompleted"), "DateCompleted"),
        "languages": said["languages"],
        "publication_types": said["publication_types"],
        "mesh": _headings(parts["MeshHeading"]),
        "keywords": said["keywords"],
        "substances": _substances(parts["Chemical"]),
        "registry_numbers": _registry_numbers(parts["DataBank"], title, abstract),
        "authors": parts["Author"],
        "doi": ids.get("doi") or said.get("doi"),
        "pmcid": ids.get("pmc"),
        "links": parts["CommentsCorrections"],
        "publication_status": text_of(data.get("PublicationStatus")) or None,
    }


def _gone_over(elements: Iterable[Element]) -> tuple[Fields, defaultdict[str, list[Fields]]]:
    """Go over elements once: what they say of the article as a whole, and its parts by the name of their element."""
    said: Fields = {"languages": [], "keywords": [], "publication_types": []}
    parts: defaultdict[str, list[Fields]] = defaultdict(list)
    part: Fields = {}
    texts, others, attributes = _NOTHING
    for element in elements:
        tag = element.tag
        if name := texts.get(tag):
            if name not in part:
                part[name] = text_of(element) or None
        elif read := others.get(tag):
            read(element, part)
        elif tag in _PARTS:
            texts, others, attributes = _PARTS[tag]
            part = (
                {name: element.get(which, absent) for name, which, absent in attributes} if attributes else {}
            )
            parts[tag].append(part)
        elif read := _OF_THE_ARTICLE.get(tag):
            read(element, said)
    return said, parts


def _descriptor(element: Element, heading: Fields) -> None:
    ui, major = element.get("UI", ""), element.get("MajorTopicYN") == "Y"
    heading["descriptor"] = {"ui": ui, "name": text_of(element), "major": major}


def _qualifier(element: Element, heading: Fields) -> None:
    ui, major = element.get("UI", ""), element.get("MajorTopicYN") == "Y"
    heading.setdefault("qualifiers", []).append({"ui": ui, "name": text_of(element), "major": major})


def _section(element: Element, abstract: Fields) -> None:
    if text := text_of(element):
        label = (element.get("Label") or "").strip()
        section = {"label": label or None, "category": element.get("NlmCategory") or None, "text": text}
        abstract.setdefault("sections", []).append(section)


def _substance(element: Element, chemical: Fields) -> None:
    chemical |= {"ui": element.get("UI", ""), "name": text_of(element)}


def _accession(element: Element, bank: Fields) -> None:
    if text := text_of(element):
        bank.setdefault("accessions", []).append(text)


def _orcid(element: Element, author: Fields) -> None:
    if element.get("Source") == "ORCID":
        author.setdefault("orcid", text_of(element) or None)


def _publication_type(element: Element, said: Fields) -> None:
    said["publication_types"].append({"ui": element.get("UI", ""), "name": text_of(element)})


def _location(element: Element, said: Fields) -> None:
    if element.get("EIdType") == "doi" and element.get("ValidYN", "Y") == "Y":
        said.setdefault("doi", text_of(element) or None)


Reader = Callable[[Element, Fields], None]
"""Reads an element into the part, or into what is said of the article."""


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


class Part(NamedTuple):
    """What a part takes: elements that are text, elements that need a reader, and (field, attribute, value if absent)."""

    texts: dict[str, str]
    others: dict[str, Reader]
    attributes: tuple[tuple[str, str, str | None], ...] = ()


_NOTHING = Part({}, {})
_DATE = Part({"Year": "year", "Month": "month", "Day": "day", "MedlineDate": "loose"}, {})
_SECTIONS: dict[str, Reader] = {"AbstractText": _section}
_PARTS = {
    "Article": _NOTHING,
    "PubDate": _DATE,
    "ArticleDate": _DATE,
    "DateCreated": _DATE,
    "DateRevised": _DATE,
    "DateCompleted": _DATE,
    "Abstract": Part({}, _SECTIONS),
    "OtherAbstract": Part({}, _SECTIONS, (("type", "Type", None), ("language", "Language", None))),
    "Author": Part(
        {
            "LastName": "last_name",
            "ForeName": "fore_name",
            "Initials": "initials",
            "CollectiveName": "collective_name",
        },
        {"Identifier": _orcid},
    ),
    "AffiliationInfo": _NOTHING,  # it may have an Identifier too, which is not the author's
    "Investigator": _NOTHING,
    "PersonalNameSubject": _NOTHING,
    "Chemical": Part({"RegistryNumber": "registry_number"}, {"NameOfSubstance": _substance}),
    "DataBank": Part({"DataBankName": "bank"}, {"AccessionNumber": _accession}),
    "MeshHeading": Part({}, {"DescriptorName": _descriptor, "QualifierName": _qualifier}),
    "CommentsCorrections": Part(
        {"PMID": "pmid", "RefSource": "ref_source"}, {}, (("ref_type", "RefType", ""),)
    ),
}
"""Element → what it takes of those that follow."""

_JOURNAL = ("title", "iso_abbreviation", "issn", "volume", "issue", "pages")
_OF_THE_ARTICLE = {
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
}
"""Element → how it is read, wherever it stands."""


def _inside_book(document: Element) -> Iterator[Element]:
    """Give the elements of a chapter, without those of the book that it stands in, which have the same names."""
    apart = ("Book", "ReferenceList", "Sections")
    own = (child for child in document if child.tag not in apart and child.get("Type") != "editors")
    return chain.from_iterable(child.iter() for child in own)


def _book(document: Element) -> Fields:
    book = _children(_children(document).get("Book"))
    return {"title": text_of(book.get("BookTitle")) or None, "date": _partial(_dates(book.get("PubDate")))}


def _dates(element: Element | None) -> list[Fields]:
    return [] if element is None else _gone_over(element.iter())[1][element.tag]


def _children(element: Element | None) -> dict[str, Element]:
    """Give the children of an element, the first of each name."""
    children: dict[str, Element] = {}
    if element is not None:
        for child in element:
            children.setdefault(child.tag, child)
    return children


def _first_of(element: Element, name: str) -> Element | None:
    return next((child for child in element if child.tag == name), None)


def _first(parts: list[Fields]) -> Fields:
    return parts[0] if parts else {}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _version(pmid: Element) -> int:
    version = pmid.get("Version", "1")
    return int(version) if _is_number(version) else 1


def _month(text: str) -> int | None:
    number = int(text) if _is_number(text) else _MONTHS.get(text.lower()[:3])
    return number if number and 1 <= number <= 12 else None


def _partial(dates: list[Fields]) -> Fields | None:
    """Read a PubDate or ArticleDate as precisely as it is stated; a season or a range gives its beginning."""
    stated = _first(dates)
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


def _day(dates: list[Fields] | None, tag: str) -> date | None:
    """Read a date of NLM's own, which is always whole.

    Raises:
        RecordError: it is no day of the calendar.
    """
    if not dates:
        return None
    year, month, day = (dates[0].get(name) or "" for name in ("year", "month", "day"))
    try:
        return date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        raise RecordError(f"{tag} is no date: {f'{year}-{month}-{day}'!r}") from None


def _entrez_day(history: Element | None) -> date | None:
    if history is not None:
        for day in history:
            if day.get("PubStatus") == "entrez":
                return _day([{_DATE.texts.get(part.tag, ""): text_of(part) for part in day}], day.tag)
    return None


def _headings(headings: list[Fields]) -> list[Fields]:
    for heading in headings:
        if "descriptor" not in heading:
            raise RecordError("a MeshHeading has no DescriptorName")
    return headings


def _substances(chemicals: list[Fields]) -> list[Fields]:
    return [
        chemical | {"registry_number": chemical.get("registry_number") or "0"}
        for chemical in chemicals
        if "name" in chemical
    ]


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


def _identifiers(ids: Element | None) -> dict[str, str]:
    found: dict[str, str] = {}
    if ids is not None:
        for identifier in ids:
            if text := text_of(identifier):
                found.setdefault(identifier.get("IdType", "pubmed"), text)
    return found
