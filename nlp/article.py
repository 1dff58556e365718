"""What PubMed holds of one article, and the exact text that we read of it.

Names follow PubMed's DTD elements: https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html
"""

import hashlib
from datetime import date
from functools import cached_property

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen record that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PartialDate(Record):
    """A date as precise as PubMed states it: a year, a month or a day."""

    year: int
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        """Write it as ISO 8601 of reduced precision: `2024`, `2024-03`, `2024-03-07`."""
        parts = [f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part)]
        return "-".join(parts)


class AbstractSection(Record):
    """One AbstractText: its label as printed, its NlmCategory, and its text with markup rendered."""

    label: str | None = None
    category: str | None = None
    text: str


class OtherAbstract(Record):
    """An abstract in another language or of another kind; kept, never read for findings."""

    type: str | None = None
    language: str | None = None
    sections: tuple[AbstractSection, ...] = ()


class MeshTerm(Record):
    """A descriptor or qualifier: MeSH unique id, name, and whether it is a major topic."""

    ui: str
    name: str
    major: bool = False


class MeshHeading(Record):
    """A MeSH descriptor with its qualifiers."""

    descriptor: MeshTerm
    qualifiers: tuple[MeshTerm, ...] = ()


class PublicationType(Record):
    """A publication type: MeSH unique id (`D016449`) and name."""

    ui: str
    name: str


class Substance(Record):
    """A Chemical: its MeSH id, name, and CAS or UNII registry number (`0` when none)."""

    ui: str
    name: str
    registry_number: str = "0"


class RegistryNumber(Record):
    """A DataBank accession, such as ClinicalTrials.gov NCT00088699."""

    bank: str
    accession: str


class Author(Record):
    """A person or, with collective_name alone, a group."""

    last_name: str | None = None
    fore_name: str | None = None
    initials: str | None = None
    collective_name: str | None = None
    orcid: str | None = None


class CommentsCorrections(Record):
    """A link to another record; ref_type is PubMed's RefType, such as `RetractionIn` or `ErratumFor`."""

    ref_type: str
    pmid: str | None = None
    ref_source: str | None = None


class Journal(Record):
    """Where it appeared."""

    title: str | None = None
    iso_abbreviation: str | None = None
    issn: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None


class Article(Record):
    """One PubMed record in one version."""

    pmid: str
    version: int = 1
    title: str
    vernacular_title: str | None = None
    abstract: tuple[AbstractSection, ...] = ()
    other_abstracts: tuple[OtherAbstract, ...] = ()
    journal: Journal = Journal()
    publication_date: PartialDate | None = None
    electronic_date: PartialDate | None = None
    created: date | None = None
    revised: date | None = None
    completed: date | None = None
    languages: tuple[str, ...] = ()
    publication_types: tuple[PublicationType, ...] = ()
    mesh: tuple[MeshHeading, ...] = ()
    keywords: tuple[str, ...] = ()
    substances: tuple[Substance, ...] = ()
    registry_numbers: tuple[RegistryNumber, ...] = ()
    authors: tuple[Author, ...] = ()
    doi: str | None = None
    pmcid: str | None = None
    links: tuple[CommentsCorrections, ...] = ()
    publication_status: str | None = None

    @property
    def year(self) -> int | None:
        """Give the year of publication: in print, else online."""
        day = self.publication_date or self.electronic_date
        return day.year if day else None


class Document(Record):
    """The exact text that is read for findings; every offset is a code-point offset into `text`."""

    id: str
    text: str
    publication_types: tuple[str, ...] = ()

    @cached_property
    def hash(self) -> str:
        """Give the SHA-256 of the text, hexadecimal: the same text has the same hash for ever."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


def document_of(article: Article) -> Document:
    """Build the document of an article: title, newline, abstract, each labelled section on its own line.

    Without an abstract the text is the title alone. OtherAbstract is not part of it.
    """
    lines = [article.title, *(_line(section) for section in article.abstract)]
    text = "\n".join(line for line in lines if line)
    return Document(
        id=f"pmid:{article.pmid}",
        text=text,
        publication_types=tuple(kind.ui for kind in article.publication_types),
    )


def _line(section: AbstractSection) -> str:
    return f"{section.label}: {section.text}" if section.label and section.text else section.text
