"""What rules and tagger propose is looked at in one way, and the surer of two that overlap is kept."""

import numpy as np
import pytest

from nlp.article import Document
from nlp.components.confidence import Points
from nlp.components.context import context_of
from nlp.components.tagger import TaggerComponent
from nlp.components.weighing import candidates, chosen, overlaps
from nlp.extensions import OutcomeMention
from nlp.finding import Direction, Drug, Effect
from nlp.pipeline import annotate, load_pipeline
from nlp.tagging.decode import Read
from nlp.tagging.labels import FIELDS, GROUPS, SLICES, WIDTH
from nlp.tagging.pieces import Window
from nlp.tagging.pointing import Words

TEXT = "Ketamine for depression.\nRESULTS: Ketamine reduced MADRS scores. Nausea was seen."


def outcome(
    start: int, end: int, drug: Drug = Drug.KETAMINE, direction: Direction = Direction.DECREASED
) -> OutcomeMention:
    return OutcomeMention(
        start=start,
        end=end,
        evidence=(0, 100),
        drug=drug,
        component="x",
        direction=direction,
        effect=Effect.IMPROVED,
    )


def reads(text: str, anchor: str, group: str, share: float, **labels: str) -> Read:
    """A window of one piece a word in which an anchor's first word has a share of `B`."""
    offsets, at = [(0, 0)], 0
    for word in text.replace(".", " ").split():
        at = text.index(word, at)
        offsets.append((at, at + len(word)))
    offsets.append((0, 0))
    scores = np.zeros((len(offsets), WIDTH), dtype=np.float32)
    for name in ("outcome", "event"):
        scores[:, SLICES[name].start] = 9
    start, end = text.index(anchor), text.index(anchor) + len(anchor)
    for i, (a, b) in enumerate(offsets):
        if start <= a < b <= end:
            tag = 1 if a == start else 2
            scores[i, SLICES[group]] = np.log((1 - share) / 2)
            scores[i, SLICES[group].start + tag] = np.log(share)
            for name, label in labels.items():
                scores[i, SLICES[name].start + GROUPS[name].index(label)] = 5
    return Read(Window([0] * len(offsets), [0] * len(offsets), offsets), scores, scores)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [((0, 10), (0, 10), True), ((0, 10), (7, 17), False), ((0, 10), (4, 14), True), ((0, 5), (5, 9), False)],
)
def test_two_anchors_are_one_from_three_tenths_of_their_union(
    a: tuple[int, int], b: tuple[int, int], same: bool
) -> None:
    assert overlaps(outcome(*a), outcome(*b)) is same


def test_the_surer_of_two_that_overlap_is_kept() -> None:
    kept = chosen([(outcome(0, 10), 0.4), (outcome(2, 10), 0.7), (outcome(20, 30), 0.2)], least=0.3)
    assert [(m.start, m.confidence) for m in kept] == [(2, 0.7)]


def test_the_same_words_may_speak_of_two_members() -> None:
    kept = chosen([(outcome(0, 10), 0.9), (outcome(0, 10, Drug.ESKETAMINE), 0.5)], least=0.3)
    assert [m.drug for m in kept] == [Drug.KETAMINE, Drug.ESKETAMINE]


def seen(anchor: str, share: float, **labels: str) -> dict[str, dict[str, float]]:
    doc = annotate(load_pipeline("rules"), Document(id="x", text=TEXT))
    context = context_of(doc.text, doc._.folded, doc._.sentences, doc._.drugs, doc._.short_forms)
    assert context
    read = reads(TEXT, anchor, "outcome", share, **labels)
    return {TEXT[m.start : m.end]: things for m, things in candidates(doc, [read], context, "outcomes", 0.05)}


def test_what_both_read_alike_is_one_candidate() -> None:
    things = seen("MADRS scores", 0.9, direction="decreased")["MADRS scores"]
    assert things["tagger proposes"] == things["rules agree"] == 1
    assert things["rules alone"] == things["rules disagree"] == 0
    assert things["begin"] == pytest.approx(2.2, abs=0.01)


def test_what_the_rules_read_alone_is_seen_with_the_taggers_doubt() -> None:
    things = seen("Nausea", 0.9, direction="increased")["MADRS scores"]
    assert things["rules alone"] == 1 and things["tagger proposes"] == 0
    assert things["begin"] < -4


def test_another_direction_makes_a_second_candidate() -> None:
    doc = annotate(load_pipeline("rules"), Document(id="x", text=TEXT))
    context = context_of(doc.text, doc._.folded, doc._.sentences, doc._.drugs, doc._.short_forms)
    assert context
    read = reads(TEXT, "MADRS scores", "outcome", 0.9, direction="increased")
    found = candidates(doc, [read], context, "outcomes", 0.05)
    assert {m.direction: things["rules disagree"] for m, things in found} == {"decreased": 0, "increased": 1}


class Scores:
    """A tagger that always gives one reading, whose pointers find its first word for the time of every anchor."""

    def __init__(self, read: Read) -> None:
        self.read, self.tokenizer = read, None

    def pointed(self, text: str, read: Read, anchors: list[int]) -> list[dict[str, Words]]:
        return [{**dict.fromkeys(FIELDS, Words(0, 0, 0.9)), "timepoint": Words(0, 8, 0.9)} for _ in anchors]


def test_the_component_keeps_the_rules_reading_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    read = reads(TEXT, "MADRS scores", "outcome", 0.9, direction="increased")
    monkeypatch.setattr("nlp.components.tagger.read_windows", lambda doc, tagger: [read])
    points = Points(
        [
            {"type": "outcome", "seen": "least", "points": "0.5"},
            {"type": "outcome", "seen": "rules disagree", "points": "3"},
            {"type": "outcome", "seen": "bias", "points": "-1"},
            {"type": "outcome", "seen": "pointed timepoint", "points": "0.8"},
        ]
    )
    component = TaggerComponent(Scores(read), points, 0.05)  # type: ignore[arg-type]
    doc = component(annotate(load_pipeline("rules"), Document(id="x", text=TEXT)))
    assert [m.direction for m in doc._.outcomes] == [Direction.INCREASED]
    assert [m.direction for m in doc._.ruled["outcomes"]] == [Direction.DECREASED]
    assert doc._.outcomes[0].confidence == 0.881
    assert doc._.outcomes[0].timepoint == "Ketamine"
    assert doc._.outcomes[0].spans["timepoint"] == (0, 8)
    assert doc._.outcomes[0].value is None  # as the tagger's anchor has it: no share is given for this field
