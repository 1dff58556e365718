"""A store is read again in the order in which people miss it: what they look at, then the newest."""

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from sqlmodel import Session, select

from nlp.article import PartialDate
from store import order
from store.articles import has_abstract, keep_article
from store.asked import add_asked
from store.findings import Reconciled
from store.order import articles_in_order, count_unread, unread_articles
from store.tables import ArticleRow
from tests.store.conftest import article

Keep = Callable[..., Reconciled]
YEARS = {"9900001": 2020, "9900002": 2024, "9900003": 2022}


def unread(session: Session, version: str) -> list[str]:
    """List what a version of the rules has not read."""
    found = list(unread_articles(lambda: nullcontext(session), "rules", version))
    assert count_unread(session, "rules", version) == len(found)
    return found


def test_what_a_pipeline_version_has_not_read_is_listed_newest_first(
    session: Session, run_id: int, keep: Keep
) -> None:
    keep(article("9900001"))
    keep_article(session, run_id, article("9900002"), b"2")
    keep_article(session, run_id, article("9900003", abstract=""), b"3")
    assert unread(session, "1") == ["9900003", "9900002"]
    assert unread(session, "2") == ["9900003", "9900002", "9900001"]
    assert not has_abstract(session, "9900003")


def test_no_article_is_held_against_every_study(session: Session) -> None:
    """On a store of 30,000 articles that took longer than a page may."""
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL joins as it likes, by hashing")
    wanted = select(ArticleRow.pmid).where(order._unread("rules", "1"))
    written = wanted.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {written}").all()
    assert [line[-1] for line in plan if line[-1].startswith("SEARCH studies")]
    assert not [line[-1] for line in plan if line[-1].startswith("SCAN studies")]


@pytest.mark.parametrize("size", [1, 2, 3, 10_000])
def test_what_nothing_has_read_comes_first_then_what_is_asked_for_most_and_then_the_newest(
    session: Session, run_id: int, keep: Keep, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "PAGE", size)
    for pmid, year in YEARS.items():
        keep(article(pmid, publication_date=PartialDate(year=year)))
    keep_article(session, run_id, article("9900004", publication_date=PartialDate(year=1999)), b"4")
    keep_article(session, run_id, article("9900005"), b"5")
    assert unread(session, "2") == ["9900004", "9900005", "9900002", "9900003", "9900001"]
    add_asked(session, {"9900001": 2, "9900003": 3, "9900005": 1})
    add_asked(session, {"9900001": 2})
    assert unread(session, "2") == ["9900005", "9900004", "9900001", "9900003", "9900002"]
    every = articles_in_order(lambda: nullcontext(session))
    assert list(every) == ["9900001", "9900003", "9900005", "9900002", "9900004"]


def test_what_is_read_meanwhile_is_not_listed_again_and_nothing_is_left_out(
    session: Session, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "PAGE", 1)
    for pmid, year in YEARS.items():
        keep(article(pmid, publication_date=PartialDate(year=year)))
    add_asked(session, {"9900003": 1})
    found = []
    for pmid in unread_articles(lambda: nullcontext(session), "rules", "2"):
        found.append(pmid)
        add_asked(session, {"9900001": 9})
    assert found == ["9900003", "9900002", "9900001"]
