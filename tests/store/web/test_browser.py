"""A curator's way in a real browser: by keys, at desk and phone width, without an error in the console.

Uses Debian's Chromium and Playwright; skipped, with the reason, where one of them is missing.
"""

import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from sqlalchemy import Engine

from store.database import session_scope
from store.people.accounts import add_user, set_password
from store.people.rights import Role
from store.web.app import create_app
from tests.store.web.test_curation import decisions, row

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
QUIET = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")


@pytest.fixture
def address(engine: Engine) -> Iterator[str]:
    """Serve the application on a free port of the loopback."""
    server = uvicorn.Server(uvicorn.Config(create_app(engine), port=0, log_level="warning", lifespan="off"))
    started = threading.Event()
    server.config.load()
    begin = server.startup

    async def startup(sockets: Any = None) -> None:
        await begin(sockets)
        started.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(10)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def password(engine: Engine) -> str:
    """Add Ada with a password of her own, and give it."""
    with session_scope(engine) as session:
        user, _ = add_user(session, "Ada Muster", Role.CURATOR)
        set_password(session, user, "four words or five")
    return "four words or five"


@pytest.fixture
def browser() -> Iterator[Any]:
    """Start the browser."""
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()


@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
def test_a_curator_works_through_the_queue_by_keys(
    browser: Any, address: str, engine: Engine, password: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))

    def fits() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    for path in (
        "/",
        "/findings?retracted=any&species=any&setting=any",
        "/runs",
        "/runs/1",
        "/articles/99000102",
        "/login",
    ):
        page.goto(address + path)
        fits()
    page.fill("#name", "Ada Muster")
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue")
    fits()

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "suicide attempt"
    page.keyboard.press("t")
    page.wait_for_url("**/findings/*?queue=1")
    fits()
    first = key_of(page)
    page.keyboard.press("w")  # correct the words: one to the left as well
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    assert page.inner_text("#correct [data-words]") == "One suicide attempt"
    page.select_option("#c-assertion", "possible")
    page.reload()  # what was entered is still there
    page.keyboard.press("c")
    assert page.input_value("#c-assertion") == "possible"
    fits()
    page.press("#correct button.main", "Enter")
    page.wait_for_url(f"**done={first}")
    kept = row(engine, first)
    assert (kept.status, kept.assertion, kept.anchor) == ("corrected", "possible", "One suicide attempt")

    second = key_of(page)
    page.keyboard.press("r")
    assert page.is_visible("#reject")
    page.keyboard.press("Escape")
    assert not page.is_visible("#reject")
    page.keyboard.press("r")
    page.keyboard.press("Space")
    page.fill("#reject-note", "a note with keys: a r c j k")
    fits()
    page.press("#reject button.main", "Enter")
    page.wait_for_url(f"**done={second}")
    assert row(engine, second).status == "rejected"

    third = key_of(page)
    page.keyboard.press("a")
    page.wait_for_url(f"**done={third}")
    page.click("text=Undo")
    page.wait_for_url(f"**/findings/{third}*")
    assert row(engine, third).status == "pending"
    page.keyboard.press("?")
    assert page.is_visible("#keys")
    page.keyboard.press("Escape")
    assert not page.is_visible("#keys")

    assert [act.action for act in decisions(engine)] == ["correct", "reject", "accept", "undo"]
    assert page.evaluate("window.hacked") is None
    assert trouble == []


@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
def test_a_missing_finding_is_added_by_keys_and_the_abstract_is_done(
    browser: Any, address: str, engine: Engine, width: int, password: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.goto(f"{address}/login")
    page.fill("#name", "Ada Muster")
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue")
    page.goto(f"{address}/articles/99000101")
    page.keyboard.press("n")
    for _ in range(100):  # from the first mention to the last sentence
        if page.evaluate("getSelection().toString()") == "reported":
            break
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.inner_text("#add [data-words]") == "reported"
    page.select_option("#add-type", "adverse_event")
    page.press("#add button:not([type=button])", "Enter")
    page.wait_for_selector("h1 >> text=Add: adverse event")
    page.fill("[name=rate]", "1")
    page.press("aside button.main", "Enter")
    page.wait_for_url("**/findings/*")
    made = row(engine, key_of(page))
    assert (made.anchor, made.rate, made.status) == ("reported", "1", "accepted")
    assert made.quote == "One suicide attempt was reported."
    page.keyboard.press("v")
    page.wait_for_url("**/articles/99000101")
    page.keyboard.press("e")
    page.wait_for_selector("text=Nothing else here, say Ada Muster")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert trouble == []


def key_of(page: Any) -> str:
    """Give the id of the finding that a page shows."""
    return str(page.url.split("/")[-1].split("?")[0])


def test_a_page_elsewhere_cannot_send_a_decision(
    browser: Any, address: str, engine: Engine, password: str
) -> None:
    page = browser.new_page()
    page.goto(f"{address}/login")
    page.fill("#name", "Ada Muster")
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue")
    key = page.get_attribute("[data-row]", "href").split("/")[-1].split("?")[0]
    form = f"<form method=post action='{address}/findings/{key}/accept'><input name=seen value=1></form>"
    elsewhere = address.replace("127.0.0.1", "localhost")  # another origin, though the same server
    page.route("**/evil", lambda route: route.fulfill(content_type="text/html", body=form))
    page.goto(f"{elsewhere}/evil")
    with page.expect_response("**/accept") as answer:
        page.evaluate("document.forms[0].submit()")
    assert answer.value.status == 403
    assert decisions(engine) == []


def test_no_page_can_be_framed(browser: Any, address: str) -> None:
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    body = f"<iframe src='{address}/queue'></iframe>"
    page.route("**/frame", lambda route: route.fulfill(content_type="text/html", body=body))
    page.goto(f"{address}/frame")
    page.wait_for_load_state("networkidle")
    assert any("frame" in words for words in refused)
