"""Why a finding waits for a person and what waits first, as tables.

A finding's own columns give its rank and, within it, what its decision would change: an index holds both
(`ix_findings_queue`, migrations 0011 and 0015), so that the first of the queue are found without looking at the rest. What an
index of findings cannot know, its flags, is looked up beside it.
"""

from typing import Final, NamedTuple

from sqlalchemy import Float, Integer, literal_column


class Rank(NamedTuple):
    """A reason to come first: in words, and as a condition on the finding's columns or as codes of its flags."""

    words: str
    condition: str = ""
    codes: tuple[str, ...] = ()


RANKS: Final = (
    Rank("Two curators disagree", "status = 'needs_adjudication'"),
    Rank("A serious adverse event", "type = 'adverse_event' AND serious IS TRUE AND assertion <> 'absent'"),
    Rank("A contradiction", codes=("contradiction", "disagrees")),
    Rank(
        "The source was revised, corrected or retracted",
        codes=("source_retracted", "source_corrected", "source_deleted", "not_read_again", "condition_gone"),
    ),
    Rank("Its dose was split: choose which part applies", codes=("dose_split",)),
    Rank("Reopened", "attention"),
    Rank("Flagged", "flagged"),
)
"""Why a finding comes before others, the most useful first; the rest goes by what its decision would change."""

FEEDS: Final = {
    "dose": ("route", "mg_per_kg_low", "mg_low", "infusion_minutes"),
    "outcome": ("effect", "instrument_curie", "domain", "timepoint_hours", "comparator", "condition_curie"),
    "adverse_event": ("concept_curie", "assertion", "rate", "comparison", "serious"),
}
"""By which of its fields a finding is asked for: each that is stated feeds one kind of query."""

_DONE = "status = 'superseded' OR (status NOT IN ('pending', 'needs_adjudication') AND NOT attention)"
RANK: Final = "CASE WHEN {} THEN NULL {} ELSE {} END".format(
    _DONE,
    " ".join(f"WHEN {rank.condition} THEN {n}" for n, rank in enumerate(RANKS) if rank.condition),
    len(RANKS),
)
"""A finding's rank by its own columns; NULL: it does not wait."""

_FED = " + ".join(
    f"CASE WHEN {name} IS NOT NULL THEN 1 ELSE 0 END"
    for name in dict.fromkeys(name for names in FEEDS.values() for name in names)
)
_CHANGE = "4.0 * {0} * (1.0 - {0}) * CASE WHEN own_result THEN 1.0 ELSE 0.5 END * (1 + " + _FED + ")"

GAIN: Final = _CHANGE.format("coalesce(confidence, 0.5)")
"""Uncertainty (1 at a confidence of one half, 0 at none and at certainty) times the queries fed."""

own_rank, gain = literal_column(RANK, Integer), literal_column(GAIN, Float)

unindexed_rank, unindexed_gain = literal_column(f"+({RANK})", Integer), literal_column(f"+({GAIN})", Float)
"""The same where another way to the findings is the shorter one: no index is of these words."""

drawn_gain = literal_column(_CHANGE.format("queued_as"), Float)
"""The same of what was drawn for the audit: it stands where chance put it."""
