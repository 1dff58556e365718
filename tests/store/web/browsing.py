"""A real browser before the real application over HTTP, used by keys alone. Debian's Chromium, driven by Playwright."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from sqlalchemy import Engine

from store.database import session_scope
from store.people.accounts import add_user, set_password
from store.people.rights import Role
from store.web.app import create_app

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_browser = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
QUIET = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")
PASSWORD = "four words or five"

PICTURES = os.environ.get("KETMINE_TEST_PICTURES")
"""Folder for the screenshots of the docs; unset, none are taken (`make pictures` sets it)."""

Open = Callable[..., Any]


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application on a free port of the loopback."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    started = threading.Event()
    server.config.load()
    begin = server.startup

    async def startup(sockets: Any = None) -> None:
        await begin(sockets)
        started.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(30)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def address(engine: Engine) -> Iterator[str]:
    """Serve the application over the invented findings."""
    with served(create_app(engine)) as where:
        yield where


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start the browser."""
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Open]:
    """Give a function that opens a page; at the end no page may have complained in its console.

    Pages close before the server does (hence `address`), or they complain of one that is gone.
    """
    trouble: list[str] = []
    pages = []

    def page(width: int = 1280, **more: Any) -> Any:
        made = browser.new_page(viewport={"width": width, "height": 800}, **more)
        made.on("console", lambda message: trouble.append(f"{made.url}: {message.text}"))
        made.on("pageerror", lambda error: trouble.append(f"{made.url}: {error}"))
        pages.append(made)
        return made

    yield page
    for made in pages:
        made.close()
    assert not trouble, trouble


def person(engine: Engine, name: str, role: Role) -> None:
    """Add a person who has chosen a password."""
    with session_scope(engine) as session:
        user, _ = add_user(session, name, role)
        set_password(session, user, PASSWORD)


def tab_to(page: Any, selector: str, most: int = 120) -> None:
    """Go on with the tabulator until an element has the focus."""
    for _ in range(most):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way by Tab to {selector} on {page.url}")


def log_in(page: Any, address: str, name: str, onward: str = "/queue") -> None:
    """Log in by keys; the name has the focus."""
    page.goto(f"{address}/login?next={onward}")
    page.wait_for_function(
        "() => document.activeElement.matches('[autofocus]')"
    )  # it comes with the first frame
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}{onward}")


def picture(page: Any, name: str) -> None:
    """Keep a screenshot for the docs, where they are being taken."""
    if PICTURES:
        from PIL import Image

        path = Path(PICTURES) / f"{name}.png"
        page.screenshot(path=str(path))
        Image.open(path).convert("RGB").quantize(48).save(path, optimize=True)
