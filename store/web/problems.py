"""Say what went wrong, once and at the edge: problem JSON (RFC 9457) to programs, a sentence to people."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nlp.errors import KetmineError
from store.web.render import page

log = logging.getLogger("ketmine.web")


class Problem(Exception):  # noqa: N818 - it is the name of RFC 9457
    """An answer that is no success: a status, and sentences that say what to do; `more` goes to programs."""

    def __init__(self, status: int, *sentences: str, **more: Any) -> None:
        super().__init__(" ".join(sentences))
        self.status, self.sentences, self.more = status, sentences, more


def respond(request: Request, problem: Problem) -> Response:
    """Write a problem as JSON under /api, as a page elsewhere."""
    title = HTTPStatus(problem.status).phrase
    if request.url.path.startswith("/api/"):
        body = {
            "type": "about:blank",
            "title": title,
            "status": problem.status,
            "detail": str(problem),
            "instance": request.url.path,
            **problem.more,
        }
        return JSONResponse(body, problem.status, media_type="application/problem+json")
    return page(request, "error.html", status=problem.status, heading=title, sentences=problem.sentences)


def install_handlers(app: FastAPI) -> None:
    """Translate every error into an answer."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> Response:
        return respond(request, error)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        words = {404: "There is no such page.", 405: "This address does not take that."}
        answer = respond(request, Problem(error.status_code, words.get(error.status_code, str(error.detail))))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        sentences = [f"{'.'.join(map(str, item['loc'][1:]))}: {item['msg']}." for item in error.errors()]
        return respond(request, Problem(422, *sentences))

    @app.exception_handler(KetmineError)
    async def _ketmine(request: Request, error: KetmineError) -> Response:
        return respond(request, Problem(503, str(error)))

    @app.exception_handler(Exception)
    async def _unforeseen(request: Request, error: Exception) -> Response:
        log.exception("unforeseen error at %s", request.url.path, exc_info=error)
        return respond(request, Problem(500, "Something went wrong here; the log of the server says what."))
