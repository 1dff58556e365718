"""Words are looked for by the database's own engine, alike on both, and marked where they stand."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session

from store.filters import FindingQuery
from store.queries import find
from store.search import highlights, words
from tests.store.conftest import article, found, reading


def test_a_written_word_is_cut_at_what_is_no_letter_or_digit() -> None:
    assert [word.tokens for word in words("0.5 mg/kg -- dissoc*")] == [("0", "5"), ("mg", "kg"), ("dissoc",)]
    assert [word.prefix for word in words("a b*")] == [False, True]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("ketamine", ["Ketamine", "ketamine"]),
        ("0.5 kg", ["0.5", "kg"]),
        ("0.5 mg/kg", ["0.5", "mg/kg"]),
        ("dissoc*", ["dissociation"]),
        ("dissoc", []),
        ("<b>", []),
    ],
)
def test_the_words_asked_for_are_marked(text: str, marked: list[str]) -> None:
    passage = "Ketamine (0.5 mg/kg) gave dissociation; S-ketamine none."
    assert [passage[start:end] for start, end in highlights(passage, text)] == marked


@pytest.mark.parametrize(
    "text", ["NEAR(a b)", 'a" OR "b', "title:rats", "a & !b", "a:*", "(", "'; DROP TABLE x", "-"]
)
def test_the_engines_own_syntax_is_data(session: Session, text: str) -> None:
    assert find(session, FindingQuery(text=text)).items == []


@pytest.fixture
def two(session: Session, keep: Callable[..., Any]) -> Session:
    """Keep a newer article that says relapse in its abstract, and an older one whose title does."""
    for pmid, title, abstract in (
        ("9900001", "Relapse after ketamine", "Åsberg gave ketamine 0.5 mg/kg."),
        ("9900002", "A newer trial", "Ketamine 0.5 mg/kg: no relapse was seen."),
    ):
        made = article(pmid, abstract, title=title)
        dose = found(reading(made).text, "dose", "0.5 mg/kg")
        keep(made, reading(made, dose))
    return session


def test_what_is_in_the_title_comes_first(two: Session) -> None:
    ranked = [item.finding.pmid for item in find(two, FindingQuery(text="relapse")).items]
    assert ranked == ["9900001", "9900002"]
    assert [item.finding.pmid for item in find(two, FindingQuery()).items] == ["9900002", "9900001"]
    assert len(find(two, FindingQuery(text="åsberg RELAPSE")).items) == 1


def test_pages_of_a_search_join_to_the_whole(two: Session) -> None:
    seen, cursor = [], None
    for _ in range(3):
        page = find(two, FindingQuery(text="relapse"), limit=1, cursor=cursor)
        seen += [item.finding.pmid for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == ["9900001", "9900002"]


def test_a_revised_text_is_found_by_its_new_words(two: Session, keep: Callable[..., Any]) -> None:
    made = article("9900002", "Ketamine 0.5 mg/kg: remission held.", title="A newer trial")
    keep(made, reading(made, found(reading(made).text, "dose", "0.5 mg/kg")))
    assert [item.finding.pmid for item in find(two, FindingQuery(text="remission")).items] == ["9900002"]
    assert [item.finding.pmid for item in find(two, FindingQuery(text="relapse")).items] == ["9900001"]
