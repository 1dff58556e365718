"""Statements of the debate against the findings: one vote a study, and a verdict that says no more than the counts."""

from pathlib import Path

import pytest
from sqlmodel import Session

from nlp.errors import StoreError
from store.filters import FindingQuery
from store.questions.claims import TABLE, claims, read_claims, verdict
from tests.store.questions.test_registry import NCT, Keep, kept

HEADS = "claim\tstatement\tfilter\tfield\tfor\tagainst\n"


def test_the_bundled_table_is_right_and_names_each_claim_once() -> None:
    known = read_claims()
    assert len({claim.name for claim in known}) == len(known) >= 8


@pytest.mark.parametrize(
    ("counts", "begins"),
    [
        ((0, 0, 0), "No study speaks for or against it."),
        ((0, 0, 4), "No study speaks for or against it; 4 neither."),
        ((2, 0, 0), "Too few studies to say: 2 for, 0 against."),
        ((2, 1, 0), "Most studies that tell speak for it: 2 of 3."),
        ((1, 5, 0), "Most studies that tell speak against it: 5 of 6."),
        ((4, 3, 1), "Studies are divided: 4 for, 3 against; 1 neither."),
    ],
)
def test_a_verdict_says_no_more_than_the_counts(counts: tuple[int, int, int], begins: str) -> None:
    assert verdict(*counts) == begins


def test_a_trial_has_one_vote(session: Session, keep: Keep) -> None:
    kept(keep, "9900001", {"registry_numbers": NCT})
    kept(keep, "9900002", {"registry_numbers": NCT, "title": "Its second paper"})
    answer = claims(session)
    line = next(line for line in answer.tables[0].lines if line.key == "claims/depression-day")
    assert (line.cells["for"], line.cells["against"], line.cells["for_people"]) == (1, 0, 60)
    assert line.cells["verdict"] == "Too few studies to say: 1 for, 0 against."
    assert len(line.findings) == 2
    level = next(line for line in answer.tables[1].lines if line.key.startswith("levels/depression-day"))
    assert level.cells["design"] == "randomized trial"


def test_a_filter_narrows_every_claim(session: Session, keep: Keep) -> None:
    kept(keep, "9900001")
    assert claims(session).findings > 0
    assert claims(session, FindingQuery(drug=("arketamine",))).findings == 0


def test_a_researcher_edits_a_copy(session: Session, keep: Keep, tmp_path: Path) -> None:
    kept(keep, "9900001")
    mine = tmp_path / "mine.tsv"
    mine.write_text(
        HEADS
        + 'x\tMADRS falls.\t{"type": ["outcome"], "instrument": ["MADRS"]}\teffect\timproved\tworsened\n',
        "utf-8",
    )
    (line,) = claims(session, path=mine).tables[0].lines
    assert line.cells["for"] == 1


@pytest.mark.parametrize(
    "text",
    ["", "claim\tstatement\n", HEADS + "x\ty\tno json\teffect\ta\tb\n", HEADS + 'x\ty\t{"nonsense": 1}\teffect\ta\tb\n',
     HEADS + 'x\ty\t{"type": ["outcome"]}\tassertion\ta\tb\n'],
    ids=["empty", "columns", "no JSON", "no filter", "no field of the type"],
)  # fmt: skip
def test_a_wrong_table_is_refused_with_the_file_and_the_claim(
    session: Session, tmp_path: Path, text: str
) -> None:
    wrong = tmp_path / "wrong.tsv"
    wrong.write_text(text, "utf-8")
    with pytest.raises(StoreError, match=r"wrong\.tsv"):
        claims(session, path=wrong)
    assert TABLE.exists()
