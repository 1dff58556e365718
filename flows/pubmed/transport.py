"""What Bio.Entrez leaves open: where NCBI is, how long to wait for an answer and for its end, and POST for what fetches.

Bio.Entrez has NCBI's addresses in the code of each function and sets no timeout. All it sends goes through
urllib's installed opener, which is therefore the one place for both.
"""

import http.client
import time
import urllib.request
from typing import Any
from urllib.request import BaseHandler, Request

NCBI = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
"""The base that Bio.Entrez asks."""


class Route(BaseHandler):
    """Send requests for NCBI's base to another, with a timeout in seconds."""

    handler_order = 100  # before the handlers that read the host

    def __init__(self, base: str, timeout: float) -> None:
        """Take the base to send to, without a slash at its end."""
        self.base, self.timeout = base, timeout

    def https_request(self, request: Request) -> Request:
        """Rewrite a request to NCBI; leave all others alone."""
        if not request.full_url.startswith(f"{NCBI}/"):
            return request
        url = self.base + request.full_url.removeprefix(NCBI)
        if request.data is None and "efetch.fcgi?" in url:
            url, _, parameters = url.partition("?")
            request.data, request.method = parameters.encode(), "POST"
        request.full_url = url
        request.timeout = self.timeout
        return request


def install(base: str, timeout: float) -> None:
    """Make all requests to NCBI in this process go to a base; the last one installed counts."""
    urllib.request.install_opener(urllib.request.build_opener(Route(base, timeout)))


def whole(handle: Any, seconds: float) -> bytes:
    """Read an answer to its end, which must come within so many seconds.

    A socket's timeout is for each of its pieces: a server that sends a byte a minute would never reach it.

    Raises:
        TimeoutError: the end did not come in time.
        http.client.IncompleteRead: the connection was closed before the end.
    """
    answer = getattr(handle, "buffer", handle)  # of plain text Bio.Entrez makes a text stream
    until = time.monotonic() + seconds
    pieces, size = [], 0
    while piece := answer.read1(1 << 16):
        pieces.append(piece)
        size += len(piece)
        if time.monotonic() > until:
            raise TimeoutError(f"the answer was not whole after {seconds:g} s")
    promised = answer.headers.get("Content-Length", "")
    if promised.isdigit() and size < int(promised):  # read1 takes a cut for the end
        raise http.client.IncompleteRead(b"".join(pieces), int(promised) - size)
    return b"".join(pieces)
