"""Which doses, how given; and what was found at which dose."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from store.questions.answer import LeftOut, Line, Part, Plot, Table, table
from store.questions.bands import MG, MG_PER_KG, Bands, in_order, one_band
from store.questions.effects import LISTED, MOST, event_name, instrument
from store.questions.evidence import Doses, Evidence, Row
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
    doses = evidence.doses(evidence.rows)
    linked = [row for row in evidence.rows if row.id in doses]
    placed = _placed(linked, doses, "mg_per_kg", MG_PER_KG)
    fixed = _placed(linked, doses, "mg", MG)
    outcomes = _dose_table("effects", "Outcomes by dose in mg/kg", placed, "outcome", MG_PER_KG)
    within = [row for row, _ in placed]
    in_mg = [row for row, _ in fixed]
    either = {row.id for row in within} | {row.id for row in in_mg}
    return Part(
        says=(
            f"{len(studies(within)):,} studies link a result to one dose in mg/kg and "
            f"{len(studies(in_mg)):,} to one in mg.",
            "Doses are never converted by an assumed body weight.",
        ),
        tables=(
            outcomes,
            _dose_table("events", "Adverse events by dose in mg/kg", placed, "adverse_event", MG_PER_KG),
            _dose_table("effects_mg", "Outcomes by dose in mg", fixed, "outcome", MG),
            _dose_table("events_mg", "Adverse events by dose in mg", fixed, "adverse_event", MG),
            _values(within, doses, evidence),
        ),
        plot=_dose_plot(
            "Dose and effect, by route",
            "Studies and participants by route, dose band and effect of outcomes; figures in the table below.",
            outcomes,
            EFFECTS,
        ),
        left_out=(
            LeftOut(
                findings=len(evidence.rows) - len(linked),
                reason="linked to no dose: none is stated, or several are not told apart",
            ),
            LeftOut(
                findings=len(linked) - len(either),
                reason="linked to doses of several bands or routes, or in other units",
            ),
        ),
    )


def _dose_plot(title: str, alt: str, grid: Table, words: dict[str, str], most: int | None = None) -> Plot:
    """Draw a table whose lines have a route and a dose in mg/kg."""
    return Plot(
        kind="bubbles",
        title=title,
        across="Dose, mg/kg",
        alt=alt,
        rows=tuple(dict.fromkeys(str(line.cells["route"]) for line in grid.lines))[:most],
        columns=in_order(MG_PER_KG, (str(line.cells["dose"]) for line in grid.lines)),
        points=vote_points(grid, "route", "dose", words),
    )


def regimens(evidence: Evidence) -> Part:
    """List each regimen: dose, route, infusion and schedule, with its studies and their size."""
    groups = by(evidence.rows, _regimen)
    cells = by(evidence.rows, _route_and_band)
    placed = [row for rows in cells.values() for row in rows]
    drugs = {drug: drug for drug in sorted({str(row.drug) for row in placed})} | {"mixed": "several"}
    grid = vote_table(
        "bands", "Doses in mg/kg by route", {"route": "Route", "dose": "mg/kg"},
        sorted(cells.items()), lambda row: str(row.drug), drugs,
    )  # fmt: skip
    return Part(
        says=(f"{len(studies(evidence.rows)):,} studies state {len(groups):,} regimens.",),
        tables=(_regimen_table(groups),),
        plot=_dose_plot(
            "Doses in mg/kg, by route and drug",
            "Studies and participants by route and dose band; the regimens behind them are in the table below.",
            grid,
            drugs,
            MOST,
        ),
        left_out=(
            LeftOut(
                findings=len(evidence.rows) - len(placed),
                reason="in units other than mg/kg, or over several bands: from the plot alone",
            ),
        ),
    )


def _regimen_table(groups: dict[tuple[str, ...], list[Row]]) -> Table:
    heads = {
        "drug": "Drug",
        "dose": "Dose",
        "route": "Route",
        "infusion": "Given over",
        "schedule": "Schedule",
    }
    counts = {"studies": "Studies", "participants": "Participants"}
    lines = [
        Line(
            key="/".join(("regimens", *key)),
            cells=dict(zip(heads, key, strict=True))
            | {"studies": len(studies(rows)), "participants": participants(rows)},
            findings=ids(rows),
        )
        for key, rows in sorted(groups.items(), key=lambda pair: (-len(studies(pair[1])), pair[0]))
    ]
    return table("regimens", "Regimens", heads | counts, lines, dict.fromkeys(counts, "count"))


def _route_and_band(row: Row) -> tuple[str, str] | None:
    held = one_band(MG_PER_KG, row.mg_per_kg_low, row.mg_per_kg_high)
    return (row.route or "route not said", held) if held else None


def _regimen(row: Row) -> tuple[str, ...]:
    figures = f"{row.low:g}" if row.low == row.high else f"{row.low:g}–{row.high:g}"
    told = (row.route or "not said", (row.infusion or "–").lower(), (row.schedule or "–").lower())
    return (str(row.drug), f"{figures} {row.unit}", *told)


Placed = list[tuple[Row, tuple[str, str]]]
"""Results, each with the route and the band of its dose."""


class _Places(dict[Any, tuple[str, str] | None]):
    """Regimen → its route and band, None without a band; each is worked out once."""

    def __init__(self, unit: str, bands: Bands) -> None:
        self._ends, self._bands = attrgetter(f"{unit}_low", f"{unit}_high"), bands

    def __missing__(self, dose: Any) -> tuple[str, str] | None:
        band = one_band(self._bands, *self._ends(dose))
        self[dose] = (dose.route or "route not said", band) if band else None
        return self[dose]


def _placed(linked: Sequence[Row], doses: Doses, unit: str, bands: Bands) -> Placed:
    """Give the results whose doses all share one route and one band."""
    places, placed = _Places(unit, bands), []
    for row in linked:
        first, *others = doses[row.id]
        place = places[first]
        if place and all(places[other] == place for other in others):
            placed.append((row, place))
    return placed


def _dose_table(name: str, title: str, placed: Placed, kind: str, bands: Bands) -> Table:
    of: Callable[[Any], str] = effect if kind == "outcome" else assertion
    words = EFFECTS if kind == "outcome" else ASSERTIONS
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row, place in placed:
        if row.type == kind:
            groups.setdefault(place, []).append(row)
    order = {words: number for number, (_, words) in enumerate(bands)}
    ordered = sorted(groups.items(), key=lambda pair: (pair[0][0], order[pair[0][1]]))
    unit = "mg/kg" if bands is MG_PER_KG else "mg"
    return vote_table(name, title, {"route": "Route", "dose": unit}, ordered, of, words)


def _values(rows: Sequence[Row], doses: Doses, evidence: Evidence) -> Table:
    """List the results that state a value or a rate, each with its dose, the smallest dose first."""
    valued = [(row, doses[row.id][0]) for row in rows if row.told]
    valued.sort(key=lambda pair: (pair[1].mg_per_kg_low or 0, pair[0].id))
    listed = valued[:LISTED]
    details = evidence.details(
        [row for row, _ in listed], ("instrument_curie", "domain", "event", "direction")
    )
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
                "what": instrument(more) if row.type == "outcome" else event_name(more),
                "direction": (more.direction if row.type == "outcome" else row.assertion) or "–",
                "value": row.told,
            },
            findings=(row.id,),
        )
        for row, dose in listed
        for more in [details[row.id]]
    ]
    note = f"The first {LISTED} of {len(valued):,}, the smallest dose first." if len(valued) > LISTED else ""
    return table("values", "Values and rates at a dose, as told", heads, lines, note=note)
