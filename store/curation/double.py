"""Which findings two curators decide blindly: a share of each type, drawn by the finding's own id."""

import hashlib
from collections.abc import Mapping

from sqlmodel import Session

from store.review import opinions
from store.tables import FindingRow, Status

Shares = Mapping[str, float]
"""Type of finding → the share, from 0 to 1, that goes to two curators."""


def drawn(key: str, share: float, salt: str = "double") -> bool:
    """Say whether an id is in a random share of ids; the same for ever, and independent between salts.

    >>> drawn("0123456789abcdef", 1.0), drawn("0123456789abcdef", 0.0)
    (True, False)
    """
    digest = hashlib.sha256(f"{salt}\x1f{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def is_double(session: Session, finding: FindingRow, shares: Shares) -> bool:
    """Say whether a decision on this finding is one of two opinions; a pair that was begun is finished."""
    if finding.status != Status.PENDING:
        return False
    return drawn(finding.id, shares.get(finding.type, 0.0)) or bool(opinions(session, finding.id))
