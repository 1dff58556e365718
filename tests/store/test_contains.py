"""Words are found anywhere in a column, whatever their case, and are never a pattern."""

import pytest
from sqlalchemy import literal, select
from sqlmodel import Session

from store.contains import contains

TEXT = "Montgomery-Åsberg, 50%_of 1/2"


@pytest.mark.parametrize(
    ("term", "held"),
    [
        *(("MONTG", True), ("åSBERG", True), ("-Å", True), ("0%_O", True), ("1/2", True), ("", True)),
        *(("5%0", False), ("m_nt", False), ("/%", False), ("' OR 1=1", False), ("asberg", False)),
    ],
)
def test_a_term_is_held_as_it_is_written(session: Session, term: str, held: bool) -> None:
    assert bool(session.execute(select(contains(literal(TEXT), term))).scalar_one()) is held


def test_two_terms_of_one_statement_keep_their_own_patterns(session: Session) -> None:
    assert [
        bool(session.execute(select(contains(literal(TEXT), term))).scalar_one()) for term in ("Å", "z", "M")
    ] == [
        True,
        False,
        True,
    ]
