"""What curators have typed and not yet sent: it waits for them on the server, whichever machine they go on at."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, delete
from sqlmodel import Session, col, select

from store.curation.tables import Draft
from store.database import now

LONGEST: Final = timedelta(days=30)
"""A draft that nobody touched for so long is forgotten."""


def keep_draft(session: Session, curator: str, key: str, fields: Mapping[str, str]) -> None:
    """Keep what a curator has typed into a form so far; without fields, forget it."""
    if not fields:
        forget_draft(session, curator, key)
        return
    session.execute(delete(Draft).where(col(Draft.saved_at) < now() - LONGEST))
    session.merge(Draft(curator=curator, key=key, fields=dict(fields), saved_at=now()))
    session.flush()


def drafts(session: Session, curator: str, keys: Collection[str]) -> dict[str, dict[str, str]]:
    """Give the fields of those forms that a curator has begun: {key: fields}."""
    held = session.scalars(_OF, {"curator": curator, "keys": list(keys)})
    return {draft.key: draft.fields for draft in held}


_OF = select(Draft).where(
    col(Draft.curator) == bindparam("curator"), col(Draft.key).in_(bindparam("keys", expanding=True))
)


def forget_draft(session: Session, curator: str, key: str) -> None:
    """Forget what was typed: it was sent, or is no longer wanted."""
    session.execute(delete(Draft).where(col(Draft.curator) == curator, col(Draft.key) == key))
