"""Questions in a real browser: they fit desk and phone, their plots show, and axe finds no fault (WCAG 2.1 A and AA)."""

from typing import Any

import pytest

from tests.store.web.browsing import address, browser, needs_browser  # noqa: F401 - the fixtures

axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
)
pytestmark = needs_browser
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
PAGES = (
    "/questions",
    "/questions/adverse-events",
    "/questions/benefit-risk",
    "/questions/adverse-events/quotes?line=terms/dissociation",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
def test_the_pages_of_questions_are_readable(browser: Any, address: str, width: int, scheme: str) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    for path in PAGES:
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)"), path
        found = axe.Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    assert trouble == []
