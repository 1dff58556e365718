"""Keep other sites out: a page elsewhere can make the browser of someone who is logged in send requests here.

Three things stop it: the Host must be ours (DNS rebinding arrives under a foreign name), what changes something
must come from a page of ours (Origin, Sec-Fetch-Site) or bring a token, and no page of ours can be framed or run
foreign script.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from store.web.entrance import Entrance
from store.web.problems import Problem, respond

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_BYTES = 64 * 1024
"""The largest body taken: a correction with a long note is a few kilobytes."""

# No-referrer would make browsers send `Origin: null` with our own forms; same-origin keeps it.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT = {"Strict-Transport-Security": "max-age=31536000"}
"""Sent where people come by TLS: their browsers take no other way from then on."""


PLOT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""The policy of a plot opened by itself: its own styles, and nothing else."""


class Guard:
    """ASGI middleware: refuse foreign hosts, foreign posts and large bodies, and set the safety headers."""

    def __init__(self, app: ASGIApp, entrance: Entrance | None = None) -> None:
        self.app, self.entrance = app, entrance or Entrance()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return  # no page of ours opens a WebSocket
        send = _with_headers(scope, send, HEADERS | (STRICT if self.entrance.secure else {}))
        refusal = refuse(scope, self.entrance)
        if refusal is None:
            body, receive = await _bounded(scope, receive)
            if not body:
                refusal = (413, f"A request may carry {MOST_BYTES // 1024} KiB at most.")
        if refusal is not None:
            await respond(Request(scope), Problem(*refusal))(scope, receive, send)
            return
        await self.app(scope, receive, send)


def refuse(scope: Scope, entrance: Entrance) -> tuple[int, str] | None:
    """Say why a request is not served, as status and sentence, or None when it may pass."""
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    port = (scope.get("server") or ("", None))[1]
    if not entrance.is_ours(host, port):
        known = entrance.public_url or "localhost only"
        return 421, f"This server answers to {known}, not to {host[:100]!r}."
    # a browser adds no Authorization of its own accord, and with one the cookie is not looked at
    if scope["method"] in SAFE_METHODS or "authorization" in headers:
        return None
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None and origin != entrance.origin(scope["scheme"], host):
        return 403, "Refused: the request comes from another site."
    if site is not None and site != "same-origin":
        return 403, "Refused: the request comes from another site."
    if origin is None and site is None:
        return 403, "Refused: the request does not say where it comes from (no Origin header)."
    return None


async def _bounded(scope: Scope, receive: Receive) -> tuple[bool, Receive]:
    """Read the body up to the limit; give whether it fits, and a receive that hands it on."""
    if scope["method"] in SAFE_METHODS:
        return True, receive
    messages: list[Message] = []
    size, more = 0, True
    while more:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        more = bool(message.get("more_body")) and message["type"] == "http.request"
        if size > MOST_BYTES:
            return False, receive
    waiting = iter(messages)

    async def replay() -> Message:
        held = next(waiting, None)
        return held if held is not None else await receive()

    return True, replay


def _with_headers(scope: Scope, send: Send, safety: dict[str, str]) -> Send:
    static = scope["path"].startswith("/static/")

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(safety)
            if headers.get("content-type") == "image/svg+xml" and not static:
                headers["Content-Security-Policy"] = PLOT
            headers.setdefault("Cache-Control", "no-cache" if static else "no-store")
        await send(message)

    return sending
