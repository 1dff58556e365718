"""What Bio.Entrez leaves open, in one handler: where NCBI is, how long to wait, and POST for what fetches.

Bio.Entrez has NCBI's addresses in the code of each function and sets no timeout. All it sends goes through
urllib's installed opener, which is therefore the one place for both.
"""

import urllib.request
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
