"""Agreement of blind pairs: by published examples, and of opinions that the store holds."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlmodel import Session, select

from nlp.article import document_of
from store.curation.agreement import Opinions, agreement, measured
from store.people.rights import Person, Role
from store.review import decide
from store.tables import FindingRow
from tests.store.conftest import article, found, reading

Keep = Callable[..., Any]
WORDS = {"a": "accepted", "c": "corrected", "r": "rejected"}
VALUE = {"drug": "ketamine", "assertion": "present", "rate": None, "anchor": (0, 10)}


def two(
    first: str, second: str, one: Mapping[str, Any] = VALUE, other: Mapping[str, Any] = VALUE
) -> Opinions:
    values = (None if first == "r" else one, None if second == "r" else other)
    return Opinions("adverse_event", ("Ada", "Bea"), (WORDS[first], WORDS[second]), values)


def test_the_kappas_are_those_of_the_textbook() -> None:
    # Cohen 1960 as worked out in the article "Cohen's kappa" of Wikipedia: 20 yes-yes, 15 no-no, 5 and 10 apart
    found = [two(*pair) for pair, n in {"aa": 20, "ar": 5, "ra": 10, "rr": 15}.items() for _ in range(n)]
    decision = measured(found).fields[0]
    assert (decision.field, decision.findings, decision.equal) == ("decision", 50, 0.7)
    (pair,) = decision.pairs
    assert pair.curators == ("Ada", "Bea")
    assert pair.kappa == pytest.approx(0.4)
    # Fleiss' and Scott's pi are one for two raters: 55 of 100 words say yes, so chance agrees on 0.505
    assert decision.fleiss_kappa == pytest.approx((0.7 - 0.505) / (1 - 0.505))
    # Krippendorff: 1 - (n - 1) * observed / (sum of products apart): 99 * 30 / (2 * 55 * 45)
    assert decision.alpha == pytest.approx(1 - 99 * 30 / (2 * 55 * 45))
    assert decision.alpha_low is not None
    assert decision.alpha_high is not None
    assert decision.alpha_low < decision.alpha < decision.alpha_high


def test_where_all_say_the_same_chance_has_no_part_and_no_figure_is_made_up() -> None:
    decision = measured([two("a", "a")] * 3).fields[0]
    assert (decision.equal, decision.fleiss_kappa, decision.alpha, decision.pairs[0].kappa) == (
        1.0,
        None,
        None,
        None,
    )
    assert measured([]).fields == ()


def test_fields_are_compared_where_neither_rejects() -> None:
    found = [two("a", "c", other=VALUE | {"assertion": "absent"}), two("a", "a"), two("r", "a")]
    fields = {one.field: one for one in measured(found).fields}
    assert (fields["assertion"].findings, fields["assertion"].equal) == (2, 0.5)
    assert (fields["decision"].findings, fields["decision"].equal) == (3, 1 / 3)


@pytest.mark.parametrize(
    ("opinions", "f1", "exact"),
    [
        ([two("a", "a")], 1.0, 1.0),
        ([two("a", "c", other=VALUE | {"anchor": (5, 15)})], 0.5, 0.0),
        ([two("a", "c", other=VALUE | {"anchor": (20, 30)})], 0.0, 0.0),
        ([two("a", "r")], 0.0, 0.0),
        ([two("a", "r"), two("a", "a")], 2 / 3, 0.5),
        ([two("r", "r"), two("a", "a")], 1.0, 1.0),
    ],
)
def test_words_are_compared_by_the_f1_of_their_characters(
    opinions: list[Opinions], f1: float, exact: float
) -> None:
    (span,) = measured(opinions).spans
    assert (span.f1, span.exact) == (pytest.approx(f1), exact)


def test_what_stands_of_two_opinions_is_measured_and_nothing_before_the_second(
    session: Session, keep: Keep
) -> None:
    of = article(abstract="Nausea occurred. Vomiting occurred. Fatigue occurred.")
    text = document_of(of).text
    keep(of, reading(of, *(found(text, "adverse_event", word) for word in ("Nausea", "Vomiting", "Fatigue"))))
    rows = {row.anchor: row.id for row in session.exec(select(FindingRow))}
    ada, bea = Person("Ada", Role.CURATOR), Person("Bea", Role.CURATOR)

    def say(word: str, who: Person, action: str, **more: Any) -> None:
        decide(session, rows[word], action, who, seen=1, double={"adverse_event": 1.0}, **more)

    say("Nausea", bea, "accept")
    say("Nausea", ada, "accept")
    say("Vomiting", ada, "accept")
    say("Vomiting", ada, "undo")
    say("Vomiting", ada, "reject", reason="not_said")
    say("Vomiting", bea, "correct", changes={"rate": "3 of 10"})
    say("Fatigue", bea, "accept")
    known = agreement(session)
    assert (known.findings, known.curators) == (2, ("Ada", "Bea"))
    assert known.fields[0].equal == 0.5
