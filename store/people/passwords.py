"""Keep passwords as argon2id hashes (RFC 9106), and check them with the same work for every name."""

import secrets
import unicodedata
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 12
LONGEST: Final = 200
DIFFERENT: Final = 5
"""How many different characters a password has at least: twelve times the same letter is no password."""

_hasher = PasswordHasher()
# a check takes 64 MiB and a core for a moment: a crowd at the door waits instead of filling the memory
_at_once = BoundedSemaphore(4)


def hashed(password: str) -> str:
    """Give the hash to keep of a password."""
    with _at_once:
        return _hasher.hash(_plain(password))


def matches(kept: str | None, password: str) -> bool:
    """Say whether a password is the one that is kept; where none is kept, do the same work and say no."""
    with _at_once:
        try:
            right = _hasher.verify(kept or _nobodys(), _plain(password)[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return right and kept is not None


def weakness(password: str, name: str) -> str | None:
    """Say why a password cannot be taken, or None when it can."""
    plain = _plain(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        return f"A password has {SHORTEST} to {LONGEST} characters; a few words with spaces are a good one."
    if len(set(plain)) < DIFFERENT:
        return f"A password has at least {DIFFERENT} different characters."
    if name.casefold() in plain.casefold():
        return "A password does not hold the name of its owner."
    return None


def one_time() -> str:
    """Make a password to be told once and changed at the first log-in, of 96 random bits."""
    return secrets.token_urlsafe(12)


def _plain(password: str) -> str:
    # the same password typed on two keyboards can differ in code points (NIST SP 800-63B, 3.1.1.2)
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))
