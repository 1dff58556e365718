"""Write findings out for other tools, from one table of forms: FORMATS."""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter
from sqlmodel import Session

from nlp.article import Record
from nlp.finding import Finding, Flag
from store.dictionary import MEANINGS
from store.fhir import bundle
from store.filters import FindingQuery
from store.queries import Item, every
from store.references import bibtex, bioc, ris
from store.tables import FindingRow, StudyRow

NOTICE: Final = "A research aid, read from abstracts by a machine, not medical advice."

_FINDING: TypeAdapter[Finding] = TypeAdapter(Finding)


class ExportedStudy(Record):
    """What kind of study the article reports."""

    design: str
    species: str
    blinding: str | None
    sample_size: int | None
    setting: str


class StudyValue(ExportedStudy):
    """The same with the words of its conditions, as a reader or a curator says it."""

    conditions: tuple[str, ...]


def study_value(value: Mapping[str, Any]) -> StudyValue:
    """Put a study profile in the exchange format into the form that leaves the store."""
    told = {field: value[field] for field in ExportedStudy.model_fields}
    return StudyValue(**told, conditions=tuple(one["text"] for one in value.get("conditions", ())))


class ExportedFinding(Record):
    """A finding with its article, its study and its standing.

    `finding` is the value that counts, a curator's where there is one; `machine` what the machine read, where
    it differs; `revision` goes up with every change, and a decision has to name the one it was made on.
    """

    notice: str = NOTICE
    pmid: str
    title: str
    journal: str | None
    year: int | None
    doi: str | None
    registry_number: str | None
    retracted: bool
    status: str
    revision: int
    study: ExportedStudy | None
    finding: Finding
    machine: Finding | None
    flags: tuple[Flag, ...]


def value_that_counts(row: FindingRow) -> Finding:
    """Give the curator's value where there is one, else the machine's; the id is the stored one."""
    return _FINDING.validate_python({**(row.decided or row.record), "id": row.id})


def machine_value(row: FindingRow) -> Finding:
    """Give what the machine read last."""
    return _FINDING.validate_python({**row.record, "id": row.id})


def exported(item: Item) -> ExportedFinding:
    """Put a stored finding into the form that leaves the store."""
    row, article = item.finding, item.article
    counts = value_that_counts(row)
    machine = machine_value(row) if row.decided else counts
    return ExportedFinding(
        pmid=row.pmid,
        title=article.title,
        journal=article.journal,
        year=article.year,
        doi=article.doi,
        registry_number=article.registry_number,
        retracted=article.retracted,
        status=row.status,
        revision=row.revision,
        study=_study(item.study),
        finding=counts,
        machine=machine if machine != counts else None,
        flags=tuple(Flag(code=flag.code, reason=flag.reason) for flag in item.flags),
    )


def _study(row: StudyRow | None) -> ExportedStudy | None:
    if row is None:
        return None
    return ExportedStudy(**{field: getattr(row, field) for field in ExportedStudy.model_fields})


def write(session: Session, query: FindingQuery, form: str) -> Iterator[bytes]:
    """Write the findings that fit, piece by piece; `form` is one of FORMATS."""
    if form == "parquet":
        yield _parquet(session, query)
        return
    for piece in _WRITERS[form](session, query):
        yield piece.encode()


def _jsonl(session: Session, query: FindingQuery) -> Iterator[str]:
    for item in every(session, query):
        yield exported(item).model_dump_json() + "\n"


def _csv(session: Session, query: FindingQuery) -> Iterator[str]:
    yield _line(COLUMNS)
    for item in every(session, query):
        yield _line([guarded(_text(value)) for value in _cells(item).values()])


def _cells(item: Item) -> dict[str, Any]:
    row, article, study = item.finding, item.article, item.study
    cells = {
        "finding_id": row.id,
        "pmid": row.pmid,
        "title": article.title,
        "journal": article.journal,
        "year": article.year,
        "doi": article.doi,
        "registry_number": article.registry_number,
        "retracted": article.retracted,
        "status": row.status,
    }
    cells |= {f"study_{field}": getattr(study, field, None) for field in ExportedStudy.model_fields}
    cells |= {field: getattr(row, field) for field in FINDING_COLUMNS}
    source = value_that_counts(row).provenance
    return cells | {
        "flags": "; ".join(flag.reason for flag in item.flags),
        "pipeline": source.pipeline,
        "pipeline_version": source.version,
        "notice": NOTICE,
    }


FINDING_COLUMNS = (
    *("type", "drug", "drug_curie", "drug_name", "anchor", "start", "end"),
    *("quote", "quote_start", "quote_end", "section", "own_result"),
    *("confidence", "low", "high", "unit", "mg_per_kg_low", "mg_per_kg_high", "mg_low", "mg_high", "route"),
    *("infusion", "infusion_minutes", "schedule", "concept_curie", "concept_name", "assertion", "comparison"),
    *("rate", "transient", "serious", "instrument_curie", "instrument_name", "domain", "direction", "effect"),
    *(
        "comparator",
        "timepoint",
        "timepoint_hours",
        "value",
        "comparator_value",
        "ci",
        "p_value",
        "p_operator",
    ),
    *("p_number", "unlinked"),
)
"""Columns of a finding as they are in the store; the value that counts, with numbers as numbers."""

COLUMNS = (
    *("finding_id", "pmid", "title", "journal", "year", "doi", "registry_number", "retracted", "status"),
    *(f"study_{field}" for field in ExportedStudy.model_fields),
    *FINDING_COLUMNS,
    *("flags", "pipeline", "pipeline_version", "notice"),
)

_NUMBER = re.compile(r"[-+]?\d[\d.,]*%?")


def guarded(text: str) -> str:
    """Keep a spreadsheet from running a cell as a formula: put `'` before `=`, `+`, `-`, `@` and so on.

    A plain number may keep its sign. See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    runs = text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
    return f"'{text}" if runs and not _NUMBER.fullmatch(text) else text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _line(cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _parquet(session: Session, query: FindingQuery) -> bytes:
    """Write the columns of the CSV, numbers as numbers and truths as truths; what is not said is null."""
    import pandas
    from fastparquet import write as write_parquet

    rows = [_cells(item) for item in every(session, query)]
    table = pandas.DataFrame(rows, columns=list(COLUMNS))
    kinds = {"integer": "Int64", "number": "float64", "boolean": "boolean", "text": "object"}
    for name in COLUMNS:
        kind = kinds[MEANINGS[name][0]]
        table[name] = table[name].astype(kind)
    with tempfile.TemporaryDirectory(prefix="ketmine-") as folder:
        path = Path(folder) / "findings.parquet"
        write_parquet(str(path), table, compression="SNAPPY", object_encoding="utf8")
        return path.read_bytes()


_WRITERS: dict[str, Callable[[Session, FindingQuery], Iterator[str]]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "ris": lambda session, query: ris(session, every(session, query), NOTICE),
    "bib": lambda session, query: bibtex(session, every(session, query), NOTICE),
    "bioc.json": lambda session, query: bioc(session, every(session, query), NOTICE),
    "fhir.json": lambda session, query: bundle(every(session, query), NOTICE),
}

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "jsonl": "application/x-ndjson",
    "ris": "application/x-research-info-systems",
    "bib": "application/x-bibtex",
    "bioc.json": "application/json",
    "fhir.json": "application/fhir+json",
}
"""Forms of export: ending of the file's name → media type."""
