"""Every record of a stream is read or named with its reason; nothing is fetched and no file is read."""

import gzip
import io
import socket
import time
import tracemalloc
from datetime import date
from itertools import repeat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.pubmed import Deleted, Received, Sent, SourceError, Unparsable, read_records
from flows.pubmed.xml import BLOCK
from nlp.article import Author, Journal, MeshHeading, MeshTerm, PartialDate, document_of

SAMPLE = Path(__file__).parents[3] / "examples" / "sample.xml"


def citation(pmid: str = "9900001", inside: str = "", title: str = "A title.", data: str = "") -> str:
    """Make a PubmedArticle."""
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><ArticleTitle>{title}</ArticleTitle>'
        f"{inside}</Article></MedlineCitation><PubmedData>{data}</PubmedData></PubmedArticle>"
    )


def article_set(*records: str, head: str = '<?xml version="1.0"?>') -> bytes:
    """Make a PubmedArticleSet."""
    return f"{head}<PubmedArticleSet>{''.join(records)}</PubmedArticleSet>".encode()


def read(data: bytes) -> tuple[list[Sent], str | None]:
    """Read a stream to its end: its records, and what is wrong with it as a whole."""
    records: list[Sent] = []
    try:
        records.extend(_each(data, records))
    except SourceError as error:
        return records, str(error)
    return records, None


def _each(data: bytes, records: list[Sent]) -> list[Sent]:
    for record in read_records(io.BytesIO(data), "the.xml"):
        records.append(record)
    return []


def one(data: bytes) -> Received:
    """Read the only record of a stream."""
    records, wrong = read(data)
    assert wrong is None
    (record,) = records
    assert isinstance(record, Received), record
    return record


def test_the_sample_is_read_whole() -> None:
    with SAMPLE.open("rb") as stream:
        records = list(read_records(stream, SAMPLE.name))
    assert not [record for record in records if isinstance(record, Unparsable)]
    assert len({record.pmid for record in records if isinstance(record, Received)}) > 30
    assert [record for record in records if isinstance(record, Deleted)]


def test_a_record_keeps_the_bytes_it_came_in() -> None:
    record = citation(title="Ké&#x3bc;  t")
    assert one(article_set(record)).raw == record.encode()


def test_every_field_of_an_article_is_read() -> None:
    inside = (
        "<Journal><ISSN>1234-5678</ISSN><JournalIssue><Volume>12</Volume><Issue>3</Issue><PubDate><Year>2024</Year>"
        "<Month>Mar</Month></PubDate></JournalIssue><Title>Invented Journal</Title><ISOAbbreviation>Inv J"
        "</ISOAbbreviation></Journal><Pagination><MedlinePgn>1-9</MedlinePgn></Pagination>"
        '<ELocationID EIdType="doi" ValidYN="N">10.1/wrong</ELocationID><ELocationID EIdType="doi">10.1/right'
        '</ELocationID><Abstract><AbstractText Label="METHODS" NlmCategory="METHODS">We gave 0.5 mg kg<sup>-1</sup>. '
        "NCT01234567.</AbstractText><AbstractText/></Abstract><AuthorList><Author><LastName>Doe</LastName><ForeName>"
        'J</ForeName><Initials>J</Initials><Identifier Source="ORCID">0000-1</Identifier></Author><Author>'
        "<CollectiveName>The Group</CollectiveName></Author></AuthorList><Language>eng</Language><DataBankList>"
        "<DataBank><DataBankName>ISRCTN</DataBankName><AccessionNumberList><AccessionNumber>ISRCTN7"
        '</AccessionNumber></AccessionNumberList></DataBank></DataBankList><PublicationTypeList><PublicationType UI="D'
        '016449">Randomized Controlled Trial</PublicationType></PublicationTypeList><VernacularTitle>Ein Titel'
        '</VernacularTitle><ArticleDate DateType="Electronic"><Year>2023</Year><Month>12</Month><Day>31</Day>'
        "</ArticleDate>"
    )
    rest = (
        "</Article><DateCompleted><Year>2024</Year><Month>05</Month><Day>06</Day></DateCompleted><ChemicalList>"
        '<Chemical><RegistryNumber>690G0D6V8H</RegistryNumber><NameOfSubstance UI="D007649">Ketamine</NameOfSubstance>'
        '</Chemical></ChemicalList><MeshHeadingList><MeshHeading><DescriptorName UI="D003863" MajorTopicYN="N">'
        'Depression</DescriptorName><QualifierName UI="Q000188" MajorTopicYN="Y">drug therapy</QualifierName>'
        "</MeshHeading></MeshHeadingList><KeywordList><Keyword>ketamine</Keyword></KeywordList>"
        '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>Inv J. 2025</RefSource>'
        '<PMID Version="1">9900002</PMID></CommentsCorrections></CommentsCorrectionsList>'
        '<OtherAbstract Type="Publisher" Language="ger"><AbstractText>Deutsch.</AbstractText></OtherAbstract>'
        "</MedlineCitation>"
    )
    data = (
        '<History><PubMedPubDate PubStatus="entrez"><Year>2024</Year><Month>1</Month><Day>2</Day></PubMedPubDate>'
        '</History><PublicationStatus>ppublish</PublicationStatus><ArticleIdList><ArticleId IdType="pmc">PMC7'
        "</ArticleId></ArticleIdList>"
    )
    made = citation(inside=inside, data=data).replace("</Article></MedlineCitation>", rest)
    article = one(article_set(made)).article
    assert article.publication_date == PartialDate(year=2024, month=3)
    assert str(article.electronic_date) == "2023-12-31"
    assert (article.created, article.completed) == (date(2024, 1, 2), date(2024, 5, 6))
    assert (article.doi, article.pmcid, article.year) == ("10.1/right", "PMC7", 2024)
    assert (article.journal.iso_abbreviation, article.journal.volume, article.journal.pages) == (
        "Inv J",
        "12",
        "1-9",
    )
    assert [n.accession for n in article.registry_numbers] == ["ISRCTN7", "NCT01234567"]
    assert article.mesh == (
        MeshHeading(
            descriptor=MeshTerm(ui="D003863", name="Depression"),
            qualifiers=(MeshTerm(ui="Q000188", name="drug therapy", major=True),),
        ),
    )
    assert [(s.ui, s.registry_number) for s in article.substances] == [("D007649", "690G0D6V8H")]
    assert (article.links[0].ref_type, article.links[0].pmid) == ("RetractionIn", "9900002")
    assert (article.authors[0].orcid, article.authors[1].collective_name) == ("0000-1", "The Group")
    assert article.other_abstracts[0].sections[0].text == "Deutsch."
    assert (article.vernacular_title, article.languages, article.keywords) == (
        "Ein Titel",
        ("eng",),
        ("ketamine",),
    )
    assert document_of(article).text == "A title.\nMETHODS: We gave 0.5 mg kg⁻¹. NCT01234567."


def test_what_belongs_to_others_is_not_taken_for_the_article_s() -> None:
    authors = (
        "<AuthorList><Author><CollectiveName>The Group</CollectiveName><AffiliationInfo><Affiliation>X</Affiliation>"
        '<Identifier Source="ORCID">an institute</Identifier></AffiliationInfo></Author></AuthorList>'
    )
    people = (
        "<PersonalNameSubjectList><PersonalNameSubject><LastName>Freud</LastName></PersonalNameSubject>"
        "</PersonalNameSubjectList><InvestigatorList><Investigator><LastName>Doe</LastName></Investigator>"
        "</InvestigatorList>"
    )
    cited = (
        "<ReferenceList><Title>References</Title><Reference><Citation>Y</Citation><ArticleIdList>"
        '<ArticleId IdType="doi">10.1/another</ArticleId></ArticleIdList></Reference></ReferenceList>'
    )
    made = citation(inside=authors, data=cited).replace("</MedlineCitation>", f"{people}</MedlineCitation>")
    article = one(article_set(made)).article
    assert article.authors == (Author(collective_name="The Group"),)
    assert (article.doi, article.journal.title) == (None, None)


def test_a_chapter_is_not_its_book() -> None:
    book = (
        "<PubmedBookArticle><BookDocument><PMID>5</PMID><ArticleIdList><ArticleId IdType='doi'>10.1/own</ArticleId>"
        "</ArticleIdList><Book><BookTitle>The Book</BookTitle><PubDate><Year>2020</Year><Month>Feb</Month></PubDate>"
        "<BeginningDate><Year>1999</Year></BeginningDate><AuthorList Type='editors'><Author><LastName>Ed</LastName>"
        "</Author></AuthorList><Volume>3</Volume></Book><ArticleTitle>A chapter</ArticleTitle><AuthorList "
        "Type='authors'><Author><LastName>Doe</LastName></Author></AuthorList><AuthorList Type='editors'><Author>"
        "<LastName>Ed</LastName></Author></AuthorList><PublicationType UI='D016454'>Review</PublicationType>"
        "</BookDocument><PubmedBookData><ArticleIdList><ArticleId IdType='pmc'>PMC5</ArticleId></ArticleIdList>"
        "</PubmedBookData></PubmedBookArticle>"
    )
    article = one(article_set(book)).article
    assert (article.title, article.journal, str(article.publication_date)) == (
        "A chapter",
        Journal(title="The Book"),
        "2020-02",
    )
    assert article.authors == (Author(last_name="Doe"),)
    assert (article.pmcid, [kind.ui for kind in article.publication_types]) == ("PMC5", ["D016454"])


def test_a_comment_inside_a_text_is_no_part_of_it() -> None:
    assert one(article_set(citation(title="A <!-- not --> tit<!-- -->le"))).article.title == "A title"


@pytest.mark.parametrize(
    ("inside", "written"),
    [
        ("<Year>2019</Year>", "2019"),
        ("<Year>2019</Year><Month>7</Month><Day>4</Day>", "2019-07-04"),
        ("<Year>2019</Year><Season>Summer</Season>", "2019"),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", "1998-12"),
        ("<MedlineDate>Winter 2001</MedlineDate>", "2001"),
        ("<Year>2019</Year><Month>Sept</Month><Day>45</Day>", "2019-09"),
        ("<MedlineDate>unknown</MedlineDate>", "None"),
    ],
)
def test_a_publication_date_is_as_precise_as_it_is_stated(inside: str, written: str) -> None:
    journal = f"<Journal><JournalIssue><PubDate>{inside}</PubDate></JournalIssue></Journal>"
    assert str(one(article_set(citation(inside=journal))).article.publication_date) == written


BROKEN = {
    "no PMID": ("<PubmedArticle><MedlineCitation><Article/></MedlineCitation></PubmedArticle>", "no PMID"),
    "no Article": (
        "<PubmedArticle><MedlineCitation><PMID>7</PMID></MedlineCitation></PubmedArticle>",
        "no Article",
    ),
    "a tag left open": (citation("7", title="<b>open"), "not well-formed"),
    "a date that is none": (
        citation("7").replace(
            "<Article>", "<DateRevised><Year>2020</Year><Month>13</Month><Day>1</Day></DateRevised><Article>"
        ),
        "DateRevised is no date",
    ),
    "an entity that nobody declared": (citation("7", title="&bomb;"), "not well-formed"),
    "a record that does not end": (citation("7").replace("</PubmedArticle>", ""), "another record begins"),
}


@pytest.mark.parametrize(("broken", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_record_is_named_and_its_neighbours_are_read(broken: str, reason: str) -> None:
    records, wrong = read(article_set(citation("1"), broken, citation("2")))
    assert wrong is None
    first, second, third = records
    assert isinstance(second, Unparsable)
    assert reason in second.reason
    assert [first.pmid, third.pmid] == ["1", "2"]


def test_a_file_that_is_cut_gives_its_whole_records_and_names_the_cut() -> None:
    whole = article_set(citation("1"), citation("2"))
    records, wrong = read(whole[: whole.index(b"2</PMID>") + 40])
    assert [type(record) for record in records] == [Received, Unparsable]
    assert "the.xml is cut at byte" in str(wrong)


def test_a_file_cut_between_two_records_is_still_cut() -> None:
    records, wrong = read(article_set(citation("1")).removesuffix(b"</PubmedArticleSet>"))
    assert len(records) == 1
    assert "is cut" in str(wrong)


def test_a_gzip_file_that_is_cut_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cut.xml.gz"
    path.write_bytes(gzip.compress(article_set(*map(citation, map(str, range(1, 4000)))))[:-2000])
    records = []
    with (
        gzip.open(path) as stream,
        pytest.raises(SourceError, match=r"cut\.xml\.gz cannot be read to its end"),
    ):
        for record in read_records(stream, "cut.xml.gz"):
            records.append(record)
    assert isinstance(records[0], Received)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"<html><body>Error 502</body></html>", "holds no PubmedArticleSet"),
        (b"just words", "holds no PubmedArticleSet"),
        (b'{"pmid": 1}', "holds no PubmedArticleSet"),
        (b'<?xml version="1.0" encoding="klingon"?><PubmedArticleSet/>', "encoding 'klingon'"),
    ],
)
def test_what_is_not_pubmed_is_said_not_to_be(data: bytes, says: str) -> None:
    records, wrong = read(data)
    assert records == []
    assert says in str(wrong)


def test_a_set_without_records_is_a_good_file() -> None:
    assert read(b'<?xml version="1.0"?><PubmedArticleSet/>') == ([], None)


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


def test_an_entity_bomb_does_not_go_off() -> None:
    records, wrong = read(article_set(citation("1"), citation("2", title="&i;"), head=BOMB))
    assert wrong is None
    assert [type(record) for record in records] == [Received, Unparsable]


def test_an_external_entity_is_neither_read_nor_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("the network was tried"))
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    head = f'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY f SYSTEM "{secret.as_uri()}">]>'
    records, _ = read(article_set(citation("1", title="&f;"), citation("2"), head=head))
    assert [type(record) for record in records] == [Unparsable, Received]
    assert "the secret" not in repr(records)


def test_other_encodings_are_read_as_they_are_declared() -> None:
    text = f'<?xml version="1.0" encoding="ISO-8859-1"?><PubmedArticleSet>{citation(title="Kétamine")}</PubmedArticleSet>'
    assert one(text.encode("latin-1")).article.title == "Kétamine"
    assert one(text.replace("ISO-8859-1", "UTF-16").encode("utf-16")).article.title == "Kétamine"


def test_deletions_and_versions_and_books_are_read() -> None:
    book = (
        "<PubmedBookArticle><BookDocument><PMID>5</PMID><Book><BookTitle>StatPearls</BookTitle><PubDate><Year>2020"
        "</Year></PubDate></Book><ArticleTitle>Ketamine</ArticleTitle><Abstract><AbstractText>Words.</AbstractText>"
        "</Abstract></BookDocument><PubmedBookData/></PubmedBookArticle>"
    )
    second = citation("6").replace('Version="1"', 'Version="2"')
    gone = "<DeleteCitation><PMID>8</PMID><PMID>9</PMID></DeleteCitation>"
    records, wrong = read(article_set(book, second, gone))
    assert wrong is None
    assert [record.pmid for record in records] == ["5", "6", "8", "9"]
    assert isinstance(records[0], Received)
    assert (records[0].article.title, records[0].article.year) == ("Ketamine", 2020)
    assert isinstance(records[1], Received)
    assert records[1].version == 2


def test_memory_does_not_grow_with_the_file() -> None:
    large = citation(title="word " * 100_000).encode()

    class Long(io.RawIOBase):
        """A file of so many records, made while it is read."""

        def __init__(self, number: int) -> None:
            self.left = iter([b"<PubmedArticleSet>", *repeat(large, number), b"</PubmedArticleSet>", b""])

        def read(self, size: int = -1) -> bytes:
            return next(self.left)

    def peak(number: int) -> int:
        tracemalloc.start()
        try:
            assert sum(1 for _ in read_records(Long(number), "long")) == number
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(60) < 1.2 * peak(15) < 15 * len(large)


def test_a_record_may_lie_across_blocks() -> None:
    long = citation("3", title="word " * (BLOCK // 4))
    records, wrong = read(article_set(citation("1"), long, citation("2")))
    assert wrong is None
    assert [record.pmid for record in records] == ["1", "3", "2"]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_mutated_file_never_raises_anything_but_a_source_error(data: st.DataObject) -> None:
    whole = article_set(citation("1"), citation("2"), "<DeleteCitation><PMID>3</PMID></DeleteCitation>")
    at = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 60))
    noise = data.draw(
        st.binary(max_size=12) | st.sampled_from([b"<", b"</", b"]]>", b"<PubmedArticle>", b"\x00", b"&"])
    )
    records, _ = read(whole[:at] + noise + whole[at + length :])
    assert all(isinstance(record, Received | Unparsable | Deleted) for record in records)
    assert all(record.article for record in records if isinstance(record, Received))


@pytest.mark.parametrize("last", ["", "</PubmedArticle></PubmedArticleSet>"])
def test_a_stream_of_tags_that_only_open_is_gone_through_quickly(last: str) -> None:
    before = time.process_time()
    records, _ = read(article_set("<PubmedArticle>" * 150_000 + last))
    assert len(records) == 150_000
    assert time.process_time() - before < 10
