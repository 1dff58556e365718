"""How fast, how long, for whom and against what: questions of outcomes, answered by votes."""

from collections.abc import Sequence

from store.questions.answer import LeftOut, Line, Part, Plot, Table, table
from store.questions.bands import TIMES, band, comparator, in_order
from store.questions.evidence import Evidence, Row
from store.questions.votes import (
    ASSERTIONS,
    EFFECTS,
    assertion,
    by,
    effect,
    instrument,
    most,
    studies,
    vote_points,
    vote_table,
    votes,
)

MOST = 12
"""Rows of a plot; tables hold all."""

LISTED = 200
"""Lines of a table that lists findings one by one; the count of the others is told."""

DAY_7 = 168.0


def onset(evidence: Evidence) -> Part:
    """Tell effects by hours since the dose, by instrument, within the first week."""
    timed = [row for row in evidence.rows if row.timepoint_hours is not None and row.timepoint_hours <= DAY_7]
    untimed = sum(row.timepoint_hours is None for row in evidence.rows)
    later = len(evidence.rows) - len(timed) - untimed
    grid = _by_time("onset", "Effect by time since the dose, by instrument", timed)
    first = [row for row in timed if (row.timepoint_hours or 0) <= 24]
    says = (
        f"{_studies(timed)} tell an effect at a time within a week of the dose; "
        f"{_better(first)} within 24 hours.",
    )
    return Part(
        says=says,
        tables=(grid,),
        plot=_grid_plot("Effect in the first week, by instrument", grid, timed),
        left_out=(
            LeftOut(findings=untimed, reason="whose sentence gives no single time"),
            LeftOut(findings=later, reason="later than a week: see durability"),
        ),
    )


def durability(evidence: Evidence) -> Part:
    """Tell effects later than a week after the dose, and what is said of relapse."""
    relapse = [row for row in evidence.rows if row.domain == "relapse_durability"]
    late = [
        row
        for row in evidence.rows
        if row.domain != "relapse_durability" and (row.timepoint_hours or 0) > DAY_7
    ]
    rest = len(evidence.rows) - len(relapse) - len(late)
    grid = _by_time("durability", "Effect later than a week, by instrument", late)
    heads = {
        "endpoint": "Endpoint",
        "time": "Time",
        "value": "Value",
        "against": "Against",
        "effect": "For the patient",
    }
    listed = sorted(relapse, key=lambda row: (row.timepoint_hours or 0, row.id))
    lines = [
        Line(
            key=f"relapse/{row.id}",
            cells={
                "endpoint": row.anchor,
                "time": row.timepoint,
                "value": row.value,
                "against": row.comparator,
                "effect": EFFECTS[effect(row)],
            },
            findings=(row.id,),
        )
        for row in listed[:LISTED]
    ]
    return Part(
        says=(
            f"{_studies(late)} tell an effect at a time later than a week; {_better(late)} at the times they tell.",
            f"{_studies(relapse)} speak of relapse, recurrence or how long an effect lasted.",
        ),
        tables=(
            grid,
            table("relapse", "Relapse and duration, as told", heads, lines, note=_cut(len(relapse))),
        ),
        plot=_grid_plot("Effect later than a week, by instrument", grid, late),
        left_out=(LeftOut(findings=rest, reason="within a week of the dose, or at no single time"),),
    )


def suicidality(evidence: Evidence) -> Part:
    """Tell suicidal thoughts and acts as an outcome, by time and comparison, and as an adverse event."""
    outcomes = [row for row in evidence.rows if row.type == "outcome"]
    events = [row for row in evidence.rows if row.type == "adverse_event"]
    grid = _by_time(
        "time", "Suicidality as an outcome, by time", [r for r in outcomes if r.timepoint_hours is not None]
    )
    against = _groups(outcomes, lambda row: (row.drug, comparator(row.comparator, row.drug)))
    compared = vote_table(
        "against",
        "Suicidality, by what it was compared with",
        {"drug": "Drug", "against": "Against"},
        against,
        effect,
        EFFECTS,
    )
    harms = [row for row in events if row.assertion == "present"]
    return Part(
        says=(
            f"{_studies(outcomes)} measured suicidality; {_better(outcomes)} in what they compared.",
            f"{_studies(harms)} report suicidal thoughts or acts as an adverse event.",
        ),
        tables=(grid, compared, _events(events)),
        plot=_grid_plot("Suicidality by time since the dose, by instrument", grid, outcomes),
        left_out=(
            LeftOut(
                findings=sum(r.timepoint_hours is None for r in outcomes),
                reason="without a single time: in the second table alone",
            ),
        ),
    )


def by_condition(evidence: Evidence) -> Part:
    """Map the evidence: condition against direction of effect, area by participants."""
    groups, unnamed = under_conditions(evidence)
    ordered = most(groups, len(groups))
    grid = vote_table(
        "conditions", "Studies by condition and effect", {"condition": "Condition"},
        [((name,), groups[name]) for name in ordered], effect, EFFECTS,
        note="A study of several conditions stands in the line of each.",
    )  # fmt: skip
    shown = grid.model_copy(update={"lines": grid.lines[:MOST]})
    points = [
        p.model_copy(update={"column": p.series})
        for p in vote_points(shown, "condition", "condition", EFFECTS)
    ]
    return Part(
        says=(f"{_studies(evidence.rows)} tell an outcome in {len(groups):,} conditions.",),
        tables=(grid,),
        plot=Plot(
            kind="bubbles",
            title="Evidence map: condition and effect",
            across="What the outcome means for the patient",
            alt=f"Studies and participants by condition, the {len(shown.lines)} most studied, and effect; figures below.",
            rows=tuple(ordered[:MOST]),
            columns=tuple(EFFECTS.values()),
            points=tuple(points),
        ),
        left_out=(LeftOut(findings=unnamed, reason="whose abstract names no condition that has a term"),),
    )


def head_to_head(evidence: Evidence) -> Part:
    """Set members of the family against each other, ECT, midazolam, placebo and the rest."""
    outcomes = [row for row in evidence.rows if row.type == "outcome"]
    events = [row for row in evidence.rows if row.type == "adverse_event"]
    named = [row for row in outcomes if row.comparator]
    groups = _groups(named, lambda row: (row.drug, comparator(row.comparator, row.drug)))
    heads = {"drug": "Drug", "against": "Against"}
    grid = vote_table(
        "outcomes", "Outcomes under the drug beside the comparator", heads, groups, effect, EFFECTS
    )
    beside = [row for row in events if row.comparison]
    words = {"more": "more often", "less": "less often", "similar": "as often", "mixed": "mixed"}
    harms = vote_table(
        "events", "Adverse events under the drug beside the comparator", {"drug": "Drug", "event": "Adverse event"},
        _groups(beside, lambda row: (row.drug, event_name(row))), lambda row: str(row.comparison), words,
        note="The abstract's comparator of an adverse event is not read: it is the study's.",
    )  # fmt: skip
    shown = grid.model_copy(
        update={
            "lines": tuple(line for line in grid.lines if line.cells["against"] != "before treatment")[:MOST]
        }
    )
    points = [
        p.model_copy(update={"row": f"{line.cells['drug']} – {line.cells['against']}", "column": p.series})
        for line in shown.lines
        for p in vote_points(shown.model_copy(update={"lines": (line,)}), "drug", "against", EFFECTS)
    ]
    return Part(
        says=(
            f"{_studies(named)} compare a member of the family with something; “better” and “worse” are the drug's side.",
        ),
        tables=(grid, harms),
        plot=Plot(
            kind="bubbles",
            title="Head to head",
            across="Outcome under the drug, beside the comparator",
            alt=f"Studies by drug, comparator and effect: the {len(shown.lines)} most frequent pairs; figures below.",
            rows=tuple(f"{line.cells['drug']} – {line.cells['against']}" for line in shown.lines),
            columns=tuple(EFFECTS.values()),
            points=tuple(points),
        ),
        left_out=(LeftOut(findings=len(outcomes) - len(named), reason="outcomes that name no comparator"),),
    )


def event_name(row: Row) -> str:
    """Name an adverse event: its concept, else its words."""
    return str(row.event).strip().lower()


def conditions_of(row: Row, conditions: dict[str, list[str]]) -> list[str]:
    """Give the condition that an outcome names, else those of its study."""
    own = getattr(row, "condition_name", None)
    return [own] if own else conditions.get(row.pmid, [])


def under_conditions(evidence: Evidence) -> tuple[dict[str, list[Row]], int]:
    """Give the findings under each of their conditions, and how many have none."""
    groups: dict[str, list[Row]] = {}
    unnamed = 0
    for row in evidence.rows:
        conditions = conditions_of(row, evidence.conditions)
        unnamed += not conditions
        for condition in conditions:
            groups.setdefault(condition, []).append(row)
    return groups, unnamed


def _events(events: Sequence[Row]) -> Table:
    groups = _groups(events, lambda row: (row.drug, event_name(row)))
    heads = {"drug": "Drug", "event": "Adverse event"}
    return vote_table("events", "As an adverse event", heads, groups, assertion, ASSERTIONS)


def _groups(rows: Sequence[Row], key: object) -> list[tuple[tuple[str, ...], list[Row]]]:
    groups = by(rows, key)  # type: ignore[arg-type,var-annotated]
    return sorted(groups.items(), key=lambda pair: (-len(studies(pair[1])), pair[0]))


def _by_time(name: str, title: str, rows: Sequence[Row]) -> Table:
    place = {words: number for number, (_, words) in enumerate(TIMES)}
    ranks = {key: number for number, key in enumerate(most(by(rows, instrument), len(rows)))}
    groups = by(rows, lambda row: (instrument(row), str(band(TIMES, row.timepoint_hours))))
    ordered = sorted(groups.items(), key=lambda pair: (ranks[pair[0][0]], place[pair[0][1]]))
    return vote_table(
        name, title, {"instrument": "Instrument", "time": "Since the dose"}, ordered, effect, EFFECTS
    )


def _grid_plot(title: str, grid: Table, rows: Sequence[Row]) -> Plot:
    shown = tuple(most(by(rows, instrument), MOST))
    points = tuple(p for p in vote_points(grid, "instrument", "time", EFFECTS) if p.row in shown)
    return Plot(
        kind="bubbles",
        title=title,
        across="Time since the dose",
        alt=f"Studies and participants by instrument ({len(shown)} shown), time and effect; figures in the table below.",
        rows=tuple(row for row in shown if any(p.row == row for p in points)),
        columns=in_order(TIMES, (p.column for p in points)),
        points=points,
    )


def _studies(rows: Sequence[Row]) -> str:
    n = len(studies(rows))
    return f"{n:,} study" if n == 1 else f"{n:,} studies"


def _better(rows: Sequence[Row]) -> str:
    counted = list(votes(rows, effect).values())
    return (
        f"by votes {counted.count('improved'):,} better, {counted.count('no_difference'):,} no difference, "
        f"{counted.count('worsened'):,} worse, {counted.count('unclear') + counted.count('mixed'):,} unclear or mixed"
    )


def _cut(n: int) -> str:
    return f"The first {LISTED} of {n:,}, the earliest first." if n > LISTED else ""
