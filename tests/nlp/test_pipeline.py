"""Loading a pipeline, reading with it, and what it answers to any text."""

import gzip
import json
import time
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.pubmed import Received, read_records
from nlp.article import Document, document_of
from nlp.errors import PipelineError
from nlp.pipeline import CONFIGS, TOGETHER, load_pipeline, pipeline_identity, read

ROOT = Path(__file__).parents[2]
CORPORA = ROOT.parent / "shared" / "corpora"


@pytest.fixture(scope="module", params=["rules", "default"])
def nlp(request):
    return request.getfixturevalue(request.param)


def test_an_unknown_pipeline_names_those_that_exist():
    with pytest.raises(PipelineError, match="rules"):
        load_pipeline("nonesuch")


def test_identity_is_stable(rules):
    assert pipeline_identity(rules) == pipeline_identity(load_pipeline("rules"))


def test_version_changes_with_the_config(rules, tmp_path):
    text = (CONFIGS / "rules.cfg").read_text()
    versions = []
    for folder, config in (("same", text), ("other", text.replace('"confidence"]', "]").replace(",]", "]"))):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "rules.cfg"
        path.write_text(config)
        versions.append(pipeline_identity(load_pipeline(str(path))))
    assert versions[0] == pipeline_identity(rules)
    assert versions[1][0] == "rules"
    assert versions[1] != versions[0]


SENTENCE = "Ketamine 0.5 mg/kg reduced MADRS scores and caused nausea. "
PADDING = "Nothing of note is said here. "
LONG = f"A title.\nMETHODS: {PADDING * 1_670}\nRESULTS: {SENTENCE}"
TABLE = "Group\tn\tMADRS\np\nKetamine 0.5 mg/kg\t20\t12.5 (4.2)\n0.03\nSaline\t21\t20.1 (5.0)\n—\n"
BAD_INPUTS = {
    "empty text": "",
    "white space": " \n\t\u2009\n",
    "title alone": "Ketamine 0.5 mg/kg reduced MADRS scores and caused nausea",
    "title and no abstract": "Ketamine for low mood\n",
    "fifty thousand characters": LONG,
    "null bytes": "\x00Keta\x00mine 0.5\x00 mg/kg reduced MADRS\x00 scores.\x00",
    "only numbers": "12 34 0.5\n1e9 -3 ٣ ½ 1,000.50 8/30 17%",
    "another script": "氯胺酮 0.5 mg/kg 静脉注射可迅速改善抑郁症状。\nКетамин уменьшил симптомы депрессии.",
    "right to left": "الكيتامين 0.5 mg/kg reduced MADRS scores. קטמין",
    "HTML": "<p>Ketamine <b>0.5&nbsp;mg/kg</b> i.v. &lt;2 h<br/>reduced <i>MADRS</i> scores &amp; caused nausea.</p>",
    "emoji": "😀 Ketamine 0.5 mg/kg 💉 reduced MADRS scores 👩\u200d⚕️ and caused nausea 🤢.",
    "lone surrogate": "Ketamine \ud800 0.5 mg/kg caused nausea.",
    "combining marks": "Ke\u0301tamine: ketamine 0.5\u202fmg·kg⁻¹ reduced MÅDRS scores.",
    "table pasted": TABLE,
    "line ends of three kinds": "Ketamine\r\n0.5 mg/kg\rreduced\u2028MADRS scores.\u0085Nausea occurred.",
}


def spans_of(value):
    """Give every (offsets, words) of a reading: anchors, evidence, fields and conditions."""
    if isinstance(value, dict):
        for name, words in (("anchor", "anchor_text"), ("evidence", "evidence_text"), ("span", "text")):
            if name in value and words in value:
                yield value[name], value[words]
        if "exact" in value:
            yield (value["start"], value["end"]), value["exact"]
        for part in value.values():
            yield from spans_of(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from spans_of(part)


@pytest.mark.parametrize("text", BAD_INPUTS.values(), ids=BAD_INPUTS.keys())
def test_any_text_has_a_reading_with_exact_offsets(nlp, text):
    (reading,) = read(nlp, [Document(id="x", text=text)])
    assert reading.text == text
    for (start, end), words in spans_of(reading.model_dump(mode="python")):
        assert text[start:end] == words


def test_a_long_text_is_read_to_its_end(nlp):
    (reading,) = read(nlp, [Document(id="x", text=LONG)])
    assert len(LONG) >= 50_000
    assert {finding.type for finding in reading.findings} == {"dose", "outcome", "adverse_event"}
    assert all(finding.anchor[0] > len(LONG) - len(SENTENCE) for finding in reading.findings)


def test_a_title_alone_is_read(nlp):
    (reading,) = read(nlp, [Document(id="x", text=BAD_INPUTS["title alone"])])
    assert {finding.type for finding in reading.findings} >= {"dose", "outcome"}
    assert len(list(spans_of(reading.model_dump(mode="python")))) >= 4


FRAGMENTS = st.sampled_from(
    [
        *(
            "ketamine ",
            "S(+)-ketamine ",
            "placebo ",
            "0.5 mg/kg",
            "28, 56 or 84 mg",
            "i.v. ",
            "MADRS scores ",
        ),
        *(
            "decreased ",
            "did not differ ",
            "nausea ",
            "(8/30; 27%)",
            "p<0.001",
            "95% CI 1·0–2·0",
            "at 24 h",
            ". ",
        ),
        *("\n", "METHODS: ", "Résultats: ", "µ", "\u2009", "\x00", "😀", "<sup>3</sup>", "(", "±", "ﬁ", "İ"),
    ]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(FRAGMENTS | st.text(max_size=5), max_size=30).map("".join))
def test_offsets_are_exact_in_random_texts(nlp, text):
    (reading,) = read(nlp, [Document(id="x", text=text)])
    assert reading.text == text
    for (start, end), words in spans_of(reading.model_dump(mode="python")):
        assert text[start:end] == words


def bundled(every: int) -> list[Document]:
    """Give every so manieth of the bundled records: each has another kind of trouble."""
    with (ROOT / "examples" / "sample.xml").open("rb") as stream:
        articles = [sent.article for sent in read_records(stream, "sample.xml") if isinstance(sent, Received)]
    return [document_of(article) for article in articles[::every]]


def corpus(name: str, most: int) -> list[Document]:
    with gzip.open(CORPORA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, most)]
    return [Document(id=row["id"], text=f"{row['title']}\n{row['abstract']}") for row in rows]


def exact(nlp, documents: list[Document]) -> int:
    """Hold every span against its text; give how many findings there are."""
    found = 0
    for reading, document in zip(read(nlp, documents), documents, strict=True):
        assert reading.text == document.text
        found += len(reading.findings)
        for (start, end), words in spans_of(reading.model_dump(mode="python")):
            assert document.text[start:end] == words, document.id
    return found


def test_offsets_are_exact_in_the_bundled_records(nlp):
    assert exact(nlp, bundled(every=3)) > 20


@pytest.mark.shared
@pytest.mark.skipif(not CORPORA.is_dir(), reason="needs ../shared/corpora beside the project")
def test_offsets_are_exact_in_real_abstracts(nlp):
    assert exact(nlp, corpus("ketamine_abstracts_unlabelled", most=12)) > 12


def test_documents_read_together_are_read_as_alone(nlp):
    documents = bundled(every=5)
    assert len(documents) > TOGETHER
    assert list(read(nlp, documents)) == [next(read(nlp, [document])) for document in documents]


def test_the_first_document_does_not_wait_for_others(rules):
    drawn = []

    def documents():
        for number in range(3 * TOGETHER):
            drawn.append(number)
            yield Document(id=str(number), text=f"Ketamine {number} mg/kg caused nausea.")

    readings = read(rules, documents())
    assert next(readings).id == "0"
    assert len(drawn) == 1
    next(readings)
    assert len(drawn) <= 1 + TOGETHER


def test_a_component_that_fails_on_one_document_fails_on_no_other(rules, monkeypatch):
    def failing(doc):
        if "midazolam" in doc.text:
            raise ValueError("no")
        return component(doc)

    component = rules.get_pipe("outcomes")
    pipeline = [(name, failing if name == "outcomes" else pipe) for name, pipe in rules.pipeline]
    monkeypatch.setattr(type(rules), "pipeline", pipeline)
    texts = [
        f"Pain.\nRESULTS: Ketamine reduced pain more than {drug}."
        for drug in ("placebo", "midazolam", "saline")
    ]
    readings = list(read(rules, [Document(id=text, text=text) for text in texts]))
    assert [bool(reading.flags) for reading in readings] == [False, True, False]
    assert [len(reading.findings) for reading in readings] == [1, 0, 1]


def seconds(nlp, text: str) -> float:
    """Give the least of three, since what else the machine does can only add; no sentence is one that a cache has met."""

    def once(n: int) -> float:
        other = text.replace("Ketamine", f"Ketamine {len(text)} {n}", 1)
        started = time.process_time()
        next(read(nlp, [Document(id="x", text=other)]))
        return time.process_time() - started

    return min(map(once, range(3)))


@pytest.mark.parametrize(
    "unit",
    [
        "(",
        ", ",
        "50% ",
        "1 ",
        "(a) ",
        "0.5 mg/kg ",
        "95% CI 1.0 to 2.0, ",
        "< ",
        "12\t15.3\t(4.2)\n",
        "ketamine\n",
    ],
)
def test_the_time_grows_with_the_length_of_a_hostile_text_not_with_its_square(rules, unit):
    short, long = ("Ketamine " + unit * (length // len(unit)) for length in (6_250, 50_000))
    seconds(rules, short)
    # eight times the text: a square would be sixty-four times the time
    assert seconds(rules, long) < 24 * max(seconds(rules, short), 0.02)
