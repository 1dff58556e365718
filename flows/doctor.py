"""What is configured, reachable, migrated and loaded; and what to do about what is not."""

import http.client
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator

from flows.settings import Settings
from nlp.article import Record
from nlp.errors import KetmineError


class Check(Record):
    """One thing that was looked at: whether it is ready, what was seen, and what to do if it is not."""

    name: str
    ready: bool
    seen: str
    advice: str | None = None


def examine(settings: Settings, *, offline: bool = False) -> Iterator[Check]:
    """Look at everything that a night needs; `offline` leaves out what asks PubMed."""
    looks: dict[str, Callable[[Settings], str]] = {
        "python": _python,
        "folder": _folder,
        "database": _database,
        "night": _night,
        "pipeline": _pipeline,
    }
    if not offline:
        looks |= {"e-mail": _email, "pubmed": _pubmed}
    for name, look in looks.items():
        try:
            yield Check(name=name, ready=True, seen=look(settings))
        except NotReady as error:
            yield Check(name=name, ready=False, seen=error.seen, advice=error.advice)
        except (KetmineError, OSError) as error:
            yield Check(name=name, ready=False, seen=str(error))


class NotReady(Exception):  # noqa: N818
    """What was seen that is not as it must be, and what to do."""

    def __init__(self, seen: str, advice: str) -> None:
        super().__init__(seen)
        self.seen, self.advice = seen, advice


def configured(settings: Settings) -> dict[str, str | None]:
    """Give every setting as it is; passwords and keys only as set."""
    from sqlalchemy import make_url

    shown = {f"KETMINE_{name.upper()}": value for name, value in settings}
    shown["KETMINE_DATABASE_URL"] = make_url(settings.database_url).render_as_string(hide_password=True)
    return {name: None if value is None else str(value) for name, value in shown.items()}


def _python(settings: Settings) -> str:
    version = ".".join(map(str, sys.version_info[:3]))
    if not (3, 11) <= sys.version_info[:2] < (3, 13):
        raise NotReady(version, "Use Python 3.11 or 3.12.")
    return version


def _folder(settings: Settings) -> str:
    settings.var.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.var):
        return f"{settings.var} can be written"


def _database(settings: Settings) -> str:
    from store.database import connect, schema_state

    engine = connect(settings.database_url)
    try:
        state = schema_state(engine)
    finally:
        engine.dispose()
    where = engine.url.render_as_string(hide_password=True)
    if not state.ready:
        raise NotReady(
            f"{where} has schema {state.current or 'none'}, not {state.wanted}", "Run `ketmine db upgrade`."
        )
    return f"{where} has schema {state.current}"


def _night(settings: Settings) -> str:
    from store.database import connect, session_scope
    from store.nights import ago, is_late, last_night

    engine = connect(settings.database_url)
    try:
        with session_scope(engine, writes=False) as session:
            night = last_night(session)
    finally:
        engine.dispose()
    if night is None:
        return "none has asked PubMed yet, so that none is waited for"
    seen = f"the last that asked PubMed began {ago(night.started_at)} (run {night.id}, {night.status})"
    if is_late(night.started_at):
        raise NotReady(seen, "Look whether `ketmine schedule`, or what else starts the night, is running.")
    return seen


def _pipeline(settings: Settings) -> str:
    from nlp.pipeline import load_pipeline, pipeline_identity

    return " ".join(pipeline_identity(load_pipeline(settings.pipeline)))


def _email(settings: Settings) -> str:
    if not settings.entrez_email:
        raise NotReady(
            "none", "Set KETMINE_ENTREZ_EMAIL to your address: NCBI asks for one with every request."
        )
    return settings.entrez_email


def _pubmed(settings: Settings) -> str:
    from flows.pubmed.entrez import TOOL
    from flows.pubmed.limiter import PER_SECOND, Limiter

    base = settings.entrez_url
    asked = {"db": "pubmed", "term": "ketamine[ti]", "retmax": "0"}
    asked |= {"tool": TOOL, "email": settings.entrez_email or ""}
    if settings.entrez_api_key:
        asked["api_key"] = settings.entrez_api_key.get_secret_value()
    Limiter(base, PER_SECOND).wait()
    try:
        address = f"{base}/esearch.fcgi?{urllib.parse.urlencode(asked)}"
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310
            if b"<eSearchResult" not in answer.read(2000):
                raise NotReady(f"{base} answers, but not as PubMed does", "Look at KETMINE_ENTREZ_URL.")
            return f"{base} answers {answer.status}"
    except urllib.error.HTTPError as error:
        with error:
            raise NotReady(f"{base} answers {error.code} {error.reason}", _advice(error.code)) from None
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error) or type(error).__name__
        advice = "Look at the network and KETMINE_ENTREZ_URL; `--source` needs no PubMed."
        raise NotReady(f"{base} does not answer: {reason}", advice) from None


def _advice(code: int) -> str:
    if code in (400, 401, 403):
        return "Look at KETMINE_ENTREZ_API_KEY and KETMINE_ENTREZ_EMAIL."
    return "Look at KETMINE_ENTREZ_URL." if code in (404, 410) else "Try later."
