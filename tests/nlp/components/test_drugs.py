"""Which drugs a text names."""

import pytest


def named(doc):
    return [(doc.text[m.start : m.end], m.member.value if m.member else m.name) for m in doc._.drugs]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ketamine or saline", [("Ketamine", "ketamine"), ("saline", "saline")]),
        ("S(+)-ketamine", [("S(+)-ketamine", "esketamine")]),
        ("S‐ketamine and (R)-ketamine", [("S‐ketamine", "esketamine"), ("(R)-ketamine", "arketamine")]),
        ("(R,S)-ketamine", [("(R,S)-ketamine", "ketamine")]),
        ("(2R,6R)-HNK, norketamine", [("(2R,6R)-HNK", "hydroxynorketamine"), ("norketamine", "norketamine")]),
        ("Spravato nasal spray", [("Spravato", "esketamine")]),
        ("PCN-101 was given", [("PCN-101", "arketamine")]),
        (
            "esketamine (ESK). ESK was",
            [("esketamine", "esketamine"), ("ESK", "esketamine"), ("ESK", "esketamine")],
        ),
        ("the market for tickets", []),
        ("ketamine use disorder (KUD). KUD is", [("ketamine", "ketamine")]),
        ("Nitrous-oxide, N2O", [("Nitrous-oxide", "nitrous oxide"), ("N2O", "nitrous oxide")]),
    ],
)
def test_drugs(annotated, text, expected):
    assert named(annotated(text)) == expected


@pytest.mark.parametrize(
    ("text", "members"),
    [
        (
            "Ketamine and sleep\nMETHODS: Ten men got S(+)-ketamine.\nRESULTS: Ketamine helped.",
            ["esketamine", "esketamine", "esketamine"],
        ),
        (
            "Ketamine and sleep\nMETHODS: Ten men got S-ketamine or racemic ketamine.\nRESULTS: Ketamine helped.",
            ["ketamine", "esketamine", "ketamine", "ketamine"],
        ),
        (
            "Ketamine and sleep\nBACKGROUND: S-ketamine is sold.\nRESULTS: Ketamine helped.",
            ["ketamine", "esketamine", "ketamine"],
        ),
    ],
)
def test_ketamine_is_esketamine_where_the_subjects_got_that(annotated, text, members):
    assert [member for _, member in named(annotated(text))] == members
