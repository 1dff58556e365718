"""How far two curators who do not see each other agree, from the blind opinions that stand.

Cohen's kappa of each pair of curators (statsmodels), Fleiss' kappa and Krippendorff's alpha over all of them
(statsmodels, krippendorff), alpha with a bootstrap interval over findings; of the marked words, the F1 of their
characters. What the machine proposed is before both, so that agreement on it is higher than between two who start
from nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlmodel import Session, col, select

from nlp.article import Record
from store.curation.reviewed import FIELDS
from store.review import blind_opinions
from store.tables import Decision, FindingRow, Status

DRAWS: Final = 300
"""How many times the findings are drawn anew for an interval."""

SEED: Final = 20261125
DECISION: Final = "decision"
"""The first of the fields: accepted, corrected or rejected."""

Label = str | float | bool | None


class Opinions(NamedTuple):
    """Two opinions on one finding: who, and what each holds (None: rejected)."""

    type: str
    curators: tuple[str, str]
    statuses: tuple[str, str]
    values: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]


class PairAgreement(Record):
    """Two curators on one field: findings that both decided, the share on which they agree, and Cohen's kappa."""

    curators: tuple[str, str]
    findings: int
    equal: float
    kappa: float | None


class FieldAgreement(Record):
    """One field of one type. A figure is None where all say the same or too few decided: it is not defined then."""

    type: str
    field: str
    findings: int
    equal: float
    fleiss_kappa: float | None
    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None
    pairs: tuple[PairAgreement, ...]


class SpanAgreement(Record):
    """The marked words of one type: F1 of their characters, and the share of mentions marked just the same."""

    type: str
    findings: int
    f1: float
    exact: float


class Agreement(Record):
    """All of it."""

    findings: int
    curators: tuple[str, ...]
    fields: tuple[FieldAgreement, ...]
    spans: tuple[SpanAgreement, ...]


def agreement(session: Session) -> Agreement:
    """Measure agreement over every finding that has two blind opinions."""
    return measured(pairs_of_opinions(session))


def pairs_of_opinions(session: Session) -> list[Opinions]:
    """List the findings with two blind opinions that stand; what came of them later does not matter."""
    acts = (
        select(Decision, FindingRow.type)
        .join(FindingRow, col(FindingRow.id) == Decision.finding_id)
        .where(
            col(Decision.finding_id).in_(select(Decision.finding_id).where(col(Decision.blind))),
            # who decides second is not to learn the first from here
            col(FindingRow.status) != Status.PENDING,
        )
        .order_by(col(Decision.finding_id), col(Decision.id))
    )
    found = []
    for _, group in groupby(session.exec(acts), key=lambda pair: pair[0].finding_id):
        held = list(group)
        two = blind_opinions([act for act, _ in held])[-2:]
        if len(two) == 2:
            one, other = sorted(two, key=lambda act: act.curator)
            found.append(
                Opinions(
                    held[0][1],
                    (one.curator, other.curator),
                    (one.to_status, other.to_status),
                    (_value(one), _value(other)),
                )
            )
    return found


def _value(act: Decision) -> Mapping[str, Any] | None:
    return None if act.to_status == Status.REJECTED else act.value


def measured(found: Sequence[Opinions]) -> Agreement:
    """Measure agreement by type and field."""
    by_type = {kind: [one for one in found if one.type == kind] for kind in FIELDS}
    fields = [
        _field(kind, field, ours)
        for kind, ours in by_type.items()
        for field in (DECISION, *FIELDS[kind])
        if ours
    ]
    return Agreement(
        findings=len(found),
        curators=tuple(sorted({name for one in found for name in one.curators})),
        fields=tuple(field for field in fields if field.findings),
        spans=tuple(_spans(kind, ours) for kind, ours in by_type.items() if any(map(_kept, ours))),
    )


def _labels(field: str, one: Opinions) -> tuple[Label, Label] | None:
    """Give what both say of a field; None where one of them rejects, and so says nothing of it."""
    if field == DECISION:
        return one.statuses
    first, second = one.values
    return None if first is None or second is None else (first.get(field), second.get(field))


def _field(kind: str, field: str, found: Iterable[Opinions]) -> FieldAgreement:
    labelled = [(one.curators, labels) for one in found if (labels := _labels(field, one)) is not None]
    codes = {label: n for n, label in enumerate(dict.fromkeys(x for _, pair in labelled for x in pair))}
    units = [(codes[a], codes[b]) for _, (a, b) in labelled]
    by_pair: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for (curators, _), unit in zip(labelled, units, strict=True):
        by_pair[curators].append(unit)
    alpha, low, high = _alpha(units, len(codes))
    return FieldAgreement(
        type=kind,
        field=field,
        findings=len(units),
        equal=_equal(units),
        fleiss_kappa=_fleiss(units, len(codes)),
        alpha=alpha,
        alpha_low=low,
        alpha_high=high,
        pairs=tuple(
            PairAgreement(
                curators=who, findings=len(theirs), equal=_equal(theirs), kappa=_cohen(theirs, len(codes))
            )
            for who, theirs in sorted(by_pair.items())
        ),
    )


Units = Sequence[tuple[int, int]]
"""What two curators say of each finding, as numbers of the values that occur."""


def _equal(units: Units) -> float:
    return sum(a == b for a, b in units) / len(units) if units else 0.0


def _cohen(units: Units, values: int) -> float | None:
    import numpy as np
    from statsmodels.stats.inter_rater import cohens_kappa

    table = np.zeros((values, values))
    for a, b in units:
        table[a, b] += 1
    with np.errstate(all="ignore"):
        return _defined(cohens_kappa(table, return_results=False)) if values > 1 else None


def _fleiss(units: Units, values: int) -> float | None:
    import numpy as np
    from statsmodels.stats.inter_rater import fleiss_kappa

    with np.errstate(all="ignore"):
        return _defined(fleiss_kappa(_counts(units, values))) if values > 1 else None


def _alpha(units: Units, values: int) -> tuple[float | None, float | None, float | None]:
    """Give Krippendorff's alpha (nominal), and the ends of its 95 % interval by drawing findings anew."""
    import numpy as np

    if values < 2 or len(units) < 2:
        return None, None, None
    counts = _counts(units, values)
    source = np.random.default_rng(SEED)
    drawn = [
        found
        for _ in range(DRAWS)
        if (found := _alpha_of(counts[source.integers(len(counts), size=len(counts))])) is not None
    ]
    low, high = np.quantile(drawn, [0.025, 0.975]) if len(drawn) > DRAWS / 2 else (None, None)
    return _alpha_of(counts), _defined(low), _defined(high)


def _alpha_of(counts: Any) -> float | None:
    import krippendorff

    if (counts.sum(axis=0) > 0).sum() < 2:
        return None  # all say the same: there is nothing that chance could have brought
    return _defined(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


def _counts(units: Units, values: int) -> Any:
    import numpy as np

    table = np.zeros((len(units), values))
    for row, (a, b) in zip(table, units, strict=True):
        row[a] += 1
        row[b] += 1
    return table


def _defined(number: Any) -> float | None:
    from math import isfinite

    return float(number) if number is not None and isfinite(number) else None


def _kept(one: Opinions) -> bool:
    """Say whether at least one of the two holds the finding."""
    return any(value is not None for value in one.values)


def _spans(kind: str, found: Sequence[Opinions]) -> SpanAgreement:
    """Compare the mentions; one who rejects marks no words."""
    held = [one for one in found if _kept(one)]
    common = lengths = exact = 0
    for one in held:
        spans = [tuple(value["anchor"]) if value is not None else (0, 0) for value in one.values]
        (a, b), (c, d) = spans
        common += max(0, min(b, d) - max(a, c))
        lengths += b - a + d - c
        exact += spans[0] == spans[1]
    return SpanAgreement(
        type=kind,
        findings=len(held),
        f1=2 * common / lengths if lengths else 0.0,
        exact=exact / len(held),
    )
