"""The live extractor against what people settled: by week, type and field, with drift.

What the extractor says now is what its newest reading left in the store; the week is that of the decision. A finding
that people rejected and the newest reading still makes is wrong, one that it no longer makes is well left out; one that
people added and it does not make is missed. Reviewed findings are what the queue puts first, the harder part of what
there is: compare weeks and versions by these figures, and take the precision of the accept lane from its audit.
Profiles of studies are held against decisions in the same way: field by field, each condition as a claim of its own.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from sqlmodel import Session

from nlp.article import Record
from store.curation.reviewed import FIELDS, Reviewed, ReviewedStudy, Value, reviewed, reviewed_studies, right
from store.curation.studies import COLUMNS
from store.pooling import Interval, wilson

RECENT: Final = timedelta(weeks=4)
"""The weeks that drift compares with all weeks before."""

FEWEST: Final = 20
"""How many claims both sides of a comparison have at least."""


class Share(Record):
    """So many of so many, with Wilson's 95 % interval; no figure of none."""

    right: int
    of: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


class TypeLine(Record):
    """One type in one week (None: all weeks): of what it claims the right ones, of what holds the found ones.

    `condition` is a type too: of the conditions that it names, those that hold, and the other way round.
    """

    week: date | None
    type: str
    precision: Share
    recall: Share


class FieldLine(Record):
    """One field of one type (or of `study`), of findings that hold and are found, where either side states it."""

    week: date | None
    type: str
    field: str
    equal: Share


class Drift(Record):
    """The precision of a type in the last weeks less that before; it drifts where the interval leaves out 0."""

    type: str
    before: Share
    recent: Share
    difference: float
    low: float
    high: float

    @property
    def drifts(self) -> bool:
        """Say whether the two differ by more than chance."""
        return self.low > 0 or self.high < 0


class Evaluation(Record):
    """All of it; lines without a week are over all weeks."""

    findings: int
    studies: int
    types: tuple[TypeLine, ...]
    fields: tuple[FieldLine, ...]
    drift: tuple[Drift, ...]


def evaluate_reviewed(session: Session) -> Evaluation:
    """Hold the newest readings against every settled finding and every study that was decided on."""
    return evaluated(list(reviewed(session)), list(reviewed_studies(session)))


def evaluated(settled: Sequence[Reviewed], studies: Sequence[ReviewedStudy] = ()) -> Evaluation:
    """Hold what the extractor says against what holds."""
    weeks = sorted({week(one) for one in settled})
    types, fields = [], []
    for when in (None, *sorted({*weeks, *map(week, studies)})):
        for kind in FIELDS:
            ours = [one for one in settled if one.type == kind and when in (None, week(one))]
            if ours:
                types.append(_type_line(when, kind, claims(ours), founds(ours)))
                fields += [_field_line(when, kind, field, equal(ours, field)) for field in FIELDS[kind]]
        read = [one for one in studies if when in (None, week(one))]
        if read:
            types.append(_type_line(when, "condition", *conditions(read)))
            fields += [_field_line(when, "study", field, equal(read, field)) for field in COLUMNS]
    return Evaluation(
        findings=len(settled),
        studies=len(studies),
        types=tuple(types),
        fields=tuple(line for line in fields if line.equal.of),
        drift=tuple(drift(settled, weeks[-1])) if weeks else (),
    )


def _type_line(when: date | None, kind: str, claimed: tuple[int, int], held: tuple[int, int]) -> TypeLine:
    return TypeLine(week=when, type=kind, precision=share(*claimed), recall=share(*held))


def _field_line(when: date | None, kind: str, field: str, same: tuple[int, int]) -> FieldLine:
    return FieldLine(week=when, type=kind, field=field, equal=share(*same))


def week(one: Reviewed | ReviewedStudy) -> date:
    """Give the Monday of the week in which it was settled."""
    day = one.at.date()
    return day - timedelta(days=day.weekday())


def claims(settled: Iterable[Reviewed]) -> tuple[int, int]:
    """Count what the extractor claims: (right at the core, all)."""
    made = [one for one in settled if one.live is not None]
    return sum(right(one.live, one.holds) for one in made), len(made)


def founds(settled: Iterable[Reviewed]) -> tuple[int, int]:
    """Count what holds: (found and right at the core, all)."""
    held = [one for one in settled if one.holds is not None]
    return sum(right(one.live, one.holds) for one in held), len(held)


def conditions(studies: Iterable[ReviewedStudy]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Count conditions: (named and held, all named) and (held and named, all that hold); one is its concept, else its words.

    A study counts where both sides speak of them: early decisions do not.
    """
    pairs = [
        (_about(one.live), _about(one.holds))
        for one in studies
        if "conditions" in one.live and "conditions" in one.holds
    ]
    both = sum(len(named & held) for named, held in pairs)
    return (both, sum(len(named) for named, _ in pairs)), (both, sum(len(held) for _, held in pairs))


def _about(value: Value) -> set[str]:
    return {(one["concept"] or {}).get("curie") or one["text"].casefold() for one in value["conditions"]}


def equal(settled: Iterable[Reviewed | ReviewedStudy], field: str) -> tuple[int, int]:
    """Count what both say of a field: (the same, all of which either states it)."""
    both = [
        (one.live.get(field), one.holds.get(field))
        for one in settled
        if one.live is not None and one.holds is not None
    ]
    stated = [(said, holds) for said, holds in both if said is not None or holds is not None]
    return sum(said == holds for said, holds in stated), len(stated)


def share(hits: int, total: int) -> Share:
    """Put a share and its interval together."""
    if not total:
        return Share(right=hits, of=total)
    known: Interval = wilson(hits, total)
    return Share(right=hits, of=total, value=known.value, low=known.low, high=known.high)


def drift(settled: Sequence[Reviewed], last: date) -> Iterable[Drift]:
    """Compare the precision of the last weeks with that before, by Newcombe's interval of the difference.

    Source: Newcombe 1998, Stat Med 17:873, method 10; computed by statsmodels.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    since = last + timedelta(weeks=1) - RECENT
    for kind in FIELDS:
        ours = [one for one in settled if one.type == kind]
        recent = claims(one for one in ours if week(one) >= since)
        before = claims(one for one in ours if week(one) < since)
        if min(recent[1], before[1]) < FEWEST:
            continue
        low, high = confint_proportions_2indep(*recent, *before, method="newcomb", compare="diff")
        yield Drift(
            type=kind,
            before=share(*before),
            recent=share(*recent),
            difference=recent[0] / recent[1] - before[0] / before[1],
            low=float(low),
            high=float(high),
        )
