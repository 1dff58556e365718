"""A search shows where the words stand, cut by the database's own engine; what else an abstract holds is text."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session

from store.filters import FindingQuery
from store.passages import Passage
from store.queries import find, highlights
from tests.store.conftest import article, found, reading

ABSTRACT = (
    "Forty adults with depression took part in the north. They were given <b>ketamine</b> 0.5 mg/kg & saline. "
    + "Nothing else is told of them here. " * 12
    + "Dissociation was seen once."
)


@pytest.fixture
def held(session: Session, keep: Callable[..., Any]) -> Session:
    """Keep one article with markup in its abstract."""
    made = article("9900001", ABSTRACT, title="A trial")
    keep(made, reading(made, found(reading(made).text, "dose", "0.5 mg/kg")))
    return session


def passage(session: Session, **query: Any) -> Passage | None:
    """Give the passage of the only finding."""
    asked = FindingQuery(**query)
    return next(iter(highlights(session, asked, find(session, asked).items).values()), None)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("dissociation", ["Dissociation"]),
        ("dissoc*", ["Dissociation"]),
        ("DEPRESSION", ["depression"]),
        ("mg/kg", ["mg/kg"]),
        ("0.5", ["0.5"]),
    ],
)
def test_the_words_asked_for_are_marked_in_their_passage(held: Session, text: str, marked: list[str]) -> None:
    shown = passage(held, text=text)
    assert shown is not None
    asked = (
        " ".join(said for said, asked in shown.pieces if asked)
        .replace("mg kg", "mg/kg")
        .replace("0 5", "0.5")
    )
    assert asked == " ".join(marked)
    whole = "".join(said for said, _ in shown.pieces)
    assert whole.strip("…").strip() in f"A trial\n{ABSTRACT}"
    assert len(whole) < 300


def test_markup_of_an_abstract_is_escaped(held: Session) -> None:
    shown = passage(held, text="ketamine")
    assert shown is not None
    assert "&lt;b&gt;<mark>ketamine</mark>&lt;/b&gt;" in shown.html
    assert "<b>" not in shown.html


def test_without_a_search_there_is_no_passage(held: Session) -> None:
    assert passage(held) is None
    assert passage(held, text="zzzz") is None
