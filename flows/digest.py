"""The morning's digest of a run, to a webhook and by e-mail, where the settings ask for it."""

import json
import smtplib
import ssl
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from email.message import EmailMessage
from functools import partial
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit

from flows.settings import Settings
from store.digest import Digest
from store.export import NOTICE
from store.nights import ago
from store.web.words import say

TOLD = ("nightly", "sweep", "retry")
"""The commands whose digest is sent by itself: those of the schedule, and what mends them."""

TIMEOUT = 30.0
"""Seconds that a server has to take a digest."""

_HEADINGS = {
    "new_studies": "New studies",
    "adverse_events": "New, rare or serious adverse events",
    "gone": "Retracted or deleted",
    "failures": "What failed",
    "lanes": "Accept lanes to look at",
}


def as_text(digest: Digest) -> str:
    """Give the digest as plain text."""
    return "\n".join(_lines(digest)) + "\n"


def deliver(digest: Digest, settings: Settings) -> list[str]:
    """Send the digest wherever the settings say, and give what could not be sent, in words without a secret."""
    ways: dict[str, tuple[object, Callable[[Digest, Settings], None]]] = {
        "the webhook": (settings.digest_webhook, _post),
        "the mail server": (settings.digest_email, _mail),
    }
    troubles = []
    for name, (asked_for, send) in ways.items():
        if asked_for:
            try:
                send(digest, settings)
            except HTTPError as error:
                with error:
                    troubles.append(f"the digest was not sent: {name} says {error.code} {error.reason}")
            except (OSError, ValueError, smtplib.SMTPException) as error:
                troubles.append(f"the digest was not sent: {name} does not take it ({_plainly(error)})")
    return troubles


def _lines(digest: Digest) -> Iterator[str]:
    yield _headline(digest)
    if digest.reason:
        yield digest.reason
    if digest.broken_off:
        yield f"Before it broke off: run {', '.join(map(str, digest.broken_off))}."
    if digest.night_before:
        earlier = ago(digest.night_before, digest.started_at).replace("ago", "earlier")
        yield f"Nights were left out: the one before this began {earlier}."
    entries: dict[str, Iterable[str]] = {
        "new_studies": (
            f"PMID {s.pmid}: {s.title} ({', '.join(filter(None, _study(s.year, s.design, s.findings)))})"
            for s in digest.new_studies
        ),
        "adverse_events": (
            f"{e.why}: {e.event}, {e.drug}, PMID {e.pmid}: “{e.quote}”" for e in digest.adverse_events
        ),
        "gone": (f"PMID {g.pmid}: {g.title}: {g.why}" for g in digest.gone),
        "failures": (f"{f.key}: {say(f.state)}: {f.reason or 'no reason given'}" for f in digest.failures),
        "lanes": digest.lanes,
    }
    for name, lines in entries.items():
        total = digest.totals[name]
        if not total:
            continue
        yield f"\n{_HEADINGS[name]}: {total:,}"
        shown = list(lines)
        yield from (f"- {line}" for line in shown)
        if total > len(shown):
            yield f"- and {total - len(shown):,} more"
    yield f"\n{NOTICE}"


def _headline(digest: Digest) -> str:
    counts = [
        f"{digest.totals['new_studies']:,} new studies",
        f"{digest.totals['gone']:,} retracted or deleted",
        f"{digest.totals['failures']:,} failed",
    ]
    return f"ketmine {digest.command} (run {digest.run}) {say(digest.status).lower()}: {', '.join(counts)}"


def _study(year: int | None, design: str | None, findings: int) -> tuple[str, ...]:
    return str(year or ""), say(design) if design else "", f"{findings} finding{'' if findings == 1 else 's'}"


def _post(digest: Digest, settings: Settings) -> None:
    address = settings.digest_webhook.get_secret_value() if settings.digest_webhook else ""
    body = json.dumps(digest.model_dump(mode="json") | {"text": as_text(digest)}, ensure_ascii=False)
    request = urllib.request.Request(  # noqa: S310
        address, body.encode(), {"Content-Type": "application/json; charset=utf-8"}, method="POST"
    )
    urllib.request.urlopen(request, timeout=TIMEOUT).close()  # noqa: S310


def _mail(digest: Digest, settings: Settings) -> None:
    server = urlsplit(settings.smtp_url.get_secret_value() if settings.smtp_url else "")
    to = [address.strip() for address in (settings.digest_email or "").split(",") if address.strip()]
    message = EmailMessage()
    message["Subject"] = _headline(digest)
    message["From"] = settings.entrez_email or to[0]
    message["To"] = ", ".join(to)
    message.set_content(as_text(digest))
    proven = ssl.create_default_context()
    kind: Callable[..., smtplib.SMTP] = smtplib.SMTP
    if server.scheme == "smtps":
        kind = partial(smtplib.SMTP_SSL, context=proven)
    with kind(server.hostname or "", server.port or 0, timeout=TIMEOUT) as smtp:
        smtp.ehlo()
        if server.scheme == "smtp" and (server.username or smtp.has_extn("starttls")):
            # a password goes to nobody who does not prove to be this server, and never in the clear
            smtp.starttls(context=proven if server.username else None)
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)


def _plainly(error: Exception) -> str:
    """Name an error without what may hold a secret: an address, or what a mail server was told."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it says {error.smtp_code}"
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None)
    return str(reason) if reason else type(error).__name__
