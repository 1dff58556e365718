"""The sample shows each kind of study, of finding and of trouble that its README promises."""

import re
from pathlib import Path

import Bio.Entrez
import pytest
from lxml import etree

EXAMPLES = Path(__file__).parents[1] / "examples"
FILES = ("sample.xml", "sample_revision.xml")
SAMPLE = etree.parse(EXAMPLES / "sample.xml")
REVISION = etree.parse(EXAMPLES / "sample_revision.xml")

BY_STRUCTURE = {
    "randomised trial": "//PublicationType[@UI='D016449']",
    "meta-analysis": "//PublicationType[@UI='D017418']",
    "systematic review": "//PublicationType[@UI='D000078182']",
    "narrative review": "//PublicationType[@UI='D016454']",
    "case report": "//PublicationType[@UI='D002363']",
    "protocol": "//PublicationType[@UI='D000078325']",
    "observational study": "//PublicationType[@UI='D064888']",
    "preprint": "//PublicationType[@UI='D000076942']",
    "retracted article": "//MedlineCitation[.//@UI='D016441']//@RefType[.='RetractionIn']",
    "notice of retraction": "//MedlineCitation[.//@UI='D016440']//@RefType[.='RetractionOf']",
    "erratum": "//CommentsCorrections[@RefType='ErratumFor']",
    "article with an erratum": "//CommentsCorrections[@RefType='ErratumIn']",
    "expression of concern": "//CommentsCorrections[@RefType='ExpressionOfConcernFor']",
    "no abstract": "//Article[not(Abstract)]",
    "not in English": "//Article[Language!='eng'][VernacularTitle]",
    "other abstract beside the English one": "//MedlineCitation[Article/Abstract][OtherAbstract]",
    "other abstract only": "//MedlineCitation[not(Article/Abstract)][OtherAbstract]",
    "rats": "//MeshHeading/DescriptorName[@UI='D051381']",
    "cells": "//MeshHeading/DescriptorName[@UI='D002478']",
    "horses": "//MeshHeading/DescriptorName[@UI='D006736']",
    "adolescents": "//MeshHeading/DescriptorName[@UI='D000293']",
    "superscript": "//AbstractText//sup",
    "subscript": "//AbstractText//sub",
    "italics in a title": "//ArticleTitle//i",
    "bold": "//AbstractText//b",
    "MathML": "//AbstractText//*[namespace-uri()='http://www.w3.org/1998/Math/MathML']",
    "no MeSH": "//MedlineCitation[not(MeshHeadingList)]",
    "registry number": "//DataBank/AccessionNumberList/AccessionNumber",
    "two versions of a PMID": "//PMID[@Version='2']",
    "deletion": "//DeleteCitation/PMID",
    "group author": "//Author/CollectiveName",
    "PMC id": "//ArticleId[@IdType='pmc']",
}

BY_WORDS = {
    "midazolam": r"\bmidazolam\b",
    "electroconvulsive therapy": r"\bECT\b",
    "nasal esketamine": r"esketamine nasal spray",
    "arketamine": r"\barketamine\b",
    "hydroxynorketamine": r"\bhydroxynorketamine\b",
    "subcutaneous": r"\bsubcutaneous ketamine\b",
    "oral": r"\boral ketamine\b",
    "intramuscular": r"\bintramuscular ketamine\b",
    "sublingual": r"\bsublingual ketamine\b",
    "rate in per cent": r"\(\d+\.\d%\)",
    "rate as a count": r"\d+ of \d+ patients",
    "absence": r"\bNo serious adverse events\b",
    "transient": r"\btransient",
    "death": r"\bdeaths?\b",
    "no difference": r"\bdid not differ\b",
    "relapse": r"\brelapse",
    "four doses": r"0\.1 mg/kg, 0\.2 mg/kg, 0\.5 mg/kg or 1\.0 mg/kg",
    "implausible dose": r"\b50 mg/kg\b",
    "rate above 100 %": r"\b130%",
    "hazard ratio": r"hazard ratio",
    "thin space": "\u2009",
    "narrow no-break space": "\u202f",
    "no-break space": "\u00a0",
    "unicode minus": "\u2212",
    "middle-dot decimal": r"\d\u00b7\d",
    "micro sign": "\u00b5",
    "Greek mu": "\u03bc",
    "off topic": r"\bKetotifen\b",
}


def _pmids(tree: etree._ElementTree, path: str = "//MedlineCitation/PMID") -> list[str]:
    return [element.text for element in tree.iterfind("." + path)]


def test_it_has_more_than_forty_records() -> None:
    assert len(_pmids(SAMPLE)) >= 40


@pytest.mark.parametrize("kind", BY_STRUCTURE)
def test_it_has_each_kind_of_record(kind: str) -> None:
    assert SAMPLE.xpath(BY_STRUCTURE[kind])


@pytest.mark.parametrize("kind", BY_WORDS)
def test_it_has_each_kind_of_finding(kind: str) -> None:
    text = " ".join("".join(part.itertext()) for part in SAMPLE.iter("ArticleTitle", "AbstractText"))
    assert re.search(BY_WORDS[kind], text, re.IGNORECASE)


def test_a_preprint_and_its_article_share_a_registry_number() -> None:
    numbers = [element.text for element in SAMPLE.iter("AccessionNumber")]
    assert {number for number in numbers if numbers.count(number) > 1} == {"NCT99000047"}


@pytest.mark.parametrize("name", FILES)
def test_it_is_valid_by_nlms_own_dtd(name: str) -> None:
    dtd = etree.DTD(str(Path(Bio.Entrez.__file__).parent / "DTDs" / "pubmed_250101.dtd"))
    assert dtd.validate(etree.parse(EXAMPLES / name)), dtd.error_log


@pytest.mark.parametrize("name", FILES)
def test_it_says_that_it_is_invented(name: str) -> None:
    tree = etree.parse(EXAMPLES / name)
    assert "INVENTED" in (EXAMPLES / name).read_text(encoding="utf-8")[:500]
    assert {title.text for title in tree.iterfind(".//Journal/Title")} <= {
        "Invented Journal of Examples",
        "Invented Preprints",
    }
    assert all(pmid.startswith("990000") and len(pmid) == 8 for pmid in _pmids(tree, "//PMID"))


def test_the_readme_lists_every_record_and_no_other() -> None:
    rows = re.findall(r"^\| (\d+) \|", (EXAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted({*_pmids(SAMPLE), *_pmids(SAMPLE, "//DeleteCitation/PMID")})


def test_the_second_night_revises_retracts_adds_and_deletes() -> None:
    first, second = set(_pmids(SAMPLE)), set(_pmids(REVISION))
    assert second & first == {"99000015", "99000035", "99000042"}
    assert second - first == {"99000055", "99000056"}
    assert set(_pmids(REVISION, "//DeleteCitation/PMID")) == {"99000049"}
    assert REVISION.xpath("//CommentsCorrections[@RefType='RetractionIn']")
