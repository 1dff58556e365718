"""The query that PubMed is asked, applied here, keeps what PubMed would have found."""

import pytest

from flows.pubmed import DEFAULT_QUERY, QueryError, on_topic
from nlp.article import (
    AbstractSection,
    Article,
    MeshHeading,
    MeshTerm,
    OtherAbstract,
    PublicationType,
    Substance,
)


def article(title: str, abstract: str = "", **fields: object) -> Article:
    """Make an article."""
    return Article(pmid="1", title=title, abstract=(AbstractSection(text=abstract),), **fields)  # type: ignore[arg-type]


def mesh(*names: str, major: bool = False) -> tuple[MeshHeading, ...]:
    """Make MeSH headings."""
    return tuple(MeshHeading(descriptor=MeshTerm(ui="D0", name=name, major=major)) for name in names)


ON = [
    article("Ketamine for treatment-resistant depression"),
    article("Esketamine nasal spray", "Suicidality fell."),
    article("(S)-Ketamine and mood"),
    article("A trial of PCN-101", "Antidepressant response was seen."),
    article("Spravato in practice", "Psychiatric clinics were asked."),
    article("(2R,6R)-hydroxynorketamine", "Anxiety-like behaviour in mice."),
    article("Bladder pain", "Recreational ketamine users were seen."),
    article("An old trial", mesh=mesh("Ketamine", "Depression")),
    article(
        "Un essai",
        "Words.",
        substances=(Substance(ui="C0", name="Esketamine"),),
        keywords=("bipolar disorder",),
    ),
    article("KETAMINE AND PTSD"),
    article(
        "Nothing", other_abstracts=(OtherAbstract(sections=(AbstractSection(text="Ketamine; Depression"),)),)
    ),
]
OFF = [
    article("Depression treated with sertraline"),
    article("Ketamine for chemical restraint of zoo animals", "Immobilization of giraffes."),
    article("Ketoconazole and depression"),
    article("Ketamine", "An anaesthetic for cats."),
    article("Stress", "r. Ketamine-free anaesthesia of a hamster"),
]


@pytest.mark.parametrize("kept", ON, ids=lambda a: a.title)
def test_the_default_query_finds(kept: Article) -> None:
    assert on_topic(kept.model_dump(), DEFAULT_QUERY)


@pytest.mark.parametrize("left", OFF, ids=lambda a: a.title)
def test_the_default_query_leaves(left: Article) -> None:
    assert not on_topic(left.model_dump(), DEFAULT_QUERY)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ketamine[tiab]", True),
        ("ketamine[ti]", False),
        ("ketamin*[Title/Abstract]", True),
        ("ketam[tiab]", False),
        ('"low dose ketamine"[tiab]', True),
        ('"trial low dose"[tiab]', False),
        ("ketamine[tiab] NOT pain[tiab]", False),
        ("ketamine[tiab] AND (pain[tiab] OR grief[tiab])", True),
        ("grief[tiab] OR ketamine[tiab] AND cats[tiab]", False),
        ('"randomized controlled trial"[pt]', True),
        ("depression[mh]", True),
        ("depression[majr]", False),
        ("ketamine[tiab] pain[tiab]", True),
        ("or[tiab]", False),
    ],
)
def test_syntax(query: str, found: bool) -> None:
    kinds = (PublicationType(ui="D016449", name="Randomized Controlled Trial"),)
    trial = article("A trial", "Low-dose ketamine; pain.", publication_types=kinds, mesh=mesh("Depression"))
    assert on_topic(trial.model_dump(), query) is found


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("ketamine", "no field tag"),
        ("ketamine[dp]", r"\[dp\] cannot be applied"),
        ("(ketamine[tiab]", "does not close"),
        ("ketamine[tiab])", "too many"),
        ("ketamine[tiab] AND", "ends where a term should stand"),
        ("", "ends where"),
        ('""[tiab]', "no word"),
        ("[tiab]", "cannot be read"),
    ],
)
def test_what_cannot_be_applied_is_named(query: str, says: str) -> None:
    with pytest.raises(QueryError, match=says):
        on_topic(article("x").model_dump(), query)
