"""What a study is about, as its reader or a curator says it: words of its abstract, each with its concept."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, delete, func, select

from nlp.errors import TransitionError
from store.tables import StudyCondition

Value = Mapping[str, Any]
"""A condition in the exchange format: `text`, `span`, `concept`."""


def held(session: Session, pmid: str) -> list[Value]:
    """Give the conditions of a study as they stand, in the order of its text."""
    rows = select(StudyCondition).where(StudyCondition.pmid == pmid).order_by(col(StudyCondition.start))
    return [
        {"text": row.text, "span": [row.start, row.end], "concept": _concept(row.curie, row.name)}
        for row in session.exec(rows)
    ]


def keep(session: Session, pmid: str, conditions: Iterable[Value]) -> None:
    """Put these conditions in the place of a study's."""
    session.exec(delete(StudyCondition).where(col(StudyCondition.pmid) == pmid))
    add(session, pmid, conditions)


def add(session: Session, pmid: str, conditions: Iterable[Value]) -> None:
    """Write the conditions of a study that has none; of two that begin at one place, the first."""
    for one in {one["span"][0]: one for one in reversed(list(conditions))}.values():
        concept = one["concept"] or {}
        session.add(
            StudyCondition(
                pmid=pmid,
                start=one["span"][0],
                end=one["span"][1],
                text=one["text"],
                curie=concept.get("curie"),
                name=concept.get("name"),
            )
        )
    session.flush()


def placed(text: str, conditions: Iterable[Value]) -> list[Value]:
    """Leave conditions where a text says them, point others at their first free mention; what it does not say is left out.

    >>> placed("Pain after surgery", [{"text": "pain", "concept": None}, {"text": "gout", "concept": None}])
    [{'text': 'Pain', 'concept': None, 'span': [0, 4]}]
    """
    given = list(conditions)
    found = {one["span"][0]: one for one in given if _stands(text, one)}
    for one in given:
        if _stands(text, one):
            continue
        words = r"\s+".join(map(re.escape, one["text"].split()))  # a line may end between them
        mentions = re.finditer(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE)
        mention = next((match for match in mentions if match.start() not in found), None)
        if mention:
            found[mention.start()] = {**one, "text": mention[0], "span": list(mention.span())}
    return [found[start] for start in sorted(found)]


def left_out(conditions: Iterable[Value], stay: Iterable[Value]) -> list[str]:
    """Give the words of those conditions that are not among the others, whatever their letters and spaces.

    >>> left_out([{"text": "Gout"}, {"text": "pain"}], [{"text": "Pain"}])
    ['Gout']
    """
    known = {_key(one["text"]) for one in stay}
    return [one["text"] for one in conditions if _key(one["text"]) not in known]


def _stands(text: str, one: Value) -> bool:
    return "span" in one and text[slice(*one["span"])] == one["text"]


def named(session: Session, pmid: str, text: str, words: Sequence[str]) -> list[Value]:
    """Make conditions of words that a curator names: those held as they are, others with the concept they had in a study before.

    Raises:
        TransitionError: the abstract does not say some of them.
    """
    wanted = {_key(name): name for name in words}
    kept = [one for one in held(session, pmid) if _key(one["text"]) in wanted]
    known = {_key(one["text"]) for one in kept}
    new = [
        {"text": name, "concept": _known_as(session, name)}
        for key, name in wanted.items()
        if key not in known
    ]
    made = placed(text, [*kept, *new])
    if missing := sorted(set(wanted) - {_key(one["text"]) for one in made}):
        raise TransitionError(
            f"Conditions: the abstract does not say {wanted[missing[0]][:60]!r}; write it as it stands there."
        )
    return made


def _key(words: str) -> str:
    return " ".join(words.split()).casefold()


def _known_as(session: Session, words: str) -> dict[str, str] | None:
    same = func.lower(StudyCondition.text) == words.lower(), col(StudyCondition.curie).is_not(None)
    met = select(StudyCondition).where(*same).order_by(col(StudyCondition.pmid)).limit(1)
    row = session.exec(met).first()
    return _concept(row.curie, row.name) if row else None


def _concept(curie: str | None, name: str | None) -> dict[str, str] | None:
    return {"curie": curie, "name": name or ""} if curie else None
