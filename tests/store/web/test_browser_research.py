"""What researchers read, in a real browser: hostile words stay words, and axe finds no fault (WCAG 2.1 A and AA)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from store.database import connect, migrate
from store.web.app import create_app
from tests.store.web.browsing import CHROMIUM, QUIET, playwright, served
from tests.store.web.conftest import fill
from tests.store.web.hostile import ALL, SCRIPT, poison

axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
WIDE = "retracted=any&species=any&setting=any"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start one browser for all."""
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """Serve a store whose every free text is hostile; give its address and the findings that are shown."""
    engine = connect(f"sqlite:///{Path(tmp_path_factory.mktemp('hostile'))}/store.db")
    migrate(engine)
    fill(engine)
    shown = poison(engine)
    with served(create_app(engine)) as where:
        yield where, shown
    engine.dispose()


def test_hostile_words_are_shown_and_never_run(browser: Any, store: tuple[str, list[str]]) -> None:
    address, shown = store
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: (trouble.append("a dialog"), dialog.dismiss()))
    asked = quote(ALL)
    for path in (
        *("/", f"/findings?{WIDE}", f"/findings?text=dissociation&{WIDE}", "/articles/99000101", "/runs/1"),
        *(f"/findings/{key}" for key in shown),
        f"/findings?comparator={asked}&adverse_event={asked}&condition={asked}&instrument={asked}",
        f"/findings?text={asked}",
        *(
            f"/questions/{name}"
            for name in ("onset", "adverse-events", "contradictions", "benefit-risk", "claims")
        ),
        f"/questions/onset?comparator={asked}",
    ):
        page.goto(address + path)
        assert page.evaluate("window.hacked") is None, path
        assert (
            page.evaluate("document.querySelectorAll('main script, svg[onload], img[onerror]').length") == 0
        ), path
    page.goto(f"{address}/articles/99000101")
    assert SCRIPT in page.inner_text("h1")
    page.goto(f"{address}/findings/{shown[0]}")
    assert page.inner_text("body").count(SCRIPT) >= 3
    assert "{{ 7 * 7 }}" in page.inner_text("body")
    page.goto(f"{address}/questions/benefit-risk.svg")
    assert page.evaluate("window.hacked") is None
    # the browser says when our policy stops something: nothing of a page may even be tried
    assert [words for words in trouble if "frame" not in words] == []


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the invented findings as they are."""
    engine = connect(f"sqlite:///{Path(tmp_path_factory.mktemp('plain'))}/store.db")
    migrate(engine)
    fill(engine)
    with served(create_app(engine)) as where:
        yield where
    engine.dispose()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_pages_of_research_are_readable(browser: Any, plain: str, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.goto(f"{plain}/findings")
    finding = page.get_attribute("[data-row]", "href")
    for path in (
        "/",
        f"/findings?text=suicide&{WIDE}",
        "/findings?colour=red",
        finding,
        "/articles/99000101",
        "/questions/claims",
        "/runs",
        "/runs/1",
    ):
        page.goto(plain + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("[...document.images].every(image => image.alt && image.naturalWidth)"), path
        found = axe.Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    assert [words for words in trouble if "422" not in words] == []


def test_the_filters_are_reached_and_sent_by_keys(browser: Any, plain: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{plain}/findings")
    page.focus("input[name=text]")
    page.keyboard.type("suicide")
    page.keyboard.press("Enter")
    page.wait_for_url("**text=suicide**")
    assert page.inner_text(".passage mark").lower() == "suicide"
    page.focus(".chips a")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "text=suicide" not in url)
