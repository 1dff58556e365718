"""Every page before axe-core: no serious fault (WCAG 2.1 A and AA), light and dark."""

from typing import Any

import pytest
from sqlalchemy import Engine

from store.people.rights import Role
from tests.store.web.browsing import (  # noqa: F401 - the fixtures
    Open,
    address,
    browser,
    log_in,
    needs_browser,
    opened,
    person,
)

axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
)
pytestmark = needs_browser
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}
OPEN = (
    "/login",
    "/",
    "/findings?retracted=any&species=any&setting=any&status=any",
    "/runs",
    "/runs/1",
    "/questions",
)
DESK = (
    *(
        "/queue",
        "/numbers",
        "/numbers/agreement",
        "/numbers/reading",
        "/articles/99000101",
        "/articles/99000102",
    ),
    "/password",
)


def faults(page: Any) -> list[str]:
    """Name the serious faults of the page that is open."""
    found = axe.Axe().run(page, options=RULES).response["violations"]
    return [
        f"{page.url}: {one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(
    ("width", "scheme", "before", "after"),
    [(1280, "light", OPEN, DESK), (390, "dark", OPEN[:2], DESK[:2])],
    ids=["desk, light", "phone, dark"],
)
def test_no_page_has_a_serious_fault(
    opened: Open,  # noqa: F811
    address: str,  # noqa: F811
    engine: Engine,
    width: int,
    scheme: str,
    before: tuple[str, ...],
    after: tuple[str, ...],
) -> None:
    person(engine, "Root Admin", Role.ADMIN)
    page = opened(width, color_scheme=scheme)
    found: list[str] = []
    for path in before:
        page.goto(address + path)
        found += faults(page)
    log_in(page, address, "Root Admin")
    page.evaluate("for (const more of document.querySelectorAll('details')) more.open = true")
    for path in after:
        page.goto(address + path)
        page.evaluate("for (const more of document.querySelectorAll('details')) more.open = true")
        found += faults(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.goto(f"{address}/queue")
    page.keyboard.press("t")
    page.wait_for_url("**/findings/*")
    for key in ("r", "c", "m", "?"):  # each panel, and the list of keys
        page.keyboard.press(key)
        found += faults(page)
        page.keyboard.press("Escape")
    assert found == []
