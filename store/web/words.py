"""Say a finding in words: names of fields and values, and the one line that a list shows."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from nlp.finding import AdverseEvent, Direction, Dose, Effect, Finding, Outcome

TYPES = {"dose": "Dose", "outcome": "Outcome", "adverse_event": "Adverse event"}

FIELDS = {
    "adverse_event": "Adverse event",
    "assertion": "Said to be",
    "attention": "Reopened for a person",
    "blinding": "Blinding",
    "ci": "Confidence interval",
    "comparator": "Compared with",
    "comparator_value": "Comparator's value",
    "comparison": "Beside the comparator",
    "condition": "Condition",
    "concept": "Concept",
    "conditions": "Conditions",
    "confidence": "Confidence",
    "design": "Study design",
    "direction": "The endpoint",
    "domain": "Domain",
    "doses": "Dose it belongs to",
    "drug": "Drug",
    "effect": "For the patient",
    "high": "Amount, to",
    "flag": "Flag",
    "flagged": "Flagged",
    "hours": "Time, in hours",
    "infusion": "Given over",
    "infusion_minutes": "Given over, in minutes",
    "instrument": "Instrument",
    "lane": "How sure",
    "low": "Amount, from",
    "mg": "Dose in mg",
    "mg_per_kg": "Dose in mg/kg",
    "own_result": "This study's own result",
    "p_value": "p value",
    "pmid": "PMID",
    "rate": "Rate under the drug",
    "retracted": "Retracted articles",
    "route": "Route",
    "sample_size": "Participants",
    "schedule": "Schedule",
    "serious": "Serious",
    "setting": "Setting",
    "since": "Kept since (day)",
    "species": "Species",
    "status": "Status",
    "text": "Words in title or abstract",
    "timepoint": "Time",
    "timepoint_hours": "Time, in hours",
    "transient": "Passed by itself",
    "type": "Type",
    "unit": "Unit",
    "value": "Value under the drug",
    "year": "Year",
}

VALUES = {
    "adverse_event": "adverse event",
    "case_control": "case-control study",
    "case_report": "case report",
    "cross_sectional": "cross-sectional study",
    "double_blind": "double-blind",
    "healthy_volunteers": "healthy volunteers",
    "in_vitro": "in vitro",
    "meta_analysis": "meta-analysis",
    "no_difference": "no difference",
    "no_pmid": "unparsable, without a PMID",
    "none_stated": "the abstract states no dose",
    "nonrandomized_trial": "trial, not randomised",
    "not_told_apart": "several doses, not told apart",
    "open_label": "open label",
    "preclinical": "preclinical",
    "randomized_trial": "randomised trial",
    "single_blind": "single-blind",
    "systematic_review": "systematic review",
}

ARROWS = {Direction.INCREASED: "↑", Direction.DECREASED: "↓", Direction.NO_DIFFERENCE: "="}

EFFECTS = {
    Effect.IMPROVED: "better for the patient",
    Effect.WORSENED: "worse for the patient",
    Effect.NO_DIFFERENCE: "no difference",
    Effect.UNCLEAR: "meaning for the patient unclear",
}


class Study(Protocol):
    """What is said of a study in a list: a StudyProfile or a stored row of it."""

    @property
    def species(self) -> str: ...
    @property
    def design(self) -> str: ...
    @property
    def blinding(self) -> str | None: ...
    @property
    def sample_size(self) -> int | None: ...


class Line(NamedTuple):
    """One finding in a list: what it is about, the claim in a word or two with its tone, and the details."""

    subject: str
    claim: str
    tone: str
    details: tuple[str, ...]


def say(value: object) -> str:
    """Write a value as a person would: `in_vitro` is in vitro, true is yes, nothing is a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    return VALUES.get(text, text.replace("_", " ") if text.islower() else text)


def say_of(study: Mapping[str, Any], field: str) -> str:
    """Write a field of a study profile in the exchange format; conditions by their words."""
    value = study.get(field)
    return say(", ".join(one["text"] for one in value) if isinstance(value, list) else value)


def grouped(number: int) -> str:
    """Write a count with its thousands apart."""
    return f"{number:,}".replace(",", "\u202f")


def name(field: str) -> str:
    """Give the words for a field, also for one end of its range."""
    for end, word in (("_min", "from"), ("_max", "up to")):
        if field.endswith(end):
            return f"{name(field.removesuffix(end))} {word}"
    return FIELDS.get(field, field.replace("_", " ").capitalize())


def line(finding: Finding) -> Line:
    """Put a finding into the line that a list shows."""
    if isinstance(finding, Dose):
        return _dose(finding)
    if isinstance(finding, Outcome):
        return _outcome(finding)
    return _adverse_event(finding)


def amount(dose: Dose) -> str:
    """Write a dose's amount: `0.5 mg/kg`, `0.1–0.5 mg/kg`."""
    figures = f"{dose.low:g}" if dose.low == dose.high else f"{dose.low:g}–{dose.high:g}"
    return f"{figures} {dose.unit}"


def _dose(dose: Dose) -> Line:
    over = f"over {dose.infusion}" if dose.infusion else None
    return Line(amount(dose), say(dose.route) if dose.route else "", "plain", _given(over, dose.schedule))


def _outcome(outcome: Outcome) -> Line:
    claim = f"{ARROWS[outcome.direction]} {say(outcome.direction)}" if outcome.direction else "described"
    against = f"against {outcome.comparator}" if outcome.comparator else None
    figures = outcome.value
    if outcome.value and outcome.comparator_value:
        figures = f"{outcome.value} against {outcome.comparator_value}"
    interval = f"CI {outcome.ci}" if outcome.ci else None
    p_value = f"p {outcome.p_value}" if outcome.p_value else None
    meaning = EFFECTS[outcome.effect]
    details = _given(meaning, against, outcome.timepoint, figures, interval, p_value)
    return Line(outcome.anchor_text, claim, str(outcome.effect), details)


def _adverse_event(event: AdverseEvent) -> Line:
    compared = {"more": "more often than the comparator", "less": "less often than the comparator"}
    beside = compared.get(event.comparison or "", "as often as the comparator") if event.comparison else None
    passed = "passed by itself" if event.transient else None
    grave = event.serious and event.assertion != "absent"
    tone = "serious" if grave else str(event.assertion)
    details = _given(event.rate, beside, passed, "serious" if event.serious else None)
    return Line(event.anchor_text, say(event.assertion), tone, details)


def study(profile: Study | None) -> str:
    """Write a study profile in one line: `randomised trial, double-blind, 72 participants`."""
    if profile is None:
        return ""
    size = f"{grouped(profile.sample_size)} participants" if profile.sample_size else None
    species = None if profile.species in ("human", "none") else say(profile.species)
    blinding = say(profile.blinding) if profile.blinding else None
    design = "design not told" if profile.design == "other" else say(profile.design)
    return ", ".join(_given(design, blinding, size, species))


def _given(*parts: str | None) -> tuple[str, ...]:
    return tuple(part for part in parts if part)


def number_of(amount: int, one: str, many: str | None = None) -> str:
    """Say how many: `1 finding`, `1,204 findings`.

    >>> number_of(2, "study", "studies")
    '2 studies'
    """
    return f"{grouped(amount)} {one if amount == 1 else many or one + 's'}"
