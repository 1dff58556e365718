"""Requests no faster than NCBI allows, counted over all processes of this machine."""

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from nlp.errors import KetmineError

PER_SECOND, PER_SECOND_WITH_KEY = 3.0, 10.0
"""What NCBI allows one address: https://www.ncbi.nlm.nih.gov/books/NBK25497/."""

MARGIN = 1.03
"""Requests are spaced a little wider than allowed: they do not all take equally long to arrive."""


class Limiter:
    """Hand out moments to send at, evenly spaced; the next free one stands in a locked file."""

    def __init__(
        self,
        name: str,
        per_second: float,
        *,
        folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make a limiter; those of one name (a server's address) and folder share their moments."""
        self.interval = MARGIN / per_second
        self.clock, self.sleep = clock, sleep
        folder = folder or Path(tempfile.gettempdir()) / f"ketmine-{os.getuid()}"
        self.path = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.next"

    def wait(self) -> None:
        """Return at a moment when a request may be sent."""
        moment = self._reserve()
        left = moment - self.clock()
        if left > 0:
            self.sleep(left)

    def _reserve(self) -> float:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self.path.open("a+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                now = self.clock()
                moment = max(now, _number(file.read()))
                # the clock begins anew when the machine does: a moment far ahead is of another life
                if moment > now + 3600:
                    moment = now
                file.seek(0)
                file.truncate()
                file.write(repr(moment + self.interval))
                return moment
        except OSError as error:
            raise KetmineError(
                f"Cannot keep NCBI's limit: {self.path} cannot be written ({error.strerror}). Set TMPDIR to a folder that can."
            ) from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
