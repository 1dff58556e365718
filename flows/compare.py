"""Two readers of the same text, side by side: what the new one gained, lost and changed. Nothing is written."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from nlp.article import Record
from nlp.finding import Finding, Reading
from store.reconcile import Stored, Value, differences, pair

Kind = Literal["gained", "lost", "changed"]
Type = Literal["dose", "outcome", "adverse_event", "study"]

TYPES: tuple[Type, ...] = ("dose", "outcome", "adverse_event", "study")


class Difference(Record):
    """Something that the two readings of a text do not have in common; `fields` maps a changed one to (old, new)."""

    kind: Kind
    type: Type
    id: str = Field(description="The document's id.")
    quote: str = Field(description="The sentence; of a study's profile, the title.")
    old: Finding | None = None
    new: Finding | None = None
    fields: dict[str, tuple[object, object]] = Field(default={})


class Tally(Record):
    """How many findings of a type are the same, gained, lost and changed, and how often each field changed."""

    same: int = 0
    gained: int = 0
    lost: int = 0
    changed: int = 0
    fields: dict[str, int] = Field(default={})


class Comparison(Record):
    """What a new reader makes of texts beside an old one; `failed` counts the texts on which a component failed."""

    old: str
    new: str
    texts: int
    passed_over: int = Field(default=0, description="Texts that one of the two has not read.")
    failed: dict[str, int]
    tallies: dict[Type, Tally]
    examples: tuple[Difference, ...]


def compare_reading(old: Reading, new: Reading) -> tuple[Counter[Type], list[Difference]]:
    """Compare two readings of a text: how many of each type are the same, and what is not.

    Findings are paired one to one by type, drug and overlap of their anchors. Confidence and flags are the readers'
    own and not compared; a link to a dose is the same where it leads to the dose that was paired with the old one.
    """
    before, after = ([f.model_dump(mode="json") for f in reading.findings] for reading in (old, new))
    pairs = pair([Stored(v["id"], v, tuple(v["anchor"])) for v in before], after)
    earlier = {value["id"]: place for place, value in enumerate(before)}
    doses = {after[index]["id"]: key for index, key in pairs.items()}
    same: Counter[Type] = Counter()
    found: list[Difference] = []
    for index, value in enumerate(after):
        mine = new.findings[index]
        if index not in pairs:
            found.append(_difference("gained", new, mine.evidence_text, type_=mine.type, new=mine))
            continue
        place = earlier[pairs[index]]
        if fields := _changed(before[place], value, doses):
            was = old.findings[place]
            found.append(
                _difference(
                    "changed", new, mine.evidence_text, type_=mine.type, old=was, new=mine, fields=fields
                )
            )
        else:
            same[mine.type] += 1
    kept = set(pairs.values())
    found += [
        _difference("lost", old, mine.evidence_text, type_=mine.type, old=mine)
        for mine in old.findings
        if mine.id not in kept
    ]
    if fields := _profile(old, new):
        found.append(_difference("changed", new, new.text.partition("\n")[0], type_="study", fields=fields))
    else:
        same["study"] += 1
    return same, found


def _difference(kind: Kind, reading: Reading, quote: str, *, type_: Type, **parts: object) -> Difference:
    return Difference.model_validate({"kind": kind, "type": type_, "id": reading.id, "quote": quote, **parts})


def _changed(old: Value, new: Value, doses: dict[str, str]) -> dict[str, tuple[object, object]]:
    """Give the fields of a pair that differ, as (old, new)."""
    fields = {name: (old.get(name), new.get(name)) for name in differences(old, new)}
    linked = [doses.get(dose, dose) for dose in new.get("doses") or ()]
    if sorted(old.get("doses") or ()) != sorted(linked) or old.get("unlinked") != new.get("unlinked"):
        fields["doses"] = (old.get("doses") or old.get("unlinked"), new.get("doses") or new.get("unlinked"))
    return fields


def _profile(old: Reading, new: Reading) -> dict[str, tuple[object, object]]:
    """Give the parts of the study's profile that differ, conditions by their words and concepts."""
    before, after = (
        reading.study.model_dump(mode="json", exclude={"conditions"})
        | {"conditions": [(c.text, c.concept.curie if c.concept else None) for c in reading.study.conditions]}
        for reading in (old, new)
    )
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def compare(
    old: str, new: str, readings: Iterable[tuple[Reading, Reading] | None], *, examples: int = 3
) -> Comparison:
    """Compare pairs of readings as they come; None stands for a text that one of the two has not read.

    The first `examples` differences of each type and kind are kept, so that memory does not grow with the texts.
    """
    same: Counter[Type] = Counter()
    kinds: Counter[tuple[Type, Kind]] = Counter()
    fields: Counter[tuple[Type, str]] = Counter()
    failed = {"old": 0, "new": 0}
    kept: list[Difference] = []
    texts = passed_over = 0
    for both in readings:
        if both is None:
            passed_over += 1
            continue
        texts += 1
        for side, reading in zip(failed, both, strict=True):
            failed[side] += any(flag.code == "component_failed" for flag in reading.flags)
        alike, found = compare_reading(*both)
        same.update(alike)
        for difference in found:
            kinds[difference.type, difference.kind] += 1
            fields.update((difference.type, name) for name in difference.fields)
            if kinds[difference.type, difference.kind] <= examples:
                kept.append(difference)
    return Comparison(
        old=old,
        new=new,
        texts=texts,
        passed_over=passed_over,
        failed=failed,
        tallies={type_: _tally(type_, same, kinds, fields) for type_ in TYPES},
        examples=tuple(sorted(kept, key=_order)),
    )


def _tally(
    type_: Type,
    same: Counter[Type],
    kinds: Counter[tuple[Type, Kind]],
    fields: Counter[tuple[Type, str]],
) -> Tally:
    named = {name: number for (of, name), number in fields.most_common() if of == type_}
    return Tally(
        same=same[type_],
        gained=kinds[type_, "gained"],
        lost=kinds[type_, "lost"],
        changed=kinds[type_, "changed"],
        fields=named,
    )


def _order(difference: Difference) -> tuple[int, str]:
    return TYPES.index(difference.type), difference.kind
