"""Shared by the tests of nlp: each pipeline, loaded once."""

import pytest

from nlp.article import Document
from nlp.pipeline import annotate, load_pipeline


@pytest.fixture(scope="session")
def rules():
    return load_pipeline("rules")


@pytest.fixture(scope="session")
def default():
    return load_pipeline("findings")


@pytest.fixture(scope="session")
def annotated(rules):
    """Give the annotated Doc of a text."""
    return lambda text: annotate(rules, Document(id="t", text=text))
