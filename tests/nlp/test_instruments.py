"""Scales by their many names, and what an endpoint is about."""

import pytest

from nlp.instruments import domain_of, instrument_of
from nlp.vocabulary import read_table


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("MADRS total score", "MADRS"),
        ("Montgomery–Åsberg Depression Rating Scale", "MADRS"),
        ("HDRS-17 score", "HAM-D-17"),
        ("Hamilton Depression Rating Scale", "HAM-D"),
        ("QIDS-SR16", "QIDS-SR"),
        ("Beck Depression Inventory II", "BDI-II"),
        ("PHQ9", "PHQ-9"),
        ("C-SSRS", "C-SSRS"),
        ("CAPS-5 score", "CAPS-5"),
        ("Young Mania Rating Scale", "YMRS"),
        ("pain on a visual analogue scale", "VAS"),
        ("depressive symptoms", None),
        ("suicidal thoughts", None),
        ("", None),
    ],
)
def test_the_instrument_that_an_endpoint_names(words: str, code: str | None) -> None:
    found = instrument_of(words)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("words", "domain"),
    [
        ("MADRS score", "depression"),
        ("MADRS item 10", "suicidality"),
        ("suicidal ideation", "suicidality"),
        ("remission rate", "response_remission"),
        ("time to relapse", "relapse_durability"),
        ("postoperative pain score", "pain"),
        ("serum BDNF", "biomarker"),
        ("the thing in itself", None),
    ],
)
def test_the_domain_of_an_endpoint(words: str, domain: str | None) -> None:
    assert domain_of(words, instrument_of(words)) == domain


def test_every_instrument_is_found_by_each_of_its_names() -> None:
    lost = {}
    for row in read_table("instruments.tsv"):
        for alias in row["aliases"].split("|"):
            found = instrument_of(alias.removeprefix("="))
            if found is None:
                lost[alias] = row["code"]
    assert not lost


def test_ranges_and_domains_are_those_of_the_tables() -> None:
    domains = {row["domain"] for row in read_table("domains.tsv")}
    for row in read_table("instruments.tsv"):
        assert row["domain"] in domains, row["code"]
        assert row["higher"] in ("better", "worse", "neither"), row["code"]
        if row["low"] and row["high"]:
            assert float(row["low"]) < float(row["high"]), row["code"]
