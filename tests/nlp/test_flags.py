"""Flags on invented sentences: at least twenty that deserve each flag and twenty that do not.

The cases stand in flag_cases.tsv. In a sentence `<out …>`, `<ae …>` and `<dose …>` mark a finding's anchor with the
fields that its words do not give, and with what the rules read otherwise (`rules.direction=…`); `<rate>`, `<value>`, `<ci>` and `<p>` mark fields of the finding of the sentence.
"""

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from nlp.article import Document
from nlp.finding import AdverseEvent, Dose, Finding, Outcome, Provenance, Species
from nlp.flags import flagged, with_disagreements
from nlp.pipeline import load_pipeline, read
from nlp.vocabulary import read_table

with (Path(__file__).parent / "flag_cases.tsv").open(encoding="utf-8") as lines:
    CASES = [(row["code"], row["deserves"], row["sentence"]) for row in csv.DictReader(lines, delimiter="\t")]

PROVENANCE = Provenance(document_hash="0", pipeline="rules", version="0")
TAG = re.compile(r"<(?P<tag>\w+)(?P<fields>[^>]*)>(?P<words>.*?)</(?P=tag)>")
AMOUNT = re.compile(r"(?P<low>[\d.]+)(?:-(?P<high>[\d.]+))? (?P<unit>\S+)")


def findings_of(marked: str) -> tuple[list[Finding], dict[str, list[str]], list[Finding]]:
    """Make the findings that a marked text describes, the other drugs of each one's sentence, and the rules' reading."""
    found: list[Finding] = []
    rules: list[Finding] = []
    drugs: dict[str, list[str]] = {}
    for sentence in re.split(r"(?<=\.) (?=[A-Z<])", marked):
        plain = TAG.sub(lambda m: m["words"], sentence)
        tags = [
            (m["tag"], dict(f.split("=") for f in m["fields"].split()), m["words"])
            for m in TAG.finditer(sentence)
        ]
        stated = {tag: words for tag, _, words in tags}
        for tag, fields, words in tags:
            if tag not in ("out", "ae", "dose"):
                continue
            names = fields.pop("drugs", "")
            second = {name[6:]: fields.pop(name) for name in list(fields) if name.startswith("rules.")}
            base: dict[str, Any] = {
                "id": str(len(found)),
                "drug": "ketamine",
                "anchor": (0, len(words)),
                "anchor_text": words,
                "evidence": (0, len(plain)),
                "evidence_text": plain,
                "provenance": PROVENANCE,
            }
            base |= {name: fields.pop(name) for name in ("drug", "confidence") if name in fields}
            drugs[base["id"]] = names.split(",") if names else []
            if tag == "dose":
                m = AMOUNT.fullmatch(words)
                assert m
                low = float(m["low"])
                high = float(m["high"] or m["low"])
                found.append(Dose(**base, low=low, high=high, unit=m["unit"], route=fields.get("route")))
            elif tag == "ae":
                rate = stated.get("rate")
                fields.setdefault("assertion", "present")
                serious = fields.pop("serious", "0") == "1"
                found.append(AdverseEvent(**base, **fields, rate=rate, serious=serious))
            else:
                figures = {"value": stated.get("value"), "ci": stated.get("ci"), "p_value": stated.get("p")}
                found.append(Outcome(**base, **fields, **figures, effect="unclear"))
            if second:
                rules.append(type(found[-1]).model_validate(found[-1].model_dump() | second))
    return found, drugs, rules


@pytest.mark.parametrize(("code", "deserves", "sentence"), CASES)
def test_a_flag_is_raised_where_it_is_deserved(code: str, deserves: str, sentence: str) -> None:
    findings, drugs, rules = findings_of(sentence)
    marked = with_disagreements(flagged(findings, Species.HUMAN, lambda f: drugs[f.id]), rules)
    codes = {flag.code for finding in marked for flag in finding.flags}
    assert (code in codes) == (deserves == "yes"), codes


def test_every_code_has_twenty_cases_of_each_kind() -> None:
    counts = Counter((code, deserves) for code, deserves, _ in CASES)
    codes = {row["code"] for row in read_table("flag_codes.tsv")}
    assert {code for code, _ in counts} == codes
    assert all(counts[code, deserves] >= 20 for code in codes for deserves in ("yes", "no"))


def test_reasons_are_sentences_without_gaps() -> None:
    for code, deserves, sentence in CASES:
        findings, drugs, rules = findings_of(sentence) if deserves == "yes" else ([], {}, [])
        for finding in with_disagreements(
            flagged(findings, Species.HUMAN, lambda f, drugs=drugs: drugs[f.id]), rules
        ):
            assert all(f.reason.endswith(".") and "{" not in f.reason for f in finding.flags), code


def test_animal_doses_are_judged_as_such() -> None:
    findings, drugs, _ = findings_of("Rats received <dose>100 mg/kg</dose>.")
    assert flagged(findings, Species.ANIMAL, lambda f: drugs[f.id])[0].flags == ()
    assert flagged(findings, Species.HUMAN, lambda f: drugs[f.id])[0].flags


def test_the_pipeline_flags_its_findings() -> None:
    text = (
        "A trial\nMETHODS: Adults received ketamine 50 mg/kg intravenously or placebo.\n"
        "RESULTS: Severe nausea occurred in 8/30 (17%) of the patients."
    )
    reading = next(read(load_pipeline("rules"), [Document(id="x", text=text)]))
    codes = {flag.code for finding in reading.findings for flag in finding.flags}
    assert {"implausible_dose", "serious_adverse_event"} <= codes
