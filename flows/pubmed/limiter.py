"""Requests no faster than NCBI allows, counted over all processes of this machine."""

import errno
import fcntl
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nlp.errors import KetmineError

PER_SECOND, PER_SECOND_WITH_KEY = 3.0, 10.0
"""What NCBI allows one address: https://www.ncbi.nlm.nih.gov/books/NBK25497/."""

MARGIN = 1.03
"""Requests are spaced a little wider than allowed: they do not all take equally long to arrive."""


FARTHEST = 60.0
"""Seconds that a moment handed out may lie ahead: a file may be from before the machine was started, and its clock too."""


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
        """Make a limiter; those of one name (a server's address) and folder share their moments, whoever runs them."""
        self.interval = MARGIN / per_second
        self.clock, self.sleep = clock, sleep
        folder = folder or Path(tempfile.gettempdir())
        self.path = folder / f"ketmine-{hashlib.sha256(name.encode()).hexdigest()[:16]}.next"

    def wait(self) -> None:
        """Return at a moment when a request may be sent."""
        left = self._next() - self.clock()
        if left > 0:
            self.sleep(left)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait, and let nobody send before an interval has passed since the answer came.

        A request may arrive any time between being sent and being answered, on a busy machine a good deal later than
        it was sent. Requests of one process are an interval apart however late they arrive; those of another that waits
        already are apart as they are sent.
        """
        self.wait()
        try:
            yield
        finally:
            self._next(after=self.clock())

    def _next(self, after: float | None = None) -> float:
        """Take the next free moment; or, after a moment, only put off the next until an interval has passed since."""
        try:
            with os.fdopen(self._opened(), "r+", encoding="ascii", errors="replace") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                now = self.clock()
                moment = max(now, _number(file.read(64)))
                if moment > now + FARTHEST:
                    moment = now
                free = moment + self.interval if after is None else max(moment, after + self.interval)
                file.seek(0)
                file.truncate()
                file.write(repr(free))
                return moment
        except OSError as error:
            raise KetmineError(
                f"Cannot keep NCBI's limit: {self.path} cannot be written ({error.strerror}). Set TMPDIR to a folder that can."
            ) from None

    def _opened(self) -> int:
        """Open the file, which everybody on the machine may write; never through a link that somebody else laid."""
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
        if not os.path.lexists(self.path):
            self._make()
        opened = os.open(self.path, flags)
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            os.close(opened)
            raise OSError(errno.EINVAL, "it is no plain file")
        return opened

    def _make(self) -> None:
        """Make the file so that nobody finds it before everybody may write it, whatever the umask."""
        made, name = tempfile.mkstemp(dir=self.path.parent)
        try:
            os.fchmod(made, 0o666)
            with suppress(FileExistsError):
                os.link(name, self.path)
        finally:
            os.close(made)
            Path(name).unlink()


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
