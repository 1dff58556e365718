"""Which articles answers have shown: a count for each, so that those come first that people look at most.

Neither who asked nor what for is kept. A server counts in memory and writes once a minute, in the background; what cannot be
written then is written the next time, and no answer waits for it or fails by it.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from threading import Lock, Timer

from sqlalchemy import Date, Engine, bindparam, text
from sqlmodel import Session

from nlp.errors import StoreError
from store.database import connect, located, now, session_scope

EVERY = 60.0
"""Seconds between two writings of a server."""

PATIENCE = 0.2
"""Seconds for which a command waits for other writers of an SQLite file when its answer is given."""

log = logging.getLogger(__name__)

_ADD = text(
    "INSERT INTO asked (pmid, times, last_on) VALUES (:pmid, :times, :day) "
    "ON CONFLICT (pmid) DO UPDATE SET times = asked.times + excluded.times, last_on = excluded.last_on"
).bindparams(bindparam("day", type_=Date))


def add_asked(session: Session, counts: Mapping[str, int]) -> None:
    """Add to the counts of articles that are held."""
    day = now().date()
    if counts:  # in order, so that two servers do not wait for each other
        values = [{"pmid": pmid, "times": counts[pmid], "day": day} for pmid in sorted(counts)]
        session.connection().execute(_ADD, values)


class Tally:
    """What a server has shown since it wrote last."""

    def __init__(self, engine: Engine, every: float = EVERY) -> None:
        """Write to the store of this engine, so many seconds after something was shown."""
        self._engine, self._every = engine, every
        self._counts: Counter[str] = Counter()
        self._lock = Lock()
        self._timer: Timer | None = None

    def note(self, pmids: Iterable[str]) -> None:
        """Count articles that an answer shows, each once."""
        with self._lock:
            self._counts.update(set(pmids))
            if self._timer is None and self._counts:
                self._timer = Timer(self._every, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write what was counted; what the store does not take now stays counted."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
            counts, self._counts, self._timer = self._counts, Counter(), None
        try:
            if counts:
                with session_scope(self._engine) as session:
                    add_asked(session, counts)
        except StoreError as error:
            log.info("what was asked for is not counted yet: %s", error)
            with self._lock:
                self._counts.update(counts)  # the next note starts the clock again


def note_once(url: str, pmids: Iterable[str]) -> None:
    """Count articles that a command has shown, if the store takes it at once."""
    target = located(url)
    if target.get_backend_name() == "sqlite":
        target = target.update_query_dict({"timeout": str(PATIENCE)})
    engine = connect(target.render_as_string(hide_password=False))
    try:
        with session_scope(engine) as session:
            add_asked(session, dict.fromkeys(pmids, 1))
    except StoreError as error:
        log.info("what was asked for is not counted: %s", error)
    finally:
        engine.dispose()
