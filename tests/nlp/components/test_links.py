"""Which dose each result belongs to."""

import pytest

from nlp.components.links import link
from nlp.components.regimen import Routes
from nlp.extensions import OutcomeMention
from nlp.finding import Drug, Effect, Unlinked
from nlp.vocabulary import read_table

METHODS = "A title\nMETHODS: {}\nRESULTS: {}"


@pytest.fixture(scope="module")
def linked(annotated):
    """Link a result anchored on `scores` to the doses of the methods, given as their quotes."""

    def find(methods, results, drug=Drug.KETAMINE):
        doc = annotated(METHODS.format(methods, results))
        start = doc.text.index("scores", doc.text.index("RESULTS"))
        sentence = next(s for s in doc._.sentences if s.start <= start < s.end)
        mention = OutcomeMention(
            start=start,
            end=start + 6,
            evidence=(sentence.start, sentence.end),
            drug=drug,
            component="test",
            effect=Effect.IMPROVED,
        )
        found = link(mention, doc, Routes(read_table("routes.tsv")))
        if isinstance(found, Unlinked):
            return found
        return [doc.text[doc._.doses[i].start : doc._.doses[i].end] for i in found]

    return find


ONE = "Patients received ketamine 0.5 mg/kg over 40 min."
TWO = "Patients received ketamine 0.2 mg/kg (group KL) or ketamine 0.5 mg/kg (group KH)."


@pytest.mark.parametrize(
    ("methods", "results", "expected"),
    [
        ("Patients received ketamine.", "The scores fell.", Unlinked.NONE_STATED),
        (ONE, "The scores fell.", ["0.5 mg/kg"]),
        (TWO, "The scores fell.", Unlinked.NOT_TOLD_APART),
        (TWO, "The scores fell after 0.5 mg/kg.", ["0.5 mg/kg"]),
        (TWO, "The scores fell in group KL.", ["0.2 mg/kg"]),
        (TWO, "The scores fell with the higher dose.", ["0.5 mg/kg"]),
        (TWO, "The scores fell with the low subanesthetic dose.", ["0.2 mg/kg"]),
        (TWO, "The scores fell with both doses.", ["0.2 mg/kg", "0.5 mg/kg"]),
        (TWO, "The scores fell after 0.2 mg/kg, whereas mood rose after 0.5 mg/kg.", ["0.2 mg/kg"]),
        (
            "Patients received a ketamine bolus of 0.3 mg/kg followed by an infusion of 0.1 mg/kg/h.",
            "The scores fell.",
            ["0.3 mg/kg", "0.1 mg/kg/h"],
        ),
        (
            "Group A received oral ketamine 1 mg/kg and group B intravenous ketamine 0.5 mg/kg.",
            "The scores fell after oral dosing.",
            ["1 mg/kg"],
        ),
    ],
)
def test_link(linked, methods, results, expected):
    assert linked(methods, results) == expected


def test_the_dose_of_another_member_is_none(linked):
    assert linked(ONE, "The scores fell.", Drug.ESKETAMINE) == Unlinked.NONE_STATED
