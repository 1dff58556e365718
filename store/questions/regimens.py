"""Which doses, how given; and what was found at which dose."""

from collections.abc import Callable, Sequence
from typing import Any

from store.questions.answer import LeftOut, Line, Part, Plot, Table, table
from store.questions.bands import MG, MG_PER_KG, Bands, in_order, one_band
from store.questions.effects import LISTED, MOST, event_name, instrument
from store.questions.evidence import Evidence, Row
from store.questions.votes import (
    ASSERTIONS,
    EFFECTS,
    assertion,
    by,
    effect,
    ids,
    participants,
    studies,
    vote_points,
    vote_table,
)


def dose_response(evidence: Evidence) -> Part:
    """Set dose against effect, value and adverse events, by route; only where a result is linked to one dose."""
    placed = _placed(evidence, "mg_per_kg", MG_PER_KG)
    fixed = _placed(evidence, "mg", MG)
    outcomes = _dose_table("effects", "Outcomes by dose in mg/kg", placed, "outcome", MG_PER_KG)
    unlinked = sum(not evidence.doses.get(row.id) for row in evidence.rows)
    several = sum(
        bool(evidence.doses.get(row.id)) and not (a or b)
        for (row, a), (_, b) in zip(placed, fixed, strict=True)
    )
    within = [row for row, place in placed if place]
    return Part(
        says=(
            f"{len(studies(within)):,} studies link a result to one dose in mg/kg and "
            f"{len(studies(row for row, place in fixed if place)):,} to one in mg.",
            "Doses are never converted by an assumed body weight.",
        ),
        tables=(
            outcomes,
            _dose_table("events", "Adverse events by dose in mg/kg", placed, "adverse_event", MG_PER_KG),
            _dose_table("effects_mg", "Outcomes by dose in mg", fixed, "outcome", MG),
            _dose_table("events_mg", "Adverse events by dose in mg", fixed, "adverse_event", MG),
            _values([row for row, place in placed if place], evidence),
        ),
        plot=Plot(
            kind="bubbles",
            title="Dose and effect, by route",
            across="Dose, mg/kg",
            alt="Studies and participants by route, dose band and effect of outcomes; figures in the table below.",
            rows=tuple(dict.fromkeys(str(line.cells["route"]) for line in outcomes.lines)),
            columns=in_order(MG_PER_KG, (str(line.cells["dose"]) for line in outcomes.lines)),
            points=vote_points(outcomes, "route", "dose", EFFECTS),
        ),
        left_out=(
            LeftOut(
                findings=unlinked, reason="linked to no dose: none is stated, or several are not told apart"
            ),
            LeftOut(findings=several, reason="linked to doses of several bands or routes, or in other units"),
        ),
    )


def regimens(evidence: Evidence) -> Part:
    """List each regimen: dose, route, infusion and schedule, with its studies and their size."""
    groups = by(evidence.rows, _regimen)
    ordered = sorted(groups.items(), key=lambda pair: (-len(studies(pair[1])), pair[0]))
    heads = {
        "drug": "Drug",
        "dose": "Dose",
        "route": "Route",
        "infusion": "Given over",
        "schedule": "Schedule",
    }
    lines = [
        Line(
            key="/".join(("regimens", *key)),
            cells=dict(zip(heads, key, strict=True))
            | {"studies": len(studies(rows)), "participants": participants(rows)},
            findings=ids(rows),
        )
        for key, rows in ordered
    ]
    counts = {"studies": "Studies", "participants": "Participants"}
    cells: dict[tuple[str, str], list[Row]] = {}
    for row in evidence.rows:
        held = one_band(MG_PER_KG, row.mg_per_kg_low, row.mg_per_kg_high)
        if held:
            cells.setdefault((row.route or "route not said", held), []).append(row)
    placed = [row for rows in cells.values() for row in rows]
    seen = vote_table(
        "bands", "Doses in mg/kg by route", {"route": "Route", "dose": "mg/kg"},
        sorted(cells.items()), lambda row: str(row.drug), dict.fromkeys(_drugs(placed), "") | {"mixed": "several"},
    )  # fmt: skip
    drugs = {drug: drug for drug in _drugs(placed)} | {"mixed": "several"}
    return Part(
        says=(f"{len(studies(evidence.rows)):,} studies state {len(groups):,} regimens.",),
        tables=(table("regimens", "Regimens", heads | counts, lines, dict.fromkeys(counts, "count")),),
        plot=Plot(
            kind="bubbles",
            title="Doses in mg/kg, by route and drug",
            across="Dose, mg/kg",
            alt="Studies and participants by route and dose band; the regimens behind them are in the table below.",
            rows=tuple(dict.fromkeys(str(line.cells["route"]) for line in seen.lines))[:MOST],
            columns=in_order(MG_PER_KG, (str(line.cells["dose"]) for line in seen.lines)),
            points=vote_points(seen, "route", "dose", drugs),
        ),
        left_out=(
            LeftOut(
                findings=len(evidence.rows) - len(placed),
                reason="in units other than mg/kg, or over several bands: from the plot alone",
            ),
        ),
    )


def _drugs(rows: Sequence[Row]) -> list[str]:
    return sorted({str(row.drug) for row in rows})


def _regimen(row: Row) -> tuple[str, ...]:
    figures = f"{row.low:g}" if row.low == row.high else f"{row.low:g}–{row.high:g}"
    told = (row.route or "not said", (row.infusion or "–").lower(), (row.schedule or "–").lower())
    return (str(row.drug), f"{figures} {row.unit}", *told)


def _placed(evidence: Evidence, unit: str, bands: Bands) -> list[tuple[Row, tuple[str, str] | None]]:
    """Give each result with the route and the band of its doses, where all of them share one."""
    known: dict[Any, tuple[str, str | None]] = {}
    low, high = f"{unit}_low", f"{unit}_high"
    placed: list[tuple[Row, tuple[str, str] | None]] = []
    for row in evidence.rows:
        places = set()
        for dose in evidence.doses.get(row.id, ()):
            told = dose.route, getattr(dose, low), getattr(dose, high)
            if told not in known:
                known[told] = told[0] or "route not said", one_band(bands, *told[1:])
            places.add(known[told])
        route, found = places.pop() if len(places) == 1 else ("", None)
        placed.append((row, (route, found) if found else None))
    return placed


def _dose_table(
    name: str, title: str, placed: Sequence[tuple[Row, tuple[str, str] | None]], kind: str, bands: Bands
) -> Table:
    of: Callable[[Any], str] = effect if kind == "outcome" else assertion
    words = EFFECTS if kind == "outcome" else ASSERTIONS
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row, place in placed:
        if place and row.type == kind:
            groups.setdefault(place, []).append(row)
    order = {words: number for number, (_, words) in enumerate(bands)}
    ordered = sorted(groups.items(), key=lambda pair: (pair[0][0], order[pair[0][1]]))
    unit = "mg/kg" if bands is MG_PER_KG else "mg"
    return vote_table(name, title, {"route": "Route", "dose": unit}, ordered, of, words)


def _values(rows: Sequence[Row], evidence: Evidence) -> Table:
    """List the results that state a value or a rate, each with its dose, the smallest dose first."""
    valued = [
        (row, evidence.doses[row.id][0]) for row in rows if (row.value if row.type == "outcome" else row.rate)
    ]
    valued.sort(key=lambda pair: (pair[1].mg_per_kg_low or 0, pair[0].id))
    heads = {
        "dose": "Dose",
        "route": "Route",
        "what": "Result",
        "direction": "Direction",
        "value": "Value or rate",
    }
    lines = [
        Line(
            key=f"values/{row.id}",
            cells={
                "dose": dose.anchor,
                "route": dose.route,
                "what": instrument(row) if row.type == "outcome" else event_name(row),
                "direction": (row.direction if row.type == "outcome" else row.assertion) or "–",
                "value": row.value if row.type == "outcome" else row.rate,
            },
            findings=(row.id,),
        )
        for row, dose in valued[:LISTED]
    ]
    note = f"The first {LISTED} of {len(valued):,}, the smallest dose first." if len(valued) > LISTED else ""
    return table("values", "Values and rates at a dose, as told", heads, lines, note=note)
