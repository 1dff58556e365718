"""Wire the web process: one engine, the guard around everything, JSON under /api/v1, pages beside it."""

from collections import OrderedDict
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from store.asked import Tally
from store.curation.double import Shares
from store.export import NOTICE
from store.web import (
    api,
    api_desk,
    api_drafts,
    api_figures,
    api_people,
    catalogue,
    curation,
    editing,
    figures,
    login,
    oidc,
    pages,
    questions,
    queueing,
    studying,
)
from store.web.door import Door
from store.web.entrance import Entrance
from store.web.guard import Guard
from store.web.problems import install_handlers

HERE = Path(__file__).parent

ROUTES = (
    *(queueing.router, editing.router, curation.router, pages.router),
    *(login.router, oidc.router, figures.router, studying.router, questions.router),
    *(api.router, api_desk.router, api_drafts.router, api_figures.router, api_people.router),
    *(catalogue.router, questions.api, studying.api),
)
"""In the order in which they are looked through: what curators ask all day first; `/findings/{id}/{act}` after acts by name."""


def create_app(
    engine: Engine,
    entrance: Entrance | None = None,
    double: Shares | None = None,
    asked: Tally | None = None,
) -> ASGIApp:
    """Build the web application over a migrated database; no model and no pipeline is loaded.

    Without an entrance that names its public address it answers to loopback names only, and whoever can reach it
    may read; to decide takes a log-in everywhere.
    `double` is the share of each type of finding that two curators decide blindly; `asked` counts the articles that
    answers show.
    """
    entrance = entrance or Entrance()
    app = FastAPI(
        title="ketmine",
        summary="Findings about ketamine, read from PubMed abstracts.",
        description=NOTICE,
        version="1",
        docs_url=None,  # their assets come from a CDN
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.answers, app.state.figures = OrderedDict(), OrderedDict()
    app.state.engine, app.state.entrance = engine, entrance
    app.add_middleware(Door, engine=engine, entrance=entrance)
    app.state.double, app.state.asked = double or {}, asked
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for routes in ROUTES:
        app.include_router(routes)
    install_handlers(app)
    return Guard(app, entrance)
