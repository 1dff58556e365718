"""Keep other sites out, until there is a log-in: whoever reaches the loopback address may decide.

A page elsewhere can make a curator's browser send requests here. Three things stop it: the Host must be
a loopback name with our port (DNS rebinding arrives under a foreign name), what changes something must
come from a page of ours (Origin, Sec-Fetch-Site), and no page of ours can be framed or run foreign
script.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
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


PLOT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""The policy of a plot opened by itself: its own styles, and nothing else."""


class Guard:
    """ASGI middleware: refuse foreign hosts, foreign posts and large bodies, and set the safety headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return  # no page of ours opens a WebSocket
        send = _with_headers(scope, send)
        refusal = refuse(scope)
        if refusal is None:
            body, receive = await _bounded(scope, receive)
            if not body:
                refusal = (413, f"A request may carry {MOST_BYTES // 1024} KiB at most.")
        if refusal is not None:
            await PlainTextResponse(refusal[1] + "\n", status_code=refusal[0])(scope, receive, send)
            return
        await self.app(scope, receive, send)


def refuse(scope: Scope) -> tuple[int, str] | None:
    """Say why a request is not served, as status and sentence, or None when it may pass."""
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    port = (scope.get("server") or ("", None))[1]
    if not _is_ours(host, port):
        return 421, f"This server answers to localhost only, not to {host[:100]!r}."
    if scope["method"] in SAFE_METHODS:
        return None
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None and origin != f"{scope['scheme']}://{host}":
        return 403, "Refused: the request comes from another site."
    if site is not None and site != "same-origin":
        return 403, "Refused: the request comes from another site."
    if origin is None and site is None:
        return 403, "Refused: the request does not say where it comes from (no Origin header)."
    return None


def _is_ours(host: str, port: int | None) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        given = parts.port
    except ValueError:
        return False
    plain = parts.netloc == host and not (parts.username or parts.password)
    return plain and parts.hostname in LOOPBACK and (port is None or (given or 80) == port)


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


def _with_headers(scope: Scope, send: Send) -> Send:
    static = scope["path"].startswith("/static/")

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            if headers.get("content-type") == "image/svg+xml" and not static:
                headers["Content-Security-Policy"] = PLOT
            headers.setdefault("Cache-Control", "no-cache" if static else "no-store")
        await send(message)

    return sending
