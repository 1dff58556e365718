"""How often which adverse event, by rates that abstracts state; and misuse of the drug."""

import re
from collections.abc import Sequence
from functools import lru_cache
from statistics import median

from store.pooling import Rate, parse_rate, pool
from store.questions.answer import Cell, LeftOut, Line, Part, Plot, Point, Table, table
from store.questions.bands import MG_PER_KG, one_band
from store.questions.effects import MOST, event_name
from store.questions.evidence import Doses, Evidence, Row
from store.questions.votes import (
    ASSERTIONS,
    assertion,
    by,
    ids,
    most,
    participants,
    studies,
    vote_line,
    votes,
)

METHOD = (
    "Rates: only events among a stated number of people (8/47, 8 of 47) are pooled, one rate a study, by random effects "
    "on the arcsine scale with the between-study variance of Paule and Mandel; one study alone has Wilson's interval. "
    "I² is the share of the spread that is not chance. A percentage does not tell its denominator: it is counted and its "
    "median given, never pooled. Studies that say an event did not occur, or not more often, are counted as such: they "
    "state no number of people and enter no pool, so that a pooled rate is of studies that report a number and may be "
    "too high. Seen, absent and possible are votes, one a study."
)

_HEADS = {
    "studies": "Studies that speak of it",
    **{value: words.capitalize() for value, words in ASSERTIONS.items()},
    "pooled_studies": "Studies pooled",
    "events": "Events",
    "people": "Of people",
    "rate": "Pooled rate",
    "low": "from",
    "high": "to",
    "i2": "I²",
    "percentages": "Percentages told",
    "median": "Their median",
    "transient": "Passed (studies)",
    "serious": "Serious (studies)",
    "participants": "Participants",
}
_SHARES = dict.fromkeys(("rate", "low", "high", "i2", "median"), "share")
_KINDS = dict.fromkeys(_HEADS, "count") | _SHARES

MISUSE = re.compile(
    r"misus|abus|addict|dependen|craving|drug.?seeking|withdrawal|substance.related|substance use|diversion|tolerance"
    r"|overdos|recreational|drug liking",
    re.IGNORECASE,
)
URINARY = re.compile(r"cystitis|bladder|urin|hydronephr|ureter|dysuria|nocturia", re.IGNORECASE)
"""Harm of long use, told beside misuse: what ketamine does to the bladder."""


def adverse_events(evidence: Evidence) -> Part:
    """List each adverse event with the studies that speak of it, its pooled rate, and by route and dose."""
    doses = evidence.doses(evidence.rows)
    terms = by(evidence.rows, event_name)
    ordered = most(terms, len(terms))
    profile = _table(
        "terms", "Adverse events", {"event": "Adverse event"}, [((name,), terms[name]) for name in ordered]
    )
    by_route = [
        ((name, route), rows)
        for name in ordered[:MOST]
        for route, rows in sorted(by(terms[name], lambda row: _route(row, doses)).items())
    ]
    by_dose = [
        ((name, dose), rows)
        for name in ordered[:MOST]
        for dose, rows in sorted(by(terms[name], lambda row: _dose(row, doses)).items())
    ]
    unlinked = sum(row.id not in doses for row in evidence.rows)
    rates = [parse_rate(row.rate) for row in evidence.rows if row.rate and row.assertion == "present"]
    told = {kind: sum(rate.kind == kind for rate in rates) for kind in ("counts", "share", "unreadable")}
    return Part(
        says=(
            f"{len(studies(evidence.rows)):,} studies speak of {len(terms):,} adverse events.",
            f"Of {len(rates):,} stated rates, {told['counts']:,} are counts and can be pooled, {told['share']:,} are "
            f"percentages without a denominator, and {told['unreadable']:,} are neither.",
        ),
        tables=(
            profile,
            _table("routes", "By route", {"event": "Adverse event", "route": "Route"}, by_route),
            _table("doses", "By dose in mg/kg", {"event": "Adverse event", "dose": "mg/kg"}, by_dose),
        ),
        plot=_rates_plot("Pooled rate of adverse events", profile, "event"),
        left_out=(
            LeftOut(
                findings=told["share"], reason="percentages without a denominator: from the pooled rates"
            ),
            LeftOut(
                findings=told["unreadable"],
                reason="rates that are neither counts nor a share: from the pooled rates",
            ),
            LeftOut(findings=unlinked, reason="linked to no dose: from the tables by route and dose"),
        ),
        method=METHOD,
    )


def misuse(evidence: Evidence) -> Part:
    """Tell misuse, dependence and withdrawal, and harm to the bladder, by setting."""
    kept = [row for row in evidence.rows if _misused(row)]
    groups = by(kept, lambda row: (str(_misused(row)), str(row.setting or "other").replace("_", " ")))
    ordered = sorted(groups.items(), key=lambda pair: (pair[0][0], -len(studies(pair[1]))))
    grouped = _table("settings", "By setting", {"group": "What", "setting": "Setting"}, ordered)
    terms = by(kept, event_name)
    named = [((name,), terms[name]) for name in most(terms, len(terms))]
    bars = tuple(
        Point(row=f"{what}: {setting}", series=ASSERTIONS[vote], studies=list(counted.values()).count(vote))
        for (what, setting), rows in ordered
        for counted in [votes(rows, assertion)]
        for vote in ASSERTIONS
        if vote in counted.values()
    )
    treated = [
        row for row in kept if row.setting == "psychiatric" and _misused(row) == "misuse and dependence"
    ]
    seen = sum(vote == "present" for vote in votes(treated, assertion).values())
    return Part(
        says=(
            f"{len(studies(kept)):,} studies speak of misuse, dependence or harm to the bladder as an adverse event.",
            f"In psychiatric treatment {len(studies(treated)):,} studies speak of misuse or dependence; {seen:,} report it.",
        ),
        tables=(grouped, _table("terms", "By term", {"event": "Adverse event"}, named)),
        plot=Plot(
            kind="bars",
            title="Misuse, dependence and the bladder, by setting",
            across="Studies",
            alt="Studies that report misuse, dependence or harm to the bladder, or say it did not occur; figures below.",
            rows=tuple(dict.fromkeys(point.row for point in bars)),
            columns=tuple(ASSERTIONS.values()),
            points=bars,
        ),
        method=METHOD,
    )


def rates_of(rows: Sequence[Row]) -> tuple[list[tuple[int, int]], list[float]]:
    """Give one count a study that states any (its largest denominator), and the shares of the studies that state only those."""
    counts, shares = [], []
    for held in by((row for row in rows if row.assertion == "present"), lambda row: str(row.study)).values():
        rates = [parse_rate(row.rate) for row in held]
        counted = max((rate for rate in rates if rate.kind == "counts"), key=_size, default=None)
        if counted:
            counts.append((counted.events, counted.total))
        else:
            shares += [max(told)] if (told := [r.share for r in rates if r.share is not None]) else []
    return counts, shares


def _size(rate: Rate) -> tuple[int, int]:
    return rate.total, rate.events


def _table(
    name: str, title: str, heads: dict[str, str], groups: Sequence[tuple[tuple[str, ...], Sequence[Row]]]
) -> Table:
    lines = [_line("/".join((name, *key)), dict(zip(heads, key, strict=True)), rows) for key, rows in groups]
    return table(name, title, heads | _HEADS, lines, _KINDS)


def _line(key: str, heads: dict[str, Cell], rows: Sequence[Row]) -> Line:
    line = vote_line(key, heads, rows, assertion, ASSERTIONS)
    counts, shares = rates_of(rows)
    pooled = pool(tuple(counts)) if counts else None
    rate = pooled.rate if pooled else None
    here = [row for row in rows if row.assertion != "absent"]
    cells: dict[str, Cell] = {
        "pooled_studies": len(counts),
        "events": pooled.events if pooled else None,
        "people": pooled.total if pooled else None,
        "rate": round(rate.value, 4) if rate else None,
        "low": round(rate.low, 4) if rate else None,
        "high": round(rate.high, 4) if rate else None,
        "i2": round(pooled.i2, 4) if pooled and pooled.i2 is not None else None,
        "percentages": len(shares),
        "median": round(median(shares), 4) if shares else None,
        "transient": len(studies(row for row in here if row.transient)),
        "serious": len(studies(row for row in here if row.serious)),
        "participants": participants(rows),
    }
    return Line(key=key, cells=line.cells | cells, findings=ids(rows))


def _rates_plot(title: str, profile: Table, name: str) -> Plot:
    pooled = [line for line in profile.lines if line.cells["rate"] is not None][:MOST]
    points = tuple(
        Point(
            row=str(line.cells[name]),
            studies=int(line.cells["pooled_studies"] or 0),
            participants=int(line.cells["people"] or 0),
            value=float(line.cells["rate"] or 0),
            low=float(line.cells["low"] or 0),
            high=float(line.cells["high"] or 0),
        )
        for line in pooled
    )
    return Plot(
        kind="intervals",
        title=title,
        across="Share of people, 95 % interval",
        alt="; ".join(
            f"{p.row} {p.value:.0%} ({p.low:.0%} to {p.high:.0%}, {p.studies} studies)" for p in points
        )
        or "No study states a count that could be pooled.",
        rows=tuple(point.row for point in points),
        points=points,
    )


def _route(row: Row, doses: Doses) -> str | None:
    routes = {dose.route for dose in doses.get(row.id, ()) if dose.route}
    return next(iter(routes)) if len(routes) == 1 else None


def _dose(row: Row, doses: Doses) -> str | None:
    bands = {one_band(MG_PER_KG, dose.mg_per_kg_low, dose.mg_per_kg_high) for dose in doses.get(row.id, ())}
    return next(iter(bands)) if len(bands) == 1 else None


def _misused(row: Row) -> str | None:
    return _misuse_in(f"{row.concept_name or ''} {row.anchor}")


@lru_cache(maxsize=65_536)
def _misuse_in(words: str) -> str | None:
    if MISUSE.search(words):
        return "misuse and dependence"
    return "bladder and kidneys" if URINARY.search(words) else None
