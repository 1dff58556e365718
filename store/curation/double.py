"""Which findings two curators decide blindly: a share of each type, drawn by the finding's own id."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Shares = Mapping[str, float]
"""Type of finding → the share, from 0 to 1, that goes to two curators."""

NOBODY: Final[Shares] = MappingProxyType({})
"""No finding goes to two."""


def uniform(key: str, salt: str) -> float:
    """Give a number from 0 up to 1 that looks drawn at random; the same for ever, and independent between salts."""
    digest = hashlib.sha256(f"{salt}\x1f{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def drawn(key: str, share: float, salt: str = "double") -> bool:
    """Say whether an id is in a random share of ids.

    >>> drawn("0123456789abcdef", 1.0), drawn("0123456789abcdef", 0.0)
    (True, False)
    """
    return uniform(key, salt) < share
