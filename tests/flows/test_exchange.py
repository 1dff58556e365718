"""INPUT of `ketmine extract` → documents, and readings → lines."""

import gzip
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.exchange import LONGEST_LINE, document_from_json, json_line, read_documents, written
from nlp.article import Document
from nlp.errors import KetmineError, RecordError
from nlp.finding import Design, Provenance, Reading, Species, StudyProfile
from tests.flows.conftest import record


def documents(content: bytes, source: str = "in.jsonl") -> tuple[list[Document], list[str]]:
    complaints: list[str] = []
    return list(read_documents(io.BytesIO(content), source, complaints.append)), complaints


def lines(*objects: object) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in objects)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"text": " exactly\u2009this \n"}, " exactly\u2009this \n"),
        ({"text": "", "title": "not this"}, ""),
        ({"title": "A title", "abstract": "An abstract."}, "A title\nAn abstract."),
        ({"title": "A title", "abstract": None}, "A title"),
        ({"title": "A title", "abstract": ""}, "A title"),
        ({"title": None, "abstract": "An abstract."}, "An abstract."),
        ({"text": None, "title": "A title", "abstract": "An abstract."}, "A title\nAn abstract."),
    ],
)
def test_text_is_given_or_title_newline_abstract(fields: dict, text: str) -> None:
    assert document_from_json(json.dumps({"id": "a"} | fields).encode()).text == text


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello", "is not JSON"),
        (b'{"id": "a", "text": "cut', "is not JSON"),
        (b'{"id": "a", "text": "\xff"}', "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'["a"]', "not an object"),
        (b'{"text": "no id"}', "lacks an `id`"),
        (b'{"id": null, "text": "no id"}', "lacks an `id`"),
        (b'{"id": "", "text": "no id"}', "lacks an `id`"),
        (b'{"id": "  ", "text": "no id"}', "lacks an `id`"),
        (b'{"id": [1], "text": "odd id"}', "`id` that is neither"),
        (b'{"id": 1.5, "text": "odd id"}', "neither text nor a whole number"),
        (b'{"id": true, "text": "odd id"}', "`id` that is neither"),
        (b'{"id": "a"}', "neither `text` nor"),
        (b'{"id": "a", "text": 5}', "that is not text"),
        (b'{"id": "a", "text": "x", "publication_types": 3}', "`publication_types` that is no list"),
        (b'{"id": "a", "text": "x", "publication_types": "D016449"}', "`publication_types` that is no list"),
        (b'{"id": "a", "text": "x", "publication_types": [1]}', "`publication_types` that is no list"),
        (b'{"id": "a", "id": "b", "text": "x"}', "gives `id` twice"),
        (b'{"id": "a", "text": "x", "text": "y"}', "gives `text` twice"),
    ],
)
def test_line_that_cannot_be_read_is_named_with_its_reason(line: bytes, reason: str) -> None:
    with pytest.raises(RecordError, match=reason):
        document_from_json(line)
    good = lines({"id": "before", "text": "t"}), lines({"id": "after", "text": "t"})
    read, complaints = documents(good[0] + line + b"\n" + good[1])
    assert [document.id for document in read] == ["before", "after"]
    assert len(complaints) == 1
    assert complaints[0].startswith("in.jsonl, line 2: ")


def test_number_as_id_is_written_as_text() -> None:
    assert document_from_json(b'{"id": 12345, "text": ""}').id == "12345"


def test_repeated_id_is_named_and_left_out() -> None:
    read, complaints = documents(lines({"id": 1, "text": "first"}, {"id": "1", "text": "second"}))
    assert [document.text for document in read] == ["first"]
    assert complaints == ["in.jsonl, line 2: repeats the id '1'"]


def test_blank_lines_and_byte_order_mark_are_no_trouble() -> None:
    read, complaints = documents(
        b"\xef\xbb\xbf" + lines({"id": "a", "text": "t"}) + b"\n \n" + lines({"id": "b", "text": "t"})
    )
    assert [document.id for document in read] == ["a", "b"]
    assert complaints == []


def test_only_a_newline_ends_a_line() -> None:
    text = "one\u2028two\x85three\rfour\x0cfive"
    raw = json.dumps({"id": "a", "text": text}, ensure_ascii=False).encode() + b"\r\n"
    assert documents(raw)[0][0].text == text


def test_line_that_is_too_long_is_passed_over() -> None:
    endless = b'{"id": "x", "text": "' + b"a" * (2 * LONGEST_LINE + 5) + b'"}\n'
    read, complaints = documents(endless + lines({"id": "a", "text": "t"}))
    assert [document.id for document in read] == ["a"]
    assert complaints == [f"in.jsonl, line 1: is longer than {LONGEST_LINE:,} bytes"]


def test_gzipped_lines_are_read_and_a_cut_is_named() -> None:
    packed = gzip.compress(lines(*({"id": number, "text": "t" * number} for number in range(5000))))
    assert len(documents(packed, "in.jsonl.gz")[0]) == 5000
    read, complaints = documents(packed[:-2000], "in.jsonl.gz")
    assert read
    assert len(complaints) == 1
    assert "in.jsonl.gz: is cut short or damaged" in complaints[0]


def test_of_a_small_gzip_file_that_is_cut_what_was_unpacked_is_read() -> None:
    packed = gzip.compress(lines({"id": 1, "text": "t"}, {"id": 2, "text": "u"}))
    read, complaints = documents(packed[:-4])
    assert [document.id for document in read] == ["1", "2"]
    assert len(complaints) == 1
    assert "is cut short or damaged" in complaints[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_xml_is_known_by_its_beginning_whatever_its_encoding(encoding: str) -> None:
    text = f"<PubmedArticleSet>{record('1', 'Kétamine 5 mg.')}</PubmedArticleSet>"
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    read, complaints = documents((mark + text).encode(encoding), "an input")
    assert [document.id for document in read] == ["pmid:1"]
    assert "Kétamine 5 mg." in read[0].text
    assert complaints == []


def test_nothing_in_is_nothing_out() -> None:
    assert documents(b"") == ([], [])


def reading(text: str) -> Reading:
    study = StudyProfile(species=Species.HUMAN, design=Design.OTHER)
    return Reading(
        id="a", text=text, study=study, provenance=Provenance(document_hash="0", pipeline="p", version="1")
    )


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_any_text_survives_in_one_line(text: str) -> None:
    line = json_line(reading(text))
    assert json.loads(line)["text"] == text
    assert len(line.decode().splitlines()) == 1


def test_empty_is_a_list_and_unknown_is_null() -> None:
    line = json.loads(json_line(reading("")))
    assert line["findings"] == []
    assert line["study"]["sample_size"] is None


def test_output_has_its_name_only_when_complete(tmp_path) -> None:
    output = tmp_path / "out.jsonl"
    with pytest.raises(RuntimeError), written(str(output), "-") as stream:
        stream.write(b"half")
        raise RuntimeError
    assert not output.exists()
    assert (tmp_path / "out.jsonl.part").read_bytes() == b"half"
    with written(str(output), "-") as stream:
        stream.write(b"whole")
    assert output.read_bytes() == b"whole"
    assert not (tmp_path / "out.jsonl.part").exists()


def test_input_is_never_overwritten(tmp_path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("{}")
    with pytest.raises(KetmineError, match="is the input"), written(str(path), str(path)):
        pass
