"""Wire the web process: one engine, the guard around everything, JSON under /api/v1, pages beside it."""

from collections import OrderedDict
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from store.export import NOTICE
from store.web import api, curation, pages, questions
from store.web.guard import Guard
from store.web.problems import install_handlers

HERE = Path(__file__).parent


def create_app(engine: Engine) -> ASGIApp:
    """Build the web application over a migrated database; no model and no pipeline is loaded.

    Serve it on a loopback address only: until there is a log-in, whoever can reach it may decide.
    """
    app = FastAPI(
        title="ketmine",
        summary="Findings about ketamine, read from PubMed abstracts.",
        description=NOTICE,
        version="1",
        docs_url=None,  # their assets come from a CDN
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.engine = engine
    app.state.answers = OrderedDict()
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.include_router(api.router)
    app.include_router(pages.router)
    app.include_router(questions.router)
    app.include_router(curation.router)
    install_handlers(app)
    return Guard(app)
