"""Turn stored rows into what a page shows: lines of a list, a marked text, facts in words, a history."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from store.export import machine_value, value_that_counts
from store.tables import (
    ArticleRow,
    ArticleVersion,
    Decision,
    FindingFlag,
    FindingRow,
    StudyCondition,
    StudyRow,
)
from store.transitions import REASONS
from store.web.form import EDITABLE
from store.web.marks import Mark, Piece, paragraphs, pieces
from store.web.words import TYPES, Line, line, name, say, say_of, study

SECTION_LABEL = re.compile(r"^(?=[^\n:]*[A-Z])[A-Z0-9 ,/&'()\-]{3,70}:(?= )", re.MULTILINE)


class Row(NamedTuple):
    """A finding in a list."""

    id: str
    type: str
    type_word: str
    drug: str
    line: Line
    quote: list[Piece]
    study: str
    year: int | None
    pmid: str
    title: str
    confidence: float | None
    own_result: bool
    retracted: bool
    anchor: str
    start: int
    end: int
    status: str
    status_word: str
    attention: bool
    flags: Sequence[FindingFlag]
    seen: int


class Fact(NamedTuple):
    """A field in words; `was` is the machine's value where a curator's stands in its place."""

    words: str
    value: str
    was: str | None = None
    note: str = ""
    href: str = ""


class Banner(NamedTuple):
    """A sentence above an article that changes how it is to be read."""

    tone: str
    words: str
    href: str = ""
    link: str = ""


class Entry(NamedTuple):
    """One act of review in words."""

    what: str
    curator: str
    iso: str
    when: str
    reason: str
    changes: tuple[str, ...]


def row(
    finding: FindingRow,
    article: ArticleRow,
    profile: StudyRow | None = None,
    flags: Sequence[FindingFlag] = (),
) -> Row:
    """Put a finding into a row of a list."""
    start, end = finding.start - finding.quote_start, finding.end - finding.quote_start
    return Row(
        id=finding.id,
        type=finding.type,
        type_word=TYPES[finding.type],
        drug=finding.drug,
        line=line(value_that_counts(finding)),
        quote=pieces(finding.quote, [Mark(start, end, "anchor")]),
        study=study(profile),
        year=article.year,
        pmid=finding.pmid,
        title=article.title,
        confidence=finding.confidence,
        own_result=finding.own_result,
        retracted=article.retracted,
        anchor=finding.anchor,
        start=finding.start,
        end=finding.end,
        status=finding.status,
        status_word=say(finding.status),
        attention=finding.attention,
        flags=flags,
        seen=finding.revision,
    )


def marked(text: str, finding: FindingRow, others: Iterable[Row], suffix: str = "") -> list[list[Piece]]:
    """Mark a finding's sentence, mention and field words in its text, and link the others' mentions."""
    marks = [
        *_layout(text),
        Mark(finding.quote_start, finding.quote_end, "evidence"),
        Mark(finding.start, finding.end, "anchor"),
    ]
    for field, span in machine_value(finding).spans.items():  # its offsets are of this very text
        marks.append(Mark(span.start, span.end, "field", name(field)))
    marks.extend(_link(other, suffix) for other in others if other.id != finding.id)
    return paragraphs(pieces(text, marks))


def marked_all(text: str, rows: Iterable[Row]) -> list[list[Piece]]:
    """Link every finding's mention in a text."""
    return paragraphs(pieces(text, [*_layout(text), *(_link(row, "") for row in rows)]))


def marked_words(text: str, anchor: tuple[int, int], evidence: tuple[int, int]) -> list[list[Piece]]:
    """Mark the words and the sentence of a finding that is not there yet."""
    return paragraphs(pieces(text, [*_layout(text), Mark(*evidence, "evidence"), Mark(*anchor, "anchor")]))


def _layout(text: str) -> list[Mark]:
    title = text.find("\n")
    labels = (Mark(*match.span(), "label") for match in SECTION_LABEL.finditer(text))
    return [Mark(0, title if title >= 0 else len(text), "title"), *labels]


def _link(row: Row, suffix: str) -> Mark:
    words = " ".join(part for part in (row.type_word + ":", row.line.subject, row.line.claim) if part)
    return Mark(row.start, row.end, "other", words, f"/findings/{row.id}{suffix}")


def facts(finding: FindingRow, doses: Sequence[FindingRow] = ()) -> list[Fact]:
    """Say a finding's fields, a curator's beside the machine's, then what was derived from them."""
    value, machine = value_that_counts(finding), machine_value(finding)
    said = [
        Fact(name(field), say(now), say(before) if now != before else None)
        for field in EDITABLE[finding.type]
        if field != "own_result"
        for now, before in [(getattr(value, field), getattr(machine, field))]
    ]
    for field in ("concept", "instrument", "condition"):
        concept = getattr(value, field, None)
        if concept:
            said.append(Fact(name(field), concept.name, None, concept.curie))
    for field, unit in (("infusion_minutes", "min"), ("timepoint_hours", "h")):
        number = getattr(value, field, None)
        if number is not None:
            said.append(Fact(name(field), f"{number:g} {unit}"))
    if getattr(value, "domain", None):
        said.append(Fact(name("domain"), say(value.domain)))  # type: ignore[union-attr]
    if finding.type != "dose":
        said.append(_dose(finding, doses))
    if value.own_result != machine.own_result:
        said.append(Fact(name("own_result"), say(value.own_result), say(machine.own_result)))
    elif not value.own_result:
        said.append(Fact(name("own_result"), "no, it is reported from elsewhere"))
    return said


def _dose(finding: FindingRow, doses: Sequence[FindingRow]) -> Fact:
    linked = "; ".join(dose.anchor for dose in doses)
    return Fact(name("doses"), linked or (say(finding.unlinked) if finding.unlinked else "–"))


def study_facts(profile: StudyRow | None, conditions: Iterable[StudyCondition]) -> list[Fact]:
    """Say a study profile."""
    if profile is None:
        return [Fact("Profile", "not read")]
    machine = profile.machine or {}
    said = []
    for field in ("design", "blinding", "sample_size", "species", "setting"):
        now = getattr(profile, field)
        before = machine.get(field, now)
        said.append(Fact(name(field), say(now), say(before) if now != before else None))
    named = say(", ".join(condition.text for condition in conditions))
    read = say_of(machine, "conditions") if "conditions" in machine else named
    return [*said, Fact(name("conditions"), named, read if read != named else None)]


def provenance(finding: FindingRow, version: ArticleVersion, current: bool) -> list[Fact]:
    """Say which reader drew a finding from which text."""
    source = value_that_counts(finding).provenance
    component = f", component {source.component}" if source.component else ""
    earlier = "" if current else " (an earlier one)"
    return [
        Fact("Pipeline", f"{source.pipeline} {source.version}{component}"),
        Fact("Run", str(finding.run_id), href=f"/runs/{finding.run_id}"),
        Fact(
            "Offsets",
            f"mention {finding.start}–{finding.end}, sentence {_sentence(finding)}",
        ),
        Fact(
            "Text",
            f"version {version.number}{earlier}, SHA-256 {version.document_hash[:12]}…",
        ),
        Fact("Finding", finding.id),
    ]


def _sentence(finding: FindingRow) -> str:
    return f"{finding.quote_start}–{finding.quote_end}"


def banners(article: ArticleRow, finding: FindingRow | None = None, current: bool = True) -> list[Banner]:
    """Say what changes how an article or a finding is to be read."""
    said = []
    if article.retracted:
        said.append(Banner("bad", "This article was retracted.", *_notice(article, "RetractionIn")))
    for ref_type, words in NOTICES.items():
        if any(notice["ref_type"] == ref_type for notice in article.notices):
            said.append(Banner("warn", words, *_notice(article, ref_type)))
    if article.deleted:
        said.append(Banner("bad", "PubMed no longer holds this record."))
    if finding is not None and finding.status == "superseded":
        said.append(Banner("warn", "The newest reading of this abstract does not make this finding."))
    if not current:
        said.append(Banner("warn", "The abstract was revised since: this is the text then read."))
    return said


NOTICES = {
    "ErratumIn": "An erratum was published.",
    "ExpressionOfConcernIn": "An expression of concern was published.",
    "UpdateIn": "An update was published.",
    "CorrectedandRepublishedIn": "It was corrected and republished.",
    "RetractedandRepublishedIn": "It was retracted and republished.",
}


def _notice(article: ArticleRow, ref_type: str) -> tuple[str, str]:
    found = next((n["pmid"] for n in article.notices if n["ref_type"] == ref_type and n["pmid"]), None)
    return (f"/articles/{found}", f"PMID {found}") if found else ("", "")


def history(decisions: Iterable[Decision], doses: Mapping[str, str]) -> list[Entry]:
    """Say the acts of review, the last first; `doses` are the words of those that results belong to."""
    return [_entry(decision, doses) for decision in sorted(decisions, key=lambda d: d.id or 0, reverse=True)]


DONE = {
    "accept": "Accepted",
    "correct": "Corrected",
    "reject": "Rejected",
    "split": "Split",
    "merge": "Merged",
    "undo": "Undone",
    "confirm": "Confirmed",
    "add": "Added",
    "agree": "Settled, two curators agree",
    "disagree": "Sent to an adjudicator, two curators disagree",
    "carry_over": "Carried over",
    "reopen": "Reopened",
    "supersede": "Superseded",
    "return": "Brought back",
}


def _entry(decision: Decision, doses: Mapping[str, str]) -> Entry:
    at = decision.decided_at
    words = REASONS.get(decision.reason, decision.reason) if decision.reason else None
    because = ". ".join(part for part in (words, decision.note) if part)
    changes = tuple(_changes(decision.machine, decision.value or decision.machine, doses))
    if (value := decision.value) and value["anchor_text"] != decision.machine["anchor_text"]:
        changes = (
            f"Words: “{value['anchor_text']}” instead of “{decision.machine['anchor_text']}”",
            *changes,
        )
    what = DONE.get(decision.action, say(decision.action).capitalize())
    return Entry(what, decision.curator, at.isoformat(), f"{at:%-d %b %Y, %H:%M} UTC", because, changes)


def _changes(machine: dict[str, Any], value: dict[str, Any], doses: Mapping[str, str]) -> Iterable[str]:
    for field in EDITABLE[machine["type"]]:
        if machine.get(field) != value.get(field):
            yield f"{name(field)}: {say(value.get(field))} instead of {say(machine.get(field))}"
    given, read = (
        "; ".join(doses.get(key, "one that is gone") for key in one.get("doses") or ()) or "none"
        for one in (value, machine)
    )
    if given != read:
        yield f"{name('doses')}: {given} instead of {read}"
