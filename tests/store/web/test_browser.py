"""A curator's whole way in a real browser, by keys alone, at desk and phone width; and what other sites cannot do."""

from typing import Any

import pytest
from sqlalchemy import Engine

from store.database import session_scope
from store.people.rights import Person, Role
from store.review import decide
from tests.store.web.browsing import (  # noqa: F401 - the fixtures
    Open,
    address,
    browser,
    log_in,
    needs_browser,
    opened,
    person,
    picture,
    tab_to,
)
from tests.store.web.test_curation import decisions, row

pytestmark = needs_browser

KEYSTROKE = 100.0
"""Milliseconds that a keystroke may take."""

TIMED = """() => { window.slow = 0; new PerformanceObserver(list => { for (const e of list.getEntries())
  if (e.name === "keydown") window.slow = Math.max(window.slow, e.processingEnd - e.processingStart); })
  .observe({ type: "event", durationThreshold: 16, buffered: true }); }"""


def key_of(page: Any) -> str:
    """Give the id of the finding that a page shows."""
    return str(page.url.split("/")[-1].split("?")[0])


@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
def test_the_whole_way_of_a_curator_by_keys(opened: Open, address: str, engine: Engine, width: int) -> None:  # noqa: F811
    person(engine, "Ada Muster", Role.CURATOR)
    person(engine, "Cem Schlichter", Role.ADJUDICATOR)
    page = opened(width, accept_downloads=True)
    press = page.keyboard.press

    def fits() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    def shot(name: str) -> None:
        fits()
        picture(page, f"{name}-{'desk' if width > 1000 else 'phone'}")

    log_in(page, address, "Ada Muster")
    fits()
    press("j")
    press("j")
    press("k")
    assert page.evaluate("document.activeElement.textContent") == "suicide attempt"
    press("t")  # take a batch
    page.wait_for_url("**/findings/*?queue=1")
    page.evaluate(TIMED)
    shot("finding")
    first = key_of(page)

    press("w")  # correct, with other words: one to the left as well
    press("ArrowLeft")
    press("Shift+ArrowRight")
    press("Shift+ArrowRight")
    press("Enter")
    assert page.inner_text("#correct [data-words]") == "One suicide attempt"
    tab_to(page, "#c-assertion")
    with page.expect_response("**/api/v1/drafts/*") as kept_there:  # what is entered goes to the server
        page.keyboard.type("possible")
    assert kept_there.value.status == 204
    assert page.evaluate("window.slow") < KEYSTROKE
    page.wait_for_function("() => localStorage.length === 0")
    page.reload()  # and comes back from there
    press("c")
    assert page.input_value("#c-assertion") == "possible"
    fits()
    tab_to(page, "[name^=dose-]")  # it belongs to the dose of the trial
    before = page.is_checked("[name^=dose-]")
    press("Space")
    fits()
    tab_to(page, "#correct button.main")
    press("Enter")
    page.wait_for_url(f"**done={first}")
    kept = row(engine, first)
    assert (kept.status, kept.assertion, kept.anchor) == ("corrected", "possible", "One suicide attempt")
    assert kept.decided is not None
    assert bool(kept.decided["doses"]) is not before

    second = key_of(page)
    press("r")  # reject
    press("Escape")
    assert not page.is_visible("#reject")
    press("r")
    press("Space")
    tab_to(page, "#reject-note")
    page.keyboard.type("a note with keys: a r c j k")
    fits()
    tab_to(page, "#reject button.main")
    press("Enter")
    page.wait_for_url(f"**done={second}")
    assert row(engine, second).status == "rejected"

    third = key_of(page)
    press("a")  # accept
    page.wait_for_url(f"**done={third}")
    tab_to(page, "form[action$='/undo'] button")
    press("Enter")
    page.wait_for_url(f"**/findings/{third}*")
    assert row(engine, third).status == "pending"
    assert "Undone by Ada Muster" in page.inner_text(".history")  # its history
    assert "Accepted by Ada Muster" in page.inner_text(".history")

    page.goto(f"{address}/articles/99000101")
    press("n")  # add what was missed: from the first mention to the last sentence
    for _ in range(100):
        if page.evaluate("getSelection().toString()") == "reported":
            break
        press("ArrowRight")
    press("Enter")
    assert page.inner_text("#add [data-words]") == "reported"
    assert page.evaluate("document.activeElement.id") == "add-type"
    page.keyboard.type("Adverse")
    tab_to(page, "#add button:not([type=button])")
    press("Enter")
    page.wait_for_selector("h1 >> text=Add: adverse event")
    fits()
    tab_to(page, "[name=rate]")
    page.keyboard.type("1")
    tab_to(page, "aside button.main")
    press("Enter")
    page.wait_for_url("**/findings/*")
    made = row(engine, key_of(page))
    assert (made.anchor, made.rate, made.status) == ("reported", "1", "accepted")
    press("v")
    page.wait_for_url("**/articles/99000101")
    press("e")  # nothing else here
    page.wait_for_selector("text=Nothing else here, say Ada Muster")
    fits()
    press("?")
    assert page.is_visible("#keys")
    press("Escape")

    with session_scope(engine) as session:  # two others disagree about the third, neither seeing the other
        for name, act in (
            ("Bea", {"action": "accept"}),
            ("Dora", {"action": "reject", "reason": "not_said"}),
        ):
            seen = row(engine, third).revision
            decide(
                session,
                third,
                person=Person(name, Role.CURATOR),
                seen=seen,
                double={made.type: 1.0, "dose": 1.0, "outcome": 1.0},
                **act,
            )
    tab_to(page, "form[action='/logout'] button")
    press("Enter")
    page.wait_for_selector("text=Log in to review")
    log_in(page, address, "Cem Schlichter")
    assert "Two curators disagree" in page.inner_text("main")
    press("t")
    page.wait_for_url(f"**/findings/{third}?queue=1")
    assert "Accepted by Bea" in page.inner_text(".history")
    press("a")  # adjudicate
    page.wait_for_url(f"**done={third}")
    assert row(engine, third).status == "accepted"

    press("/")  # to the filters of the queue
    assert page.evaluate("document.activeElement.name") == "text"
    tab_to(page, ".brand")
    tab_to(page, "nav a[href='/findings']")
    press("Enter")  # to the list, and export it
    page.wait_for_url("**/findings")
    with page.expect_download() as saved:
        tab_to(page, "a[href^='/findings.csv']")
        press("Enter")
    assert saved.value.suggested_filename == "ketmine-findings.csv"
    assert b"Ada Muster" not in saved.value.path().read_bytes()  # who decided is nobody's evidence
    assert [act.action for act in decisions(engine)] == [
        *("correct", "reject", "accept", "undo", "add", "accept", "reject", "disagree", "accept")
    ]
    assert page.evaluate("window.hacked") is None


def test_the_second_of_two_curators_is_told_and_what_they_typed_is_kept(
    browser: Any,  # noqa: F811
    address: str,  # noqa: F811
    engine: Engine,
) -> None:
    person(engine, "Ada Muster", Role.CURATOR)
    page = browser.new_page()  # its console says that the answer is a 409, which it is
    log_in(page, address, "Ada Muster")
    key = page.get_attribute("[data-row]", "href").split("/")[-1].split("?")[0]
    page.goto(f"{address}/findings/{key}")
    page.keyboard.press("r")
    page.keyboard.press("Space")
    tab_to(page, "#reject-note")
    page.keyboard.type("see table 2")
    with session_scope(engine) as session:
        decide(session, key, "accept", Person("Bea", Role.CURATOR), seen=1)
    tab_to(page, "#reject button.main")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert] >> text=Bea accepted it at")
    assert page.input_value("#reject-note") == "see table 2"
    assert row(engine, key).status == "accepted"


def test_a_page_elsewhere_cannot_send_a_decision(browser: Any, address: str, engine: Engine) -> None:  # noqa: F811
    person(engine, "Ada Muster", Role.CURATOR)
    page = browser.new_page()
    log_in(page, address, "Ada Muster")
    key = page.get_attribute("[data-row]", "href").split("/")[-1].split("?")[0]
    form = f"<form method=post action='{address}/findings/{key}/accept'><input name=seen value=1></form>"
    elsewhere = address.replace("127.0.0.1", "localhost")  # another origin, though the same server
    page.route("**/evil", lambda route: route.fulfill(content_type="text/html", body=form))
    page.goto(f"{elsewhere}/evil")
    with page.expect_response("**/accept") as answer:
        page.evaluate("document.forms[0].submit()")
    assert answer.value.status == 403
    assert decisions(engine) == []


def test_no_page_can_be_framed(browser: Any, address: str) -> None:  # noqa: F811
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    body = f"<iframe src='{address}/queue'></iframe>"
    page.route("**/frame", lambda route: route.fulfill(content_type="text/html", body=body))
    page.goto(f"{address}/frame")
    page.wait_for_load_state("networkidle")
    assert any("frame" in words for words in refused)
