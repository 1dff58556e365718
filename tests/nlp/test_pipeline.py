"""Loading a pipeline, reading with it, and what it answers to any text."""

import time

import pytest

from nlp.article import Document
from nlp.errors import PipelineError
from nlp.pipeline import load_pipeline, pipeline_identity, read


@pytest.fixture(scope="module")
def nlp():
    return load_pipeline("rules")


def test_an_unknown_pipeline_names_those_that_exist():
    with pytest.raises(PipelineError, match="rules"):
        load_pipeline("nonesuch")


def test_identity_is_stable(nlp):
    assert pipeline_identity(nlp) == pipeline_identity(load_pipeline("rules"))


@pytest.mark.parametrize(
    "text", ["", "Ketamine", "\x00\x00", "12 34 0.5", "氯胺酮 0.5 mg/kg", "😀 <b>x</b>\n\n\ud800"]
)
def test_any_text_has_a_reading(nlp, text):
    (reading,) = read(nlp, [Document(id="x", text=text)])
    assert reading.text == text


def seconds(nlp, text: str) -> float:
    started = time.process_time()
    next(read(nlp, [Document(id="x", text=text)]))
    return time.process_time() - started


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
def test_the_time_grows_with_the_length_of_a_hostile_text_not_with_its_square(nlp, unit):
    short, long = ("Ketamine " + unit * (length // len(unit)) for length in (8_000, 64_000))
    seconds(nlp, short)
    # eight times the text: a square would be sixty-four times the time
    assert seconds(nlp, long) < 24 * max(seconds(nlp, short), 0.02)
