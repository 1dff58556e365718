"""What the tagger says of each word piece: groups of labels, one of each group."""

from collections.abc import Iterator, Mapping
from itertools import accumulate

FIELDS = ("comparator", "timepoint", "value", "comparator_value", "ci", "p_value", "rate")
"""Fields whose words an anchor's first piece points at."""

MEMBERS = ("ketamine", "esketamine", "arketamine", "norketamine", "hydroxynorketamine")

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
    "member": MEMBERS,
}
"""Group → its labels. The first piece of an anchor (`B`) carries the labels of the groups that are no spans."""

SPANS = ("outcome", "event")
"""Groups that say of every piece whether it begins or lies in an anchor."""


def slices(groups: Mapping[str, tuple[str, ...]]) -> dict[str, slice]:
    """Say where the scores of each group lie among a word piece's scores."""
    ends = tuple(accumulate(len(labels) for labels in groups.values()))
    return {group: slice(end - len(groups[group]), end) for group, end in zip(groups, ends, strict=True)}


SLICES = slices(GROUPS)
"""Group → where its scores lie among a word piece's scores."""

WIDTH = sum(len(labels) for labels in GROUPS.values())
"""How many scores a word piece has."""


def names(groups: Mapping[str, tuple[str, ...]] = GROUPS) -> Iterator[str]:
    """Name every score in order, as `config.json` does: `outcome:B`."""
    for group, labels in groups.items():
        for label in labels:
            yield f"{group}:{label}"
