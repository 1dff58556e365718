"""The table of questions, and how one is asked."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from nlp.errors import StoreError
from store.contains import contains
from store.filters import FindingQuery
from store.questions import balance, effects, harms, news, regimens
from store.questions.answer import Answer, Part
from store.questions.evidence import PRIMARY, Evidence, articles, cautions, gather, left_out
from store.questions.votes import studies
from store.tables import FindingRow

DAYS = 30
"""How far back `new` looks from the last finding, unless it is told a date."""

_PRIMARY: dict[str, Any] = {"design": PRIMARY, "own_result": True}
_SYMPTOMS = (
    "depression",
    "suicidality",
    "anxiety",
    "ptsd",
    "ocd",
    "anhedonia",
    "global_severity",
    "response_remission",
)
_CLINICAL = (
    *_SYMPTOMS,
    "mania",
    "psychosis",
    "distress",
    "agitation",
    "substance_use",
    "eating",
    "function",
    "quality_of_life",
    "general",
)
_BOTH = ("outcome", "adverse_event")
_MEASURED = ("instrument_curie", "domain", "timepoint_hours")
_EVENT = ("event", "assertion")


class Question(NamedTuple):
    """A named question: what it asks, the filter it begins with, the function that answers it, and what that reads.

    `domains` are the domains of outcomes it is of, told apart exactly: FindingQuery looks for words in them.
    """

    title: str
    asks: str
    begins: dict[str, Any]
    answer: Callable[[Evidence], Part]
    reads: tuple[str, ...]
    domains: tuple[str, ...] = ()


QUESTIONS: dict[str, Question] = {
    "onset": Question(
        "Onset", "How fast does an effect come, by instrument?",
        _PRIMARY | {"type": ("outcome",)}, effects.onset,
        (*_MEASURED, "effect"), _SYMPTOMS,
    ),
    "durability": Question(
        "Durability", "How long were effects seen to last, and when does relapse come?",
        _PRIMARY | {"type": ("outcome",)}, effects.durability,
        (*_MEASURED, "effect", "anchor", "timepoint", "value", "comparator"), (*_SYMPTOMS, "relapse_durability"),
    ),
    "dose-response": Question(
        "Dose and response", "What was found at which dose, by route?",
        _PRIMARY | {"type": _BOTH}, regimens.dose_response,
        ("type", "effect", "assertion", "told"),
    ),
    "regimens": Question(
        "Regimens", "Which doses were given, by which route, how fast and how often?",
        _PRIMARY | {"type": ("dose",)}, regimens.regimens,
        ("drug", "low", "high", "unit", "mg_per_kg_low", "mg_per_kg_high", "route", "infusion", "schedule"),
    ),
    "suicidality": Question(
        "Suicidality", "What happens to suicidal thoughts and acts?",
        _PRIMARY | {"type": _BOTH}, effects.suicidality,
        ("type", "drug", "comparator", "effect", *_MEASURED, *_EVENT),
    ),
    "conditions": Question(
        "By condition", "In which conditions was it studied, and with what effect?",
        _PRIMARY | {"type": ("outcome",)}, effects.by_condition,
        ("condition_name", "effect"), _CLINICAL,
    ),
    "adverse-events": Question(
        "Adverse events", "How often is which adverse event seen, does it pass, and is it serious?",
        _PRIMARY | {"type": ("adverse_event",)}, harms.adverse_events,
        (*_EVENT, "rate", "transient", "serious"),
    ),
    "head-to-head": Question(
        "Head to head", "How do ketamine, esketamine and arketamine fare beside each other, ECT, midazolam and placebo?",
        _PRIMARY | {"type": _BOTH}, effects.head_to_head,
        ("type", "drug", "comparator", "effect", "comparison", "event"),
    ),
    "misuse": Question(
        "Misuse and dependence", "What is reported of misuse, dependence and harm to the bladder?",
        _PRIMARY | {"type": ("adverse_event",), "setting": ()}, harms.misuse,
        ("setting", "concept_name", "anchor", "rate", "transient", "serious", *_EVENT),
    ),
    "benefit-risk": Question(
        "Benefit and risk", "What do studies of a condition report for and against?",
        _PRIMARY | {"type": _BOTH}, balance.benefit_risk,
        ("type", "condition_name", "effect", "serious", *_EVENT),
    ),
    "contradictions": Question(
        "Contradictions", "Which studies of the same question disagree?",
        _PRIMARY | {"type": ("outcome",)}, balance.contradictions,
        ("drug", "design", "condition_name", "comparator", "effect", *_MEASURED), _CLINICAL,
    ),
    "new": Question(
        "What is new", "What was first read since a date?",
        {"type": ("dose", "outcome", "adverse_event")}, news.news,
        ("type", "drug", "year", "design"),
    ),
}  # fmt: skip
"""Name in addresses and on the command line → question; all but `new` leave syntheses out, which restate other studies."""

_SUICIDE = col(FindingRow.domain) == "suicidality"
_SUICIDAL_EVENT = contains(func.coalesce(col(FindingRow.concept_name), col(FindingRow.anchor)), "suicid")


def question(name: str) -> Question:
    """Give a question.

    Raises:
        StoreError: there is none of that name.
    """
    if name not in QUESTIONS:
        raise StoreError(f"There is no question {name[:40]!r}: ask one of {', '.join(QUESTIONS)}.")
    return QUESTIONS[name]


def asked(name: str, given: FindingQuery | None = None) -> FindingQuery:
    """Give the filter of a question: its own, narrowed or lifted by the fields that were given."""
    begins = question(name).begins
    chosen = {field: getattr(given, field) for field in given.model_fields_set} if given else {}
    types = tuple(kind for kind in begins["type"] if kind in (chosen.pop("type", ()) or begins["type"]))
    return FindingQuery.model_validate({**begins, **chosen, "type": types or begins["type"]})


def ask(session: Session, name: str, given: FindingQuery | None = None) -> Answer:
    """Answer a question from the findings that fit.

    Raises:
        StoreError: there is no such question.
    """
    known, query = question(name), asked(name, given)
    if name == "new" and query.since is None:
        query = query.model_copy(update={"since": _lately(session)})
    extra: list[ColumnElement[bool]] = [_SUICIDE | _SUICIDAL_EVENT] if name == "suicidality" else []
    if known.domains:
        extra.append(col(FindingRow.domain).in_(known.domains))
    evidence = gather(
        session,
        query,
        *extra,
        reads=known.reads,
        with_conditions=name in ("conditions", "benefit-risk", "contradictions"),
    )
    part = known.answer(evidence)
    outside = left_out(session, query, len(evidence.rows), *extra)
    return Answer(
        name=name,
        title=known.title,
        asks=known.asks,
        query=query,
        domains=known.domains,
        findings=len(evidence.rows),
        studies=len(studies(evidence.rows)),
        says=part.says,
        method=part.method,
        tables=part.tables,
        plot=part.plot,
        left_out=tuple(entry for entry in (*part.left_out, *outside) if entry.findings),
        cautions=cautions(evidence.rows),
        articles=articles(evidence.rows),
    )


def _lately(session: Session) -> date | None:
    """Give the day from which `new` looks when it is told none."""
    last = session.execute(select(func.max(col(FindingRow.created_at)))).scalar()
    return (last - timedelta(days=DAYS)).date() if last else None
