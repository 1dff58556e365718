"""Findings as FHIR R5: a Bundle of Evidence resources (https://hl7.org/fhir/R5/evidence.html)."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from store.queries import Item

PUBMED: Final = "https://pubmed.ncbi.nlm.nih.gov"
ROLE: Final = "http://terminology.hl7.org/CodeSystem/variable-role"


def bundle(items: Iterable[Item], notice: str) -> Iterator[str]:
    """Write a collection Bundle, an Evidence a finding."""
    yield '{"resourceType":"Bundle","type":"collection"'
    before = ',"entry":['
    for item in items:
        resource = evidence(item, notice)
        entry = {"fullUrl": f"urn:ketmine:finding:{item.finding.id}", "resource": resource}
        yield before + json.dumps(entry, ensure_ascii=False)
        before = ","
    yield "]}\n" if before == "," else "}\n"


def evidence(item: Item, notice: str) -> dict[str, Any]:
    """Put a finding into an Evidence: exposure and outcome as variables, the p-value as a statistic.

    `active` is what a person accepted or corrected; `retired`, rejected or superseded; else `draft`.
    """
    row, article = item.finding, item.article
    states = {"accepted": "active", "corrected": "active", "rejected": "retired", "superseded": "retired"}
    made: dict[str, Any] = {
        "resourceType": "Evidence",
        "id": row.id,
        "identifier": [{"system": "urn:ketmine:finding", "value": row.id}],
        "title": article.title or row.pmid,
        "citeAsMarkdown": f"PMID {row.pmid}: {PUBMED}/{row.pmid}/",
        "status": "retired" if article.retracted else states.get(row.status, "draft"),
        "description": notice,
        "assertion": row.quote,
        "note": [{"text": f"{flag.code}: {flag.reason}"} for flag in item.flags],
        "variableDefinition": _variables(item),
        "statistic": _statistics(item),
    }
    return {field: value for field, value in made.items() if value}


def _variables(item: Item) -> list[dict[str, Any]]:
    row = item.finding
    told = " ".join(filter(None, (row.drug, row.route, row.anchor if row.type == "dose" else None)))
    roles = [("exposure", told)]
    if row.comparator:
        roles.append(("referenceExposure", row.comparator))
    if row.type != "dose":
        roles.append(("measuredVariable", row.concept_name or row.instrument_name or row.anchor))
    if item.study:
        roles.append(("population", f"{item.study.species}, {item.study.setting}"))
    return [
        {"description": words, "variableRole": {"coding": [{"system": ROLE, "code": role}], "text": role}}
        for role, words in roles
    ]


def _statistics(item: Item) -> list[dict[str, Any]]:
    row = item.finding
    found: list[dict[str, Any]] = []
    if row.p_number is not None:
        number: dict[str, Any] = {"value": row.p_number}
        if row.p_operator in ("<", "<=", ">", ">="):
            number["comparator"] = row.p_operator
        found.append({"statisticType": {"text": "p-value"}, "quantity": number})
    for words, value in (("value", row.value), ("confidence interval", row.ci), ("rate", row.rate)):
        if value:
            found.append({"statisticType": {"text": words}, "description": value})
    if item.study and item.study.sample_size is not None:
        for one in found:
            one["sampleSize"] = {"numberOfParticipants": item.study.sample_size}
    return found
