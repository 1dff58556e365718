"""The conversation with the E-utilities, over Bio.Entrez: polite, stubborn, and honest about what is missing.

Whatever goes wrong is tried again after a pause that doubles, is jittered, and obeys Retry-After; records that an
answer leaves out are asked for again in smaller batches, down to one by one. What still is not there is given back
as missing, with the reason. https://www.ncbi.nlm.nih.gov/books/NBK25499/.
"""

import http.client
import io
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError

from lxml import etree

from flows.pubmed.limiter import PER_SECOND, PER_SECOND_WITH_KEY, Limiter
from flows.pubmed.pause import pause, retry_after
from flows.pubmed.records import Deleted, Missing, Received, Sent, Unparsable
from flows.pubmed.transport import NCBI, install, whole
from flows.pubmed.xml import SourceError, read_records
from nlp.errors import KetmineError

TOOL = "ketmine"
BATCH = 200
"""Records of one efetch at most."""

MOST_IDS = 9_999
"""Ids that esearch gives of one query at most."""

EARLIEST = date(1900, 1, 1)
"""Before any record was made."""

TRIES = 5
"""Times that one request is sent before it counts as failed."""

LONGEST_ANSWER = 600.0
"""Seconds in which an answer must be whole: 200 records are some MB."""

PATIENCE = 12
"""Failed requests in a row after which the server is asked for FIRST; if that fails too it counts as gone."""

FIRST = "1"
"""The first PMID there is: who cannot have that from PubMed can have nothing."""

_PARSER = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
_GLOBALS = threading.Lock()


class EntrezError(KetmineError):
    """PubMed did not do what was asked, after all tries."""


class GoneError(EntrezError):
    """PubMed has not answered for so long that asking more is no use."""


class _RefusedError(Exception):
    """One answer that is none, why, and the seconds to wait if it says."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.pause = reason, pause


class _Answer(NamedTuple):
    """What a fetch gave: good records by PMID, and why the answer is not whole."""

    records: dict[str, list[Sent]]
    damage: str | None


class EntrezClient:
    """Search and fetch; one client for a run."""

    def __init__(
        self,
        base: str = NCBI,
        *,
        email: str | None = None,
        api_key: str | None = None,
        timeout: float = 60.0,
        longest: float = LONGEST_ANSWER,
        limiter: Limiter | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Take the base of the E-utilities, who asks, and the key if there is one.

        Raises:
            EntrezError: there is no e-mail address: NCBI asks for one with every request.
        """
        if not email:
            raise EntrezError(
                "NCBI asks every client for an e-mail address: set KETMINE_ENTREZ_EMAIL to yours, "
                "or read files with --source."
            )
        self.base, self.email, self.api_key = base.rstrip("/"), email, api_key
        self.timeout, self.longest = timeout, longest
        rate = PER_SECOND_WITH_KEY if api_key else PER_SECOND
        self.limiter = limiter or Limiter(self.base, rate)
        self.sleep, self.jitter = sleep, jitter
        self.failed_in_a_row = 0

    # -- searching

    def search(
        self, query: str, *, datetype: str = "crdt", mindate: date | None = None, maxdate: date | None = None
    ) -> list[str]:
        """Give the PMIDs of a query, each once, whose creation (crdt) or revision (mdat) lies in a window.

        More than 9,999 are asked for in parts, split by the day they were made until each part fits.

        Raises:
            EntrezError: PubMed does not answer, refuses the query, or gives fewer ids than it counts.
        """
        window: dict[str, Any] = {}
        if mindate or maxdate:
            first, last = mindate or EARLIEST, maxdate or date.today() + timedelta(days=1)
            window = {"datetype": datetype, "mindate": f"{first:%Y/%m/%d}", "maxdate": f"{last:%Y/%m/%d}"}
        count, ids = self._esearch(query, window)
        if count > MOST_IDS:
            ids = list(self._split(query, window, EARLIEST, date.today() + timedelta(days=1)))
        unique = list(dict.fromkeys(ids))
        if len(unique) < count:
            raise EntrezError(
                f"PubMed counts {count} records for the query and gave {len(unique)}: "
                f"{count - len(unique)} are missing. Run the same command again."
            )
        return unique

    def _split(self, query: str, window: dict[str, Any], first: date, last: date) -> Iterator[str]:
        part = f'({query}) AND ("{first:%Y/%m/%d}"[crdt] : "{last:%Y/%m/%d}"[crdt])'
        count, ids = self._esearch(part, window)
        if count <= MOST_IDS:
            yield from ids
        elif first == last:
            raise EntrezError(
                f"PubMed counts {count} records made on {first} for the query, and gives no more than {MOST_IDS}: "
                "make the query narrower."
            )
        else:
            middle = first + (last - first) // 2
            yield from self._split(query, window, first, middle)
            yield from self._split(query, window, middle + timedelta(days=1), last)

    def _esearch(self, term: str, window: dict[str, Any]) -> tuple[int, list[str]]:
        def read(body: bytes) -> tuple[int, list[str]]:
            root = _parsed(body, "eSearchResult")
            error = root.findtext("ERROR")
            if error:
                raise _RefusedError(f"it says {error.strip()!r}")
            count = root.findtext("Count") or ""
            ids = [element.text.strip() for element in root.iterfind("IdList/Id") if element.text]
            if not count.isdigit():
                raise _RefusedError("the answer has no count")
            if len(ids) != min(int(count), MOST_IDS):
                raise _RefusedError(f"the answer counts {count} records and lists {len(ids)}")
            return int(count), ids

        return self._ask("esearch", read, db="pubmed", term=term, retmax=MOST_IDS, **window)

    # -- fetching

    def fetch(self, pmids: Iterable[str]) -> Iterator[Sent | Missing]:
        """Give what PubMed holds of each PMID; one that it does not give is missing, with the reason.

        `Missing.absent` says that PubMed answered well and has no such record.
        """
        wanted = list(dict.fromkeys(pmids))
        for at in range(0, len(wanted), BATCH):
            batch = wanted[at : at + BATCH]
            try:
                yield from self._fetch(batch)
            except GoneError as gone:
                for pmid in wanted[at:]:
                    yield Missing(pmid=pmid, reason=str(gone), gone=True)
                return

    def _fetch(self, pmids: Sequence[str]) -> Iterator[Sent | Missing]:
        try:
            answer = self._efetch(pmids)
        except GoneError:
            raise
        except EntrezError as error:
            answer = _Answer({}, str(error))
        left = []
        for pmid in pmids:
            found = answer.records.get(pmid, [])
            # a record that a cut made unreadable is whole in the next answer
            if found and not (answer.damage and any(isinstance(record, Unparsable) for record in found)):
                yield from found
            else:
                left.append(pmid)
        if len(left) == 1 and len(pmids) == 1:
            yield self._lonely(left[0], answer)
        elif left:
            half = (len(left) + 1) // 2
            yield from self._fetch(left[:half])
            if left[half:]:
                yield from self._fetch(left[half:])

    def _lonely(self, pmid: str, answer: _Answer) -> Sent | Missing:
        """Say of a PMID that was asked for alone why there is no record."""
        for record in (*answer.records.get(pmid, []), *answer.records.get("", [])):
            if isinstance(record, Unparsable):
                return replace(record, pmid=pmid)
        if answer.damage:
            return Missing(pmid=pmid, reason=answer.damage)
        return Missing(pmid=pmid, reason="PubMed has no record of this PMID", absent=True)

    def _efetch(self, pmids: Sequence[str]) -> _Answer:
        answer: _Answer = self._ask("efetch", _fetched, db="pubmed", id=",".join(pmids), retmode="xml")
        return answer

    # -- asking

    def _ask(self, function: str, read: Callable[[bytes], Any], **parameters: Any) -> Any:
        """Send a request until its answer can be read, at most TRIES times."""
        reason = ""
        for attempt in range(TRIES):
            try:
                answer = read(self._send(function, parameters))
            except _RefusedError as refused:
                self.failed_in_a_row += 1
                reason = self._redacted(refused.reason)
                if self.failed_in_a_row >= PATIENCE and self._is_gone():
                    raise GoneError(
                        f"PubMed failed {self.failed_in_a_row} times in a row, at last because {reason}. Try later."
                    ) from None
                if attempt < TRIES - 1:
                    self.sleep(pause(attempt, self.jitter(), refused.pause))
            else:
                self.failed_in_a_row = 0
                return answer
        raise EntrezError(f"PubMed did not answer {function} in {TRIES} tries, at last because {reason}.")

    def _is_gone(self) -> bool:
        """Ask for FIRST: a server that gives it is there, and fails on what else is asked of it."""
        try:
            _fetched(self._send("efetch", {"db": "pubmed", "id": FIRST, "retmode": "xml"}))
        except _RefusedError:
            return True
        self.failed_in_a_row = 0
        return False

    def _send(self, function: str, parameters: dict[str, Any]) -> bytes:
        from Bio import Entrez

        try:
            with self.limiter.turn():
                with _GLOBALS:
                    install(self.base, self.timeout)
                    # our back-off and our limiter are the only ones
                    Entrez.max_tries, Entrez._open.previous = 1, 0
                    who = {"tool": TOOL, "email": self.email, "api_key": self.api_key}
                    handle = getattr(Entrez, function)(**parameters, **who)
                with handle:
                    body = whole(handle, self.longest)
        except HTTPError as error:
            with error:
                asked = retry_after(error.headers.get("Retry-After")) if error.headers else None
                raise _RefusedError(f"the server says {error.code} {error.reason}", asked) from None
        except URLError as error:
            raise _RefusedError(f"the server cannot be reached: {error.reason}") from None
        except http.client.IncompleteRead as error:
            raise _RefusedError(f"the answer was cut after {len(error.partial)} bytes") from None
        except (OSError, http.client.HTTPException) as error:
            raise _RefusedError(f"the connection broke: {error or type(error).__name__}") from None
        if not body.strip():
            raise _RefusedError("the answer is empty")
        head = body.lstrip()[:200].lower()
        if head.startswith((b"<!doctype html", b"<html")):
            raise _RefusedError("the answer is a web page and no record")
        return body

    def _redacted(self, text: str) -> str:
        return text.replace(self.api_key, "…") if self.api_key else text


def _fetched(body: bytes) -> _Answer:
    """Read what an efetch gave."""
    if b"<ERROR>" in body[:2000]:
        text = body[body.index(b"<ERROR>") + 7 :].partition(b"</ERROR>")[0]
        raise _RefusedError(f"it says {text.decode(errors='replace').strip()[:200]!r}")
    records: dict[str, list[Sent]] = {}
    damage = None
    try:
        for record in read_records(io.BytesIO(body), "the answer"):
            records.setdefault(record.pmid or "", []).append(record)
    except SourceError as error:
        damage = str(error)
        if not any(isinstance(r, Received | Deleted) for found in records.values() for r in found):
            raise _RefusedError(damage) from None
    return _Answer(records, damage)


def _parsed(body: bytes, root: str) -> etree._Element:
    try:
        element = etree.fromstring(body, _PARSER)
    except etree.XMLSyntaxError as error:
        raise _RefusedError(f"the answer is no XML: {error.msg}") from None
    if element.tag != root:
        raise _RefusedError(f"the answer is a {element.tag} and no {root}")
    return element
