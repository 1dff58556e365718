"""Where sentences end, which section a line is, and what an unlabelled sentence does."""

import pytest

from nlp.components.sections import role_of_label, split_sections, split_sentences


@pytest.mark.parametrize(
    "text",
    [
        "We gave 0.5 mg/kg i.v. over 40 min.",
        "Ketamine vs. Placebo was compared.",
        "As Smith et al. reported, it helped.",
        "The rate was 12.5% (95% C.I. 3.1-20.2).",
        "Cells of P. berghei were kept.",
        "Effects, e.g. Dissociation, were mild.",
        "It rose (p = .03) in both arms.",
    ],
)
def test_one_sentence(text):
    assert list(split_sentences(text, 0, len(text))) == [(0, len(text))]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It helped. It was safe.", ["It helped.", "It was safe."]),
        ("Given at 0.5 mg/kg i.v. The scores fell.", ["Given at 0.5 mg/kg i.v.", "The scores fell."]),
        ("Mood rose.2,3 Furthermore it held.", ["Mood rose.2,3", "Furthermore it held."]),
        ("Did it help? 20 patients said so!", ["Did it help?", "20 patients said so!"]),
        ("  padded.   Twice.  ", ["padded.", "Twice."]),
        ("p<0.001.Scores fell after it.", ["p<0.001.", "Scores fell after it."]),
    ],
)
def test_sentences(text, parts):
    assert [text[s:e] for s, e in split_sentences(text, 0, len(text))] == parts


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("RESULTS", "results"),
        ("Patients and methods", "methods"),
        ("MAIN OUTCOMES AND MEASURES", "methods"),
        ("CONCLUSIONS AND RELEVANCE", "conclusion"),
        ("TRIAL REGISTRATION NUMBER", "registration"),
        ("OBJECTIVE", "aim"),
        ("IMPORTANCE", "background"),
        ("NCT", None),
    ],
)
def test_role_of_label(label, role):
    assert role_of_label(label) == role


def test_sections_are_lines():
    text = "A title\nBACKGROUND: One.\nMETHODS: Two. RESULTS: Three.\nRatio 3:1 is no label."
    assert [(text[s.start : s.end], s.label, s.role) for s in split_sections(text)] == [
        ("A title", None, "title"),
        ("One.", "BACKGROUND", "background"),
        ("Two. ", "METHODS", "methods"),
        ("Three.", "RESULTS", "results"),
        ("Ratio 3:1 is no label.", None, ""),
    ]


def test_roles_of_an_unlabelled_abstract(annotated):
    doc = annotated(
        "Ketamine for low mood\nDepression is common. We aimed to test ketamine. Thirty adults were "
        "randomized to "
        "ketamine or placebo. Scores fell significantly (p=0.01). These findings suggest that ketamine helps."
    )
    assert [s.role for s in doc._.sentences] == [
        "title", "background", "aim", "methods", "results", "conclusion",
    ]  # fmt: skip


def test_spacys_sentences_begin_where_ours_do(annotated):
    doc = annotated(
        "Ketamine for pain.\nMETHODS: We gave 0.5 mg/kg i.v. (n = 9).\n\nRESULTS: Pain fell (p = 0.01). No nausea."
    )
    begun = [sentence.start for sentence in doc._.sentences]
    assert len(begun) == 4
    assert sum(bool(token.is_sent_start) for token in doc) == 4
    assert {doc.char_span(start, start + 1, alignment_mode="expand")[0].is_sent_start for start in begun} == {
        True
    }
