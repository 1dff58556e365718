"""The filters of findings as options of a verb: one table, from which `query` and `export` have them."""

import inspect
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nlp.errors import KetmineError
from nlp.finding import Assertion, Blinding, Design, Direction, Drug, Effect, Route, Setting, Species

if TYPE_CHECKING:
    from store.filters import FindingQuery

# typer takes choices as enumerations; store's own would cost `--help` the import of the whole store
FindingType = StrEnum("FindingType", {name: name for name in ("dose", "outcome", "adverse_event")})  # type: ignore[misc]
StatusName = StrEnum(  # type: ignore[misc]
    "StatusName",
    {
        name: name
        for name in ("pending", "accepted", "corrected", "rejected", "needs_adjudication", "superseded")
    },
)
Retracted = StrEnum("Retracted", {name: name for name in ("no", "yes", "any")})  # type: ignore[misc]

LaneName = StrEnum("LaneName", {name: name for name in ("accept", "any")})  # type: ignore[misc]
StatusChoice = StrEnum("StatusChoice", {name: name for name in (*StatusName, "any")})  # type: ignore[misc]
SpeciesChoice = StrEnum("SpeciesChoice", {name: name for name in (*Species, "any")})  # type: ignore[misc]
SettingChoice = StrEnum("SettingChoice", {name: name for name in (*Setting, "any")})  # type: ignore[misc]

FILTERS: dict[str, tuple[Any, str]] = {
    "text": (str | None, "Words that the title or the abstract holds."),
    "pmid": (list[str] | None, "PMID."),
    "type": (list[FindingType] | None, "Type of finding."),
    "drug": (list[Drug] | None, "Member of the ketamine family."),
    "condition": (list[str] | None, "Disorder or setting, as written or by its name."),
    "instrument": (list[str] | None, "Scale or endpoint, such as MADRS."),
    "domain": (list[str] | None, "Domain of the outcome."),
    "adverse_event": (list[str] | None, "Unwanted effect, as written or by its name."),
    "assertion": (list[Assertion] | None, "Whether the adverse event was seen."),
    "serious": (bool | None, "Only serious adverse events, or none."),
    "transient": (bool | None, "Only adverse events said to pass, or none."),
    "direction": (list[Direction] | None, "What happened to the endpoint."),
    "effect": (list[Effect] | None, "What that means for the patient."),
    "comparator": (list[str] | None, "What the drug was compared with."),
    "hours_min": (float | None, "At the earliest this many hours after the dose."),
    "hours_max": (float | None, "At the latest this many hours after the dose."),
    "route": (list[Route] | None, "Route of the dose."),
    "mg_per_kg_min": (float | None, "Dose of at least this many mg/kg."),
    "mg_per_kg_max": (float | None, "Dose of at most this many mg/kg."),
    "mg_min": (float | None, "Dose of at least this many mg."),
    "mg_max": (float | None, "Dose of at most this many mg."),
    "design": (list[Design] | None, "Study design."),
    "blinding": (list[Blinding] | None, "Who did not know the allocation."),
    "species": (list[SpeciesChoice] | None, "Whose findings they are; by default people's, `any` for all."),
    "setting": (
        list[SettingChoice] | None,
        "What ketamine was used for; by default psychiatric, `any` for all.",
    ),
    "sample_size_min": (int | None, "Study of at least this many subjects."),
    "sample_size_max": (int | None, "Study of at most this many subjects."),
    "year_min": (int | None, "Published in this year or later."),
    "year_max": (int | None, "Published in this year or earlier."),
    "status": (
        list[StatusChoice] | None,
        "Status of review; by default all but rejected and superseded, `any` for all.",
    ),
    "lane": (
        LaneName | None,
        "Only accepted or sure enough findings (by default, once thresholds exist), or `any`.",
    ),
    "retracted": (
        Retracted | None,
        "Findings of retracted articles: `no` (by default), only those (`yes`), or `any`.",
    ),
    "own_result": (bool | None, "Only the study's own results, or only what it cites."),
    "since": (str | None, "Kept on this day or later (YYYY-MM-DD)."),
    "confidence_min": (float | None, "At least this sure (0 to 1)."),
    "confidence_max": (float | None, "At most this sure (0 to 1)."),
    "flagged": (bool | None, "Only flagged findings, or none."),
    "flag": (list[str] | None, "Code of a flag."),
    "attention": (bool | None, "Only findings queued for a person, or none."),
}
"""Field of FindingQuery → the option's type, and its help. A list may be given several times: any of them fits."""


def filtered(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb an option for every filter; it receives them as one FindingQuery, its first argument."""

    def command(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in FILTERS}
        verb(_query(chosen), **given)

    own = list(inspect.signature(verb).parameters.values())[1:]
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[kind, typer.Option(help=meaning, rich_help_panel="Filters")],
        )
        for name, (kind, meaning) in FILTERS.items()
    ]
    parameters = [*(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own), *options]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__doc__, command.__name__ = verb.__doc__, verb.__name__
    return command


def _query(chosen: dict[str, Any]) -> "FindingQuery":
    from pydantic import ValidationError

    from store.filters import FindingQuery

    try:
        return FindingQuery.model_validate(
            {name: value for name, value in chosen.items() if value not in (None, [])}
        )
    except ValidationError as error:
        first = error.errors()[0]
        option = f"--{str(first['loc'][0]).replace('_', '-')}"
        raise KetmineError(f"{option} {first['input']!r}: {first['msg']}.") from None
