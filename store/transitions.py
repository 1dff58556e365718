"""What may be done to a finding, as tables: acts, events, from which status to which, reasons, words.

`store.review.decide` obeys them; the state diagram and the table of permissions in the docs are made from them.
"""

from enum import StrEnum

from store.status import Status


class Action(StrEnum):
    """What a curator can do; `confirm` says that an earlier decision still stands.

    `split` and `merge` are a correction and a rejection that change other findings too (`store.curation.edit`).
    """

    ACCEPT = "accept"
    CORRECT = "correct"
    REJECT = "reject"
    SPLIT = "split"
    MERGE = "merge"
    CONFIRM = "confirm"
    UNDO = "undo"


class Event(StrEnum):
    """What is written into the history beside the acts of TRANSITIONS; only ADD is a person's."""

    ADD = "add"
    AGREE = "agree"
    DISAGREE = "disagree"
    CARRY_OVER = "carry_over"
    REOPEN = "reopen"
    SUPERSEDE = "supersede"
    RETURN = "return"


MACHINE = "ketmine"
"""Who wrote an event that no person did."""


TRANSITIONS: dict[Status, dict[Action, Status]] = {
    Status.PENDING: {
        Action.ACCEPT: Status.ACCEPTED,
        Action.CORRECT: Status.CORRECTED,
        Action.REJECT: Status.REJECTED,
        Action.SPLIT: Status.CORRECTED,
        Action.MERGE: Status.REJECTED,
    },
    Status.ACCEPTED: {
        Action.CONFIRM: Status.ACCEPTED,
        Action.CORRECT: Status.CORRECTED,
        Action.REJECT: Status.REJECTED,
        Action.SPLIT: Status.CORRECTED,
        Action.MERGE: Status.REJECTED,
    },
    Status.CORRECTED: {
        Action.CONFIRM: Status.CORRECTED,
        Action.CORRECT: Status.CORRECTED,
        Action.REJECT: Status.REJECTED,
        Action.SPLIT: Status.CORRECTED,
        Action.MERGE: Status.REJECTED,
    },
    Status.REJECTED: {
        Action.CONFIRM: Status.REJECTED,
        Action.ACCEPT: Status.ACCEPTED,
        Action.CORRECT: Status.CORRECTED,
    },
    Status.NEEDS_ADJUDICATION: {
        Action.ACCEPT: Status.ACCEPTED,
        Action.CORRECT: Status.CORRECTED,
        Action.REJECT: Status.REJECTED,
        Action.SPLIT: Status.CORRECTED,
        Action.MERGE: Status.REJECTED,
    },
    Status.SUPERSEDED: {},
}
"""Status → what may be done → the status afterwards. Undo goes back to where the undone act came from."""

EVENTS: dict[Event, tuple[tuple[Status, Status], ...]] = {
    Event.AGREE: tuple((Status.PENDING, s) for s in (Status.ACCEPTED, Status.CORRECTED, Status.REJECTED)),
    Event.DISAGREE: ((Status.PENDING, Status.NEEDS_ADJUDICATION),),
    Event.CARRY_OVER: tuple((s, s) for s in (Status.ACCEPTED, Status.CORRECTED)),
    Event.REOPEN: tuple((s, s) for s in (Status.ACCEPTED, Status.CORRECTED)),
    Event.SUPERSEDE: ((Status.PENDING, Status.SUPERSEDED),),
    Event.RETURN: ((Status.SUPERSEDED, Status.PENDING),),
    Event.ADD: ((Status.SUPERSEDED, Status.ACCEPTED),),
}
"""Event → (status before, status after). A finding that a person adds was nobody's claim until then."""

READINGS = (Event.CARRY_OVER, Event.REOPEN, Event.SUPERSEDE, Event.RETURN)
"""The events that a new reading brings: no decision is undone by them, and none stands because of them."""

OPINIONS = (Action.ACCEPT, Action.CORRECT, Action.REJECT)
"""The acts that can be one of two blind opinions: they concern one finding alone."""

REASONS = {
    "not_said": "The sentence does not say this",
    "wrong_drug": "It is about another drug",
    "not_a_result": "It is an aim, a method or a plan, not a result",
    "background": "It is background, not this study's result",
    "wrong_words": "The marked words are the wrong ones",
    "wrong_type": "It is another kind of finding",
    "duplicate": "It repeats another finding",
    "other": "Another reason, in the note",
}
"""Why a finding can be rejected: code → words."""

PAST: dict[str, str] = {
    Event.ADD: "added",
    Event.AGREE: "settled",
    Event.DISAGREE: "sent to adjudication",
    Event.CARRY_OVER: "carried over",
    Event.REOPEN: "reopened",
    Event.SUPERSEDE: "superseded",
    Event.RETURN: "brought back",
    Action.ACCEPT: "accepted",
    Action.CORRECT: "corrected",
    Action.REJECT: "rejected",
    Action.SPLIT: "split",
    Action.MERGE: "merged",
    Action.CONFIRM: "confirmed",
    Action.UNDO: "undone",
}
"""Act or event → what became of the finding by it, for a sentence."""
