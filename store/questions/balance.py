"""Benefit beside risk, and findings that disagree."""

from collections.abc import Sequence

from store.pooling import wilson
from store.questions.answer import Cell, LeftOut, Line, Part, Plot, Point, table
from store.questions.bands import TIMES, band, comparator
from store.questions.effects import LISTED, MOST, conditions_of, event_name, instrument, under_conditions
from store.questions.evidence import PRIMARY, Doses, Evidence, Row
from store.questions.votes import EFFECTS, assertion, by, effect, ids, most, participants, studies, votes

_SERIOUS = "a serious adverse event"
_HEADS = {
    "condition": "Condition",
    "outcome_studies": "Studies of outcomes",
    "improved": "Better",
    "no_difference": "No difference",
    "worsened": "Worse",
    "other": "Unclear or mixed",
    "event_studies": "Studies of adverse events",
    "seen": "Report some",
    "absent": "Say none occurred",
    "serious": "Report serious ones",
    "commonest": "Most reported",
    "participants": "Participants",
}


def benefit_risk(evidence: Evidence) -> Part:
    """Tell for each condition how studies voted on outcomes, and what adverse events they report."""
    groups, unnamed = under_conditions(evidence)
    ordered = most(groups, len(groups))
    kinds = {name: "count" for name in _HEADS if name not in ("condition", "commonest")}
    lines = [_balance(name, groups[name]) for name in ordered]
    points = [
        Point(row=name, series=series, studies=of, value=share.value, low=share.low, high=share.high)
        for name in ordered[:MOST]
        for series, n, of in _shares(groups[name])
        if of
        for share in [wilson(n, of)]
    ]
    return Part(
        says=(
            f"{len(studies(evidence.rows)):,} studies, {len(groups):,} conditions.",
            "A share of studies is not a chance for a patient: benefit and harm are reported unevenly. "
            "They are not weighed against each other here.",
        ),
        tables=(table("conditions", "Benefit and risk, by condition", _HEADS, lines, kinds),),
        plot=Plot(
            kind="intervals",
            title="Share of studies that report benefit, and harm",
            across="Share of studies (votes), Wilson 95 % interval",
            alt="; ".join(f"{p.row}: {p.series} {p.value:.0%} of {p.studies}" for p in points)
            or "No study to show.",
            rows=tuple(ordered[:MOST]),
            columns=("outcome better", _SERIOUS),
            points=tuple(points),
        ),
        left_out=(LeftOut(findings=unnamed, reason="whose abstract names no condition that has a term"),),
    )


def _shares(rows: Sequence[Row]) -> tuple[tuple[str, int, int], ...]:
    outcomes = votes((row for row in rows if row.type == "outcome"), effect)
    events = [row for row in rows if row.type == "adverse_event"]
    better = list(outcomes.values()).count("improved")
    return (
        ("outcome better", better, len(outcomes)),
        (_SERIOUS, len(_grave(events)), len(studies(events))),
    )


def _grave(events: Sequence[Row]) -> set[str]:
    return studies(row for row in events if row.serious and row.assertion == "present")


def _balance(name: str, rows: Sequence[Row]) -> Line:
    counted = list(votes([row for row in rows if row.type == "outcome"], effect).values())
    events = [row for row in rows if row.type == "adverse_event"]
    said: dict[str, set[str]] = {}
    for row in events:
        said.setdefault(row.study, set()).add(assertion(row))
    terms = by((row for row in events if row.assertion == "present"), event_name)
    cells: dict[str, Cell] = {
        "condition": name,
        "outcome_studies": len(counted),
        **{vote: counted.count(vote) for vote in ("improved", "no_difference", "worsened")},
        "other": counted.count("unclear") + counted.count("mixed"),
        "event_studies": len(said),
        "seen": sum("present" in words for words in said.values()),
        "absent": sum(words == {"absent"} for words in said.values()),
        "serious": len(_grave(events)),
        "commonest": ", ".join(f"{term} ({len(studies(terms[term]))})" for term in most(terms, 3)),
        "participants": participants(rows),
    }
    return Line(key=f"conditions/{name}", cells=cells, findings=ids(rows))


def contradictions(evidence: Evidence) -> Part:
    """Pair findings of different studies on the same question that disagree, the strongest of each side."""
    compared = [row for row in evidence.rows if row.effect in _OPPOSED and row.comparator]
    groups = by(compared, lambda row: _question(row, evidence))
    pairs = [(key, pair) for key, rows in groups.items() if (pair := _opposed(rows))]
    pairs.sort(key=lambda item: (-sum(row.sample_size or 0 for row in item[1]), item[0]))
    listed = pairs[:LISTED]
    doses = evidence.doses([row for _, pair in listed for row in pair])
    lines = [_pair(key, one, other, doses) for key, (one, other) in listed]
    counted = tuple(
        Point(row=name, series="pairs", studies=n)
        for name, n in sorted(_by_domain(pairs).items(), key=lambda pair: -pair[1])[:MOST]
    )
    return Part(
        says=(
            f"{len(pairs):,} of {len(groups):,} questions have studies that disagree; "
            "a question is the same drug, condition, measure, comparison and time.",
            "Of each side the study of the stronger design is shown, then the larger. That two abstracts disagree may lie in "
            "dose, patients or power, not in the drug.",
        ),
        tables=(table("pairs", "Pairs that disagree", _pair_heads(), lines, _SIZES, _rest(len(pairs))),),
        plot=Plot(
            kind="bars", title="Questions with studies that disagree, by measure", across="Questions",
            alt="; ".join(f"{p.row} {p.studies}" for p in counted) or "No studies disagree.",
            rows=tuple(p.row for p in counted), columns=("pairs",), points=counted,
        ),
        left_out=(
            LeftOut(findings=len(evidence.rows) - len(compared), reason="of unclear effect, or without a comparator"),
        ),
        method="Findings are grouped by what they ask; within a group one finding of each side is shown, never two of one study.",
    )  # fmt: skip


def _pair_heads() -> dict[str, str]:
    heads = {"question": "Question"}
    for side, words in (("one", "one"), ("other", "the other")):
        heads |= {
            f"{side}_effect": f"Found by {words}",
            f"{side}_design": "Design",
            f"{side}_size": "Participants",
            f"{side}_dose": "Dose",
            f"{side}_pmid": "PMID",
        }
    return heads


_SIZES = {"one_size": "count", "other_size": "count"}
_OPPOSED = ("improved", "worsened", "no_difference")


def _question(row: Row, evidence: Evidence) -> tuple[str, ...]:
    condition = "; ".join(sorted(conditions_of(row, evidence.conditions))[:1]) or "condition not named"
    time = band(TIMES, row.timepoint_hours) or "no single time"
    return (
        str(row.drug),
        condition,
        instrument(row),
        f"against {comparator(row.comparator, row.drug)}",
        time,
    )


def _opposed(rows: Sequence[Row]) -> tuple[Row, Row] | None:
    """Give the strongest finding of each of two sides, of studies that do not contradict themselves."""
    said = votes(rows, effect)
    sides = by((row for row in rows if said[row.study] != "mixed"), effect)
    if len(sides) < 2:
        return None
    strongest = {side: min(held, key=_strength) for side, held in sides.items()}
    first, second = [strongest[side] for side in _OPPOSED if side in strongest][:2]
    return first, second


def _strength(row: Row) -> tuple[int, int, str]:
    rank = PRIMARY.index(row.design) if row.design in PRIMARY else len(PRIMARY)
    return rank, -(row.sample_size or 0), row.id


def _pair(key: tuple[str, ...], one: Row, other: Row, doses: Doses) -> Line:
    cells: dict[str, Cell] = {"question": ", ".join(key)}
    for side, row in (("one", one), ("other", other)):
        given = sorted({dose.anchor for dose in doses.get(row.id, ())})
        cells |= {
            f"{side}_effect": EFFECTS[row.effect],
            f"{side}_design": (row.design or "other").replace("_", " "),
            f"{side}_size": row.sample_size,
            f"{side}_dose": ", ".join(given) or "not linked",
            f"{side}_pmid": row.pmid,
        }
    return Line(key="/".join(("pairs", *key)), cells=cells, findings=(one.id, other.id))


def _by_domain(pairs: Sequence[tuple[tuple[str, ...], tuple[Row, Row]]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key, _ in pairs:
        counts[key[2]] = counts.get(key[2], 0) + 1
    return counts


def _rest(n: int) -> str:
    return f"The first {LISTED} of {n:,}, the largest studies first." if n > LISTED else ""
