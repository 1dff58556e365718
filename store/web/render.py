"""Render a template with what every page shows."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from store.export import NOTICE
from store.people.rights import Right, lacks

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
    auto_reload=False,  # or a page looks at the file of each of its parts
)


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Answer with a page: `context` and the notice, the person, and where we are."""
    first = "/" + request.url.path.split("/")[1]
    if request.query_params.get("queue") == "1":
        first = "/queue"
    person = getattr(request.state, "person", None)
    shared = {
        "notice": NOTICE,
        "person": person,
        "curator": lacks(person, Right.REVIEW) is None,
        "here": {"/articles": "/findings", "/numbers": "/queue", "/login": ""}.get(first, first),
        "here_url": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
    }
    html = TEMPLATES.get_template(template).render({**shared, **context})
    return HTMLResponse(html, status_code=status)
