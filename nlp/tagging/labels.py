"""What the tagger says of each word piece: groups of labels, one of each group."""

from collections.abc import Iterator
from itertools import accumulate

FIELDS = ("comparator", "timepoint", "value", "comparator_value", "ci", "p_value", "rate")
"""Fields of a result whose words are tagged."""

GROUPS: dict[str, tuple[str, ...]] = {
    "outcome": ("O", "B", "I"),
    "direction": ("none", "increased", "decreased", "no_difference"),
    "effect": ("improved", "worsened", "no_difference", "unclear"),
    "against": ("nothing", "baseline", "named"),
    "event": ("O", "B", "I"),
    "assertion": ("present", "absent", "possible"),
    "comparison": ("none", "more", "less", "similar"),
    "transient": ("no", "yes"),
    "serious": ("no", "yes"),
    "field": ("O", *(f"{place}-{field}" for field in FIELDS for place in "BI")),
}
"""Group → its labels. The first piece of an anchor (`B`) carries the labels of the groups that follow it."""

_ENDS = tuple(accumulate(len(labels) for labels in GROUPS.values()))
SLICES: dict[str, slice] = {
    group: slice(end - len(GROUPS[group]), end) for group, end in zip(GROUPS, _ENDS, strict=True)
}
"""Group → where its scores lie among a word piece's scores."""

WIDTH = _ENDS[-1]
"""How many scores a word piece has."""


def names() -> Iterator[str]:
    """Name every score in order, as `config.json` does: `outcome:B`."""
    for group, labels in GROUPS.items():
        for label in labels:
            yield f"{group}:{label}"
