"""A page is the same whether what fits is looked up and sorted, or the list is walked: few or many."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session

from store.filters import EVERYTHING, FindingQuery
from store.queries import every, find
from tests.store.conftest import article, found, reading

FEW, MANY = 10_000, 1
"""How far is counted: all that fits is then few, or many."""


@pytest.fixture
def held(session: Session, keep: Callable[..., Any]) -> Session:
    """Keep six articles with a dose each, two with the word in the title, two in the abstract alone."""
    for number in range(6):
        title = "Relapse after ketamine" if number in (1, 4) else "A trial"
        said = " No relapse." if number in (0, 5) else ""
        made = article(f"990000{number}", f"They gave ketamine 0.5 mg/kg.{said}", title=title)
        keep(made, reading(made, found(reading(made).text, "dose", "0.5 mg/kg")))
    return session


def walked(session: Session, query: FindingQuery, limit: int) -> list[str]:
    """Go through all pages; give the PMIDs."""
    seen: list[str] = []
    cursor = None
    while True:
        page = find(session, query, limit=limit, cursor=cursor)
        assert len(page.items) <= limit
        seen += [item.finding.pmid for item in page.items]
        cursor = page.next
        if cursor is None:
            return seen


@pytest.mark.parametrize("text", [None, "relapse", "ketamine", "trial"])
def test_few_and_many_give_the_same_pages(
    held: Session, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    query = FindingQuery(text=text)
    whole = [item.finding.pmid for item in find(held, query).items]
    for counted in (FEW, MANY):
        monkeypatch.setattr("store.paging.COUNTED", counted)
        for limit in (1, 2, 4):
            assert walked(held, query, limit) == whole


def test_titles_come_first_and_each_part_is_the_newest_first(held: Session) -> None:
    assert walked(held, FindingQuery(text="relapse"), 3) == ["9900004", "9900001", "9900005", "9900000"]


def test_a_page_goes_on_where_it_ended_though_few_have_become_many(
    held: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = find(held, FindingQuery(text="relapse"), limit=1)
    monkeypatch.setattr("store.paging.COUNTED", MANY)
    rest = find(held, FindingQuery(text="relapse"), cursor=first.next)
    assert [item.finding.pmid for item in rest.items] == ["9900001", "9900005", "9900000"]


def test_it_is_counted_as_far_as_is_said(held: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find(held, FindingQuery(), limit=2)[1:] == (6, find(held, FindingQuery(), limit=2).next, False)
    assert find(held, FindingQuery(**EVERYTHING)).total == 6
    for module in ("store.paging", "store.queries"):
        monkeypatch.setattr(f"{module}.COUNTED", 4)
    page = find(held, FindingQuery(), limit=2)
    assert (page.total, page.more) == (4, True)


def test_the_whole_list_is_read_in_its_order(held: Session) -> None:
    listed = [item.finding.pmid for item in every(held, FindingQuery(text="relapse"), batch=3)]
    assert listed == ["9900005", "9900004", "9900001", "9900000"]
