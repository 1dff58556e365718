"""What a role may do, as tables; `why_not` says why an act is refused, and everything else asks it.

The pages hide a button by the rule that guards the act behind it.
"""

from enum import StrEnum
from typing import NamedTuple

from nlp.errors import KetmineError
from store.status import Status


class Role(StrEnum):
    """What a person is to ketmine. The values are stored: rename by migration."""

    READER = "reader"
    CURATOR = "curator"
    ADJUDICATOR = "adjudicator"
    ADMIN = "admin"


class Right(StrEnum):
    """What a role gives and what a token can be limited to: a token's scopes are rights."""

    READ = "read"
    REVIEW = "review"
    ADJUDICATE = "adjudicate"
    ADMINISTER = "administer"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.READER: frozenset({Right.READ}),
    Role.CURATOR: frozenset({Right.READ, Right.REVIEW}),
    Role.ADJUDICATOR: frozenset({Right.READ, Right.REVIEW, Right.ADJUDICATE}),
    Role.ADMIN: frozenset(Right),
}
"""Role → rights; each role may do what the one before it may."""

MEANING: dict[Right, str] = {
    Right.READ: "read findings, articles and runs, and export them",
    Right.REVIEW: "decide on findings, and undo your own decisions",
    Right.ADJUDICATE: "decide where two curators disagreed, or undo what others decided",
    Right.ADMINISTER: "add people, change their roles, see the log-ins",
}

UNDO = "undo"
"""The one act whose right depends on whose decision it takes back."""


class ForbiddenError(KetmineError):
    """The person may not do this; the message says what would be needed."""


class Person(NamedTuple):
    """Someone who asks: their name, their role, and what their log-in or token is limited to."""

    name: str
    role: Role = Role.READER
    scopes: frozenset[Right] = frozenset(Right)
    id: int = 0
    must_change: bool = False
    by_token: bool = False

    @property
    def rights(self) -> frozenset[Right]:
        """Give what both the role and the scopes allow."""
        return RIGHTS[self.role] & self.scopes


def needed(action: str, status: Status, *, own: bool) -> Right:
    """Give the right that an act on a finding needs; `own` says whether the person decided on it before."""
    if action == UNDO:
        return Right.REVIEW if own else Right.ADJUDICATE
    return Right.ADJUDICATE if status is Status.NEEDS_ADJUDICATION else Right.REVIEW


def why_not(person: Person | None, action: str, status: Status, *, own: bool = False) -> str | None:
    """Say why a person may not do this to a finding, or None when they may.

    `own`: the decision that would be undone, or one of those that would be adjudicated, is theirs. Whether the
    status allows the act at all stands in the table of transitions.
    """
    refusal = lacks(person, needed(action, status, own=own))
    if refusal is None and own and action != UNDO and status is Status.NEEDS_ADJUDICATION:
        return "You decided on this finding yourself: someone else has to adjudicate."
    return refusal


def lacks(person: Person | None, right: Right) -> str | None:
    """Say why a person does not have a right, or None when they have it."""
    if person is None:
        return f"Log in to {MEANING[right]}."
    if right in person.rights:
        return None
    if right in RIGHTS[person.role]:
        return f"This token has no scope {right.value!r}, which it needs to {MEANING[right]}."
    least = next(role for role in Role if right in RIGHTS[role])
    article = "an" if least[0] in "aeiou" else "a"
    return f"Your role is {person.role.value}: it takes {article} {least.value} to {MEANING[right]}."


def check_right(person: Person | None, right: Right) -> None:
    """Refuse a person who lacks a right.

    Raises:
        ForbiddenError: with the sentence that `lacks` gives.
    """
    if refusal := lacks(person, right):
        raise ForbiddenError(refusal)
