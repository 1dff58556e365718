"""The desk's figures as pages: numbers at a glance, agreement, and how well the extractor reads what people settled."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from store.curation.agreement import Agreement, FieldAgreement, agreement
from store.curation.evaluation import Evaluation, Share, evaluate_reviewed
from store.curation.numbers import Numbers, numbers
from store.curation.outlook import Outlook, outlook
from store.web.access import Curator, Reader
from store.web.render import page
from store.web.words import TYPES, grouped, name

router = APIRouter(include_in_schema=False)

PARTS: Final = (
    ("/numbers", "Numbers"),
    ("/numbers/agreement", "Agreement"),
    ("/numbers/reading", "How well it reads"),
)


READ: Final = {**TYPES, "study": "Study", "condition": "Condition of a study"}
"""What the extractor is held against decisions on, in words."""


class Table(NamedTuple):
    """A table in words; `nothing` stands in its place where it has no rows."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    nothing: str = "Nothing yet."


def _page(request: Request, title: str, tables: Sequence[Table], says: Sequence[str] = ()) -> HTMLResponse:
    address = "/api/v1/desk/" + request.url.path.rpartition("/")[2]
    shown: dict[str, Any] = {"title": title, "tables": tables, "says": says, "parts": PARTS}
    return page(request, "figures.html", json_address=address, **shown)


@router.get("/numbers")
def at_a_glance(request: Request, session: Reader, person: Curator) -> HTMLResponse:
    """Show the numbers at a glance."""
    found, ahead = numbers(session), outlook(session)
    pace = "–" if found.median_seconds is None else f"{found.median_seconds:.0f} s"
    says = (
        f"Median time of a decision: {pace}, over {grouped(found.timed)} without a pause of ten minutes.",
    )
    return _page(request, "Numbers at a glance", [*glance(found), *ahead_tables(ahead)], says)


def glance(found: Numbers) -> list[Table]:
    """Put the numbers into tables."""
    return [
        Table(
            "What waits", ("Why", "Findings"), [(one.what, grouped(one.count)) for one in found.queue],
            nothing="Nothing waits.",
        ),
        Table(
            "Decisions a day", ("Day (UTC)", "Decisions"),
            [(f"{one.day:%a %-d %b}", grouped(one.decisions)) for one in found.days if one.decisions],
            note="Of the last fourteen days, those with decisions.",
        ),
        Table(
            "Agreement of blind pairs on accept, correct, reject",
            ("Type", "Findings", "Equal", "Krippendorff's alpha", "95 %"),
            [
                (TYPES[one.type], grouped(one.findings), percent(one.equal), figure(one.alpha), span(one.low, one.high))
                for one in found.agreement
            ],
            nothing="No finding has two blind opinions yet.",
        ),
        Table(
            "Accept lane",
            ("Type", "From confidence", "Wanted", "Audited", "Right in the audit", "95 %"),
            [
                (
                    *(TYPES[one.type], figure(one.threshold) if one.threshold is not None else "closed"),
                    *(percent(one.wanted), grouped(one.audited), percent(one.precision)),
                    span(one.low, one.high),
                )
                for one in found.lanes
            ],
            nothing="No threshold is fitted: every finding waits for a person. ketmine curation refit fits them.",
        ),
        Table(
            "Conditions", ("Condition", "Findings", "Settled", "Share"),
            [
                (one.condition, grouped(one.findings), grouped(one.settled), percent(one.settled / one.findings))
                for one in found.conditions
            ],
            note="The twenty with most findings in studies of them.",
        ),
    ]  # fmt: skip


def ahead_tables(found: Outlook) -> list[Table]:
    """Put the yield curve into tables."""
    curve = [
        (grouped(one.reviews), f"{one.expected:.1f}", span(one.low, one.high, 1), grouped(one.serious))
        for one in found.curve
    ]
    before = [(f"{n * 50 + 1}–{n * 50 + 50}", grouped(errors)) for n, errors in enumerate(found.brought)]
    return [
        Table(
            "What the next reviews would bring",
            ("Reviews", "Errors put right, expected", "95 %", "Serious adverse events seen"),
            curve,
            note="From how often findings of the same type and confidence were changed so far; docs/curation.md "
            "states the estimator.",
            nothing="Nothing waits.",
        ),
        Table("What each fifty reviews brought", ("Reviews", "Errors put right"), before[-10:]),
    ]


@router.get("/numbers/agreement")
def how_two_agree(request: Request, session: Reader, person: Curator) -> HTMLResponse:
    """Show how blind pairs agree, by field, type and pair."""
    return _page(request, "Agreement of blind pairs", agreed(agreement(session)))


def agreed(found: Agreement) -> list[Table]:
    """Put agreement into tables."""

    def cells(one: FieldAgreement) -> tuple[str, ...]:
        what = (f"{TYPES[one.type]}: {field_name(one.field)}", grouped(one.findings), percent(one.equal))
        return (*what, figure(one.fleiss_kappa), figure(one.alpha), span(one.alpha_low, one.alpha_high))

    pairs = [
        (
            f"{TYPES[one.type]}: {field_name(one.field)}; {' and '.join(pair.curators)}",
            *(grouped(pair.findings), percent(pair.equal), figure(pair.kappa)),
        )
        for one in found.fields
        for pair in one.pairs
    ]
    spans = [
        (TYPES[one.type], grouped(one.findings), figure(one.f1), percent(one.exact)) for one in found.spans
    ]
    none = "No finding has two blind opinions yet: see KETMINE_DOUBLE_REVIEW."
    return [
        Table(
            "By field", ("Field", "Findings", "Equal", "Fleiss' kappa", "Krippendorff's alpha", "95 %"),
            [cells(one) for one in found.fields], nothing=none,
            note="A dash: all say the same, so that chance has no part in it, or too few were decided. The interval is "
            "by drawing the findings anew. Fields are compared where neither rejects.",
        ),
        Table(
            "Marked words", ("Type", "Findings", "F1 of characters", "Marked the same"), spans, nothing=none,
            note="Who rejects marks no words.",
        ),
        Table("By pair", ("Field and pair", "Findings", "Equal", "Cohen's kappa"), pairs, nothing=none),
    ]  # fmt: skip


@router.get("/numbers/reading")
def how_well_it_reads(request: Request, session: Reader, person: Curator) -> HTMLResponse:
    """Show the live extractor against what people settled."""
    return _page(request, "The extractor against what people settled", read_well(evaluate_reviewed(session)))


def read_well(found: Evaluation) -> list[Table]:
    """Put the evaluation into tables."""

    def when(day: Any) -> str:
        return "all weeks" if day is None else f"week of {day:%-d %b %Y}"

    types = [
        (f"{READ[one.type]}, {when(one.week)}", *shared(one.precision), *shared(one.recall))
        for one in found.types
    ]
    fields = [
        (f"{READ[one.type]}: {field_name(one.field)}", *shared(one.equal))
        for one in found.fields
        if one.week is None
    ]
    drifts = [
        (
            READ[one.type],
            *(percent(one.before.value), percent(one.recent.value), f"{one.difference:+.0%}"),
            f"{one.low:+.0%} to {one.high:+.0%}",
            "yes" if one.drifts else "no",
        )
        for one in found.drift
    ]
    return [
        Table(
            "Drift", ("Type", "Before", "Last four weeks", "Difference", "95 %", "Drifts"), drifts,
            note="Precision at the core.", nothing="It takes twenty claims before and in the last four weeks.",
        ),
        Table(
            "By type and week",
            ("Type and week", "Right of what it claims", "95 %", "Found of what holds", "95 %"), types,
            note="Right and found are at the core: dose: drug, amount, unit; adverse event: drug, whether it occurred; "
            "outcome: drug, direction; condition: its concept, else its words. "
            "What is reviewed is the harder part of what there is.",
        ),
        Table("By field", ("Field", "The same", "95 %"), fields, note="Where either side states it, over all weeks."),
    ]  # fmt: skip


def shared(one: Share) -> tuple[str, str]:
    """Say a share with its counts, and its interval."""
    if one.value is None or one.low is None or one.high is None:
        return "–", "–"
    return f"{one.right} of {one.of}, {one.value:.0%}", f"{one.low:.0%}–{one.high:.0%}"


def field_name(field: str) -> str:
    """Name a field, or the decision as a whole."""
    return "the decision" if field == "decision" else name(field).lower()


def percent(share: float | None) -> str:
    """Say a share."""
    return "–" if share is None else f"{share:.0%}"


def figure(number: float | None) -> str:
    """Say a coefficient."""
    return "–" if number is None else f"{number:.2f}"


def span(low: float | None, high: float | None, digits: int = 2) -> str:
    """Say an interval."""
    return "–" if low is None or high is None else f"{low:.{digits}f}–{high:.{digits}f}"
