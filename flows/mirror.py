"""PubMed XML files of an HTTP mirror: listed, fetched politely, kept only while they are read.

NLM's own is https://ftp.ncbi.nlm.nih.gov/pubmed/baseline/. A file is compared with the `.md5` beside it before
anything of it is read; one that was cut is asked for from where it broke off.
"""

import hashlib
import math
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

from flows.log import log
from flows.pubmed import SourceError
from flows.pubmed.limiter import PER_SECOND, Limiter
from flows.pubmed.pause import pause, retry_after
from nlp.errors import KetmineError

if TYPE_CHECKING:
    from httpx import Response

T = TypeVar("T")
Take = Callable[["Response"], T]
"""What is made of an answer while it comes in."""

TRIES = 5
"""Times that one request is sent before it counts as failed."""

LONGEST = 3600.0
"""Seconds after which a file of a known MD5 that still comes in is asked for again, from where it is: a drip is no answer."""

PATIENCE = 12
"""Failed requests in a row after which a mirror counts as gone."""

_FILE = re.compile(r"\.xml(\.gz)?$")
_PASSES = (408, 425, 429)
"""Statuses below 500 that do not stay."""


def is_address(source: str) -> bool:
    """Tell the address of a mirror from a path."""
    return source.lower().startswith(("http://", "https://"))


def digest_in(said: str) -> str | None:
    """Give the MD5 that a `.md5` file names: NLM's own form, or that of md5sum."""
    found = re.search(r"\b[0-9a-f]{32}\b", said.lower())
    return found[0] if found else None


def digest_of(path: Path) -> str:
    """Give the MD5 of a file: what NLM says of its files, no protection against malice."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


class _RefusedError(Exception):
    """One answer that is none, why, and the seconds to wait if it says."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.pause = reason, pause


class Mirror:
    """One or more servers, asked one thing at a time."""

    def __init__(
        self,
        folder: Path,
        email: str | None = None,
        *,
        timeout: float = 60.0,
        longest: float = LONGEST,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        watch: Callable[..., Iterable[bytes]] = lambda pieces, *_: pieces,
    ) -> None:
        """Take the folder for what is being fetched, who asks, and how to show what comes in."""
        self.folder, self.timeout, self.sleep, self.jitter = folder, timeout, sleep, jitter
        self.watch, self.longest = watch, longest
        who = f"ketmine ({email})" if email else "ketmine"
        # what is stored is what is wanted: no packing for the way
        self.headers = {"User-Agent": who, "Accept-Encoding": "identity"}
        self.failed_in_a_row = 0

    def files(self, address: str) -> list[str]:
        """Give the address of a file as it is; of a page, those of the files that it links to beside it, by name.

        Raises:
            KetmineError: the page cannot be fetched, or links to no file.
        """
        if urlsplit(address).username:
            raise KetmineError(
                "The address of a mirror is kept in the ledger: give it without a name and password."
            )
        if _FILE.search(urlsplit(address).path):
            return [address]
        page = self._ask(address, lambda answer: (str(answer.url), answer.read()))
        found = _linked(*page)
        if not found:
            raise KetmineError(f"{address} links to no .xml or .xml.gz file: give another --source.")
        return found

    def md5(self, address: str) -> str | None:
        """Give the MD5 that the mirror says a file has, or None when it says nothing."""
        said = self._ask(f"{address}.md5", lambda answer: answer.read(), absent=b"")
        return digest_in(said.decode(errors="replace"))

    @contextmanager
    def fetched(self, address: str, md5: str | None) -> Iterator[Path]:
        """Give a file, whole, for as long as the block lasts.

        Raises:
            SourceError: it cannot be fetched, or is twice not what its MD5 says.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        place = hashlib.sha256(f"{address} {md5}".encode()).hexdigest()[:16]
        path = self.folder / f"{place}-{urlsplit(address).path.rsplit('/', 1)[-1]}"
        if md5 is None:
            path.unlink(missing_ok=True)  # what an earlier run left may be of another file
        try:
            self._fetch(address, md5, path)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _fetch(self, address: str, md5: str | None, path: Path) -> None:
        for again in (True, False):
            # without an MD5 nothing tells whether the rest belongs to what is there: it is fetched anew, however long it takes
            part, longest = (path, self.longest) if md5 else (None, math.inf)
            self._ask(address, partial(self._append, path=path, address=address, longest=longest), part=part)
            if md5 is None or digest_of(path) == md5:
                return
            path.unlink()
            log.warning("%s is not what its .md5 says", address, extra={"again": again})
        raise SourceError(
            f"{address} is not what {address}.md5 says, twice; nothing of it was read. Try later."
        )

    def _append(self, answer: "Response", path: Path, address: str, longest: float) -> None:
        """Write what comes: after what is there where the server goes on from there, else instead of it."""
        import httpx

        until = time.monotonic() + longest
        if not answer.is_success:  # the range begins at the file's end: nothing is left to send
            return
        have = path.stat().st_size if path.exists() else 0
        goes_on = answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        size = answer.headers.get("Content-Length", "")
        # no size: what is gathered to one would be lost when the connection breaks
        pieces, what = answer.iter_raw(), f"Fetching {urlsplit(address).path.rsplit('/', 1)[-1]}"
        with path.open("ab" if goes_on else "wb") as file:
            for piece in self.watch(pieces, what, int(size) if size.isdigit() else None, len):
                file.write(piece)
                if time.monotonic() > until:
                    raise httpx.ReadTimeout(f"the answer was not whole after {longest:g} s")

    def _ask(self, address: str, take: Take[T], *, part: Path | None = None, absent: T | None = None) -> T:
        """Send a request until its answer is taken whole, at most TRIES times.

        With `part`, ask for what that file does not have yet. `absent` is the answer to a 404.
        """
        reason = ""
        for attempt in range(TRIES):
            try:
                taken = self._once(address, take, part, absent)
            except _RefusedError as refused:
                reason = refused.reason
                self.failed_in_a_row += 1
                if self.failed_in_a_row >= PATIENCE:
                    raise KetmineError(
                        f"The mirror failed {PATIENCE} times in a row, at last because {reason}: {address}. Try later."
                    ) from None
                if attempt < TRIES - 1:
                    self.sleep(pause(attempt, self.jitter(), refused.pause))
            else:
                self.failed_in_a_row = 0
                return taken
        raise SourceError(f"{address} could not be fetched in {TRIES} tries, at last because {reason}.")

    def _once(self, address: str, take: Take[T], part: Path | None, absent: T | None) -> T:
        import httpx

        Limiter(urlsplit(address).netloc, PER_SECOND).wait()
        have = part.stat().st_size if part and part.exists() else 0
        headers = self.headers | ({"Range": f"bytes={have}-"} if have else {})
        how: dict[str, Any] = {"headers": headers, "timeout": self.timeout, "follow_redirects": True}
        try:
            with httpx.stream("GET", address, **how) as answer:
                code = answer.status_code
                if code == httpx.codes.NOT_FOUND and absent is not None:
                    return absent
                if answer.is_success or (have and code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE):
                    return take(answer)
                reason = f"the server says {code} {answer.reason_phrase}"
                asked = retry_after(answer.headers.get("Retry-After"))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _RefusedError(str(error).rstrip(".") or type(error).__name__) from None
        if code < httpx.codes.INTERNAL_SERVER_ERROR and code not in _PASSES:
            raise SourceError(f"{address} cannot be fetched: {reason}.")
        raise _RefusedError(reason, asked)


def _linked(address: str, page: bytes) -> list[str]:
    """List the files that a page links to in its own folder."""
    from lxml import html

    folder = urljoin(address, ".")
    links = html.document_fromstring(page or b"<p>").xpath("//a/@href")
    files = {urljoin(address, str(link)) for link in links}
    return sorted(file for file in files if _FILE.search(file) and urljoin(file, ".") == folder)
