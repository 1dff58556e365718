"""What a sentence offers for each number field: every extent in which a curator might write a figure down."""

import pytest

from nlp.components.candidates import FIELDS, candidates
from nlp.folding import fold


def texts(sentence: str, field: str) -> set[str]:
    return {q.text for q in candidates(fold(sentence), field)}


@pytest.mark.parametrize(
    ("field", "sentence", "figure"),
    [
        ("p_value", "All of it fell (all p's > .05).", ">.05"),
        ("p_value", "It fell (P = 4.0 × 10(-3)).", "=4.0x10(-3)"),
        ("p_value", "It fell, p-value less than 0.01.", "<0.01"),
        ("ci", "The difference was -1.12 [-2.33, 0.09].", "-2.33, 0.09"),
        ("ci", "It was 4 % (95% CI = -2% to 12%).", "-2% to 12%"),
        ("ci", "Relapse came after 15 days [95% CI 3.5 to 29.9 days].", "3.5 to 29.9 days"),
        ("value", "The group had 26 (46.4%) responders.", "26 (46.4%)"),
        ("value", "The group had 26 (46.4%) responders.", "26"),
        ("value", "The fall was -16.8 (3.00) points.", "-16.8"),
        ("value", "The first request came after 19.8 ± 9.8 hours.", "19.8 ± 9.8 hours"),
        ("value", "Pressure rose by 13.3/8.7 mmHg.", "13.3/8.7 mmhg"),
        ("comparator_value", "It took 11 min against 25 min with saline.", "25 min"),
        ("rate", "Three patients had nausea.", "three patients"),
        ("rate", "Of them, 17/80 (21%) vomited.", "17/80 (21%)"),
        ("rate", "Seventy percent dissociated.", "seventy percent"),
        ("timepoint", "Scores fell on days 3, 5, and 7.", "days 3, 5, and 7"),
        ("timepoint", "Scores at 1, 3, and 5 min were low.", "1"),
        ("timepoint", "Use was less one year after surgery.", "one year after surgery"),
        ("timepoint", "Use was less in the first 48 hours postoperatively.", "first 48 hours"),
        ("timepoint", "It was better immediately after the infusion.", "immediately after the infusion"),
        ("timepoint", "It was better after 4 infusions.", "4 infusions"),
        ("timepoint", "Fewer had pain on the first postoperative day.", "first postoperative day"),
    ],
)
def test_a_figure_is_among_the_candidates(field, sentence, figure):
    assert figure in texts(sentence, field)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "sentence", ["", "Nothing counted fell.", "%%% (( 5 \x00 氯胺酮", "1" * 3000, "(1, " * 800]
)
def test_candidates_are_their_words_whatever_the_text(field, sentence):
    folded = fold(sentence)
    for found in candidates(folded, field):
        assert 0 <= found.start < found.end <= len(folded)
        if field != "p_value":
            assert folded[found.start : found.end] == found.text


def test_a_sentence_without_a_figure_offers_none():
    assert not any(texts("Mood rose in the treated.", field) for field in FIELDS)
