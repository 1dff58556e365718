"""Loading a pipeline, reading with it, and what it answers to any text."""

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
