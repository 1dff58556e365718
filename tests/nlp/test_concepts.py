"""Names of disorders, symptoms and drugs find their term in an open vocabulary, or none."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.concepts import Trigrams, drug_concept, key, link
from nlp.finding import Drug


@pytest.mark.parametrize(
    ("name", "curie", "how"),
    [
        ("major depressive disorder", "MESH:D003865", "name"),
        ("Disorder, Major Depressive", "MESH:D003865", "name"),
        ("treatment-resistant depression", "MESH:D061218", "name"),
        ("post-traumatic stress disorder", "MESH:D013313", "name"),
        ("PTSD", "MESH:D013313", "name"),
        ("OCD", "MESH:D009771", "name"),
        ("dizziness", "MESH:D004244", "name"),
        ("dissociative symptoms", "HP:0032940", "name"),
        ("severe major depressive disorder", "MESH:D003865", "modified"),
        ("acute postoperative pain", "MESH:D010149", "modified"),
        ("oedema", "MESH:D004487", "name"),
        ("hallucinatons", "MESH:D006212", "near"),
    ],
)
def test_a_name_finds_its_concept(name: str, curie: str, how: str) -> None:
    found = link(name)
    assert found is not None
    assert (found.concept.curie, found.how) == (curie, how)


@pytest.mark.parametrize("name", ["", "...", "tolerated", "the usual care", "severe", "12"])
def test_what_is_no_disorder_has_no_concept(name: str) -> None:
    assert link(name) is None


@given(st.text(max_size=40))
def test_any_words_are_answered_and_a_key_is_its_own_key(name: str) -> None:
    link(name)
    assert key(key(name)) == key(name)


@pytest.mark.parametrize("drug", Drug)
def test_every_member_of_the_family_has_a_concept(drug: Drug) -> None:
    assert drug_concept(drug).curie.startswith(("CHEBI:", "MESH:"))


def test_to_index_the_trigrams_takes_little_more_memory_than_the_index() -> None:
    index = Trigrams({f"{first} {second} disorder": 0 for first in range(300) for second in range(200)})
    tracemalloc.start()
    index.nearest("7 disorder")
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * kept
