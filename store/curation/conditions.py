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
    """Put these conditions in the place of a study's; of two that begin at one place, the first."""
    session.exec(delete(StudyCondition).where(col(StudyCondition.pmid) == pmid))
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
    """Point conditions at their first mention in a text; what it does not say is left out.

    >>> placed("Pain after surgery", [{"text": "pain", "concept": None}, {"text": "gout", "concept": None}])
    [{'text': 'Pain', 'concept': None, 'span': [0, 4]}]
    """
    found: dict[int, Value] = {}
    for one in conditions:
        mentions = re.finditer(rf"(?<!\w){re.escape(one['text'])}(?!\w)", text, re.IGNORECASE)
        mention = next((match for match in mentions if match.start() not in found), None)
        if mention:
            found[mention.start()] = {**one, "text": mention[0], "span": list(mention.span())}
    return [found[start] for start in sorted(found)]


def named(session: Session, pmid: str, text: str, words: Sequence[str]) -> list[Value]:
    """Make conditions of words that a curator names; each has the concept that these words had in a study before.

    Raises:
        TransitionError: the abstract does not say some of them.
    """
    known = {one["text"].casefold(): one for one in held(session, pmid)}
    wanted = {name.casefold(): name for name in words}
    made = placed(
        text,
        [
            known.get(key) or {"text": name, "concept": _known_as(session, name)}
            for key, name in wanted.items()
        ],
    )
    if missing := sorted(set(wanted) - {one["text"].casefold() for one in made}):
        raise TransitionError(
            f"Conditions: the abstract does not say {wanted[missing[0]][:60]!r}; write it as it stands there."
        )
    return made


def _known_as(session: Session, words: str) -> dict[str, str] | None:
    same = func.lower(StudyCondition.text) == words.lower(), col(StudyCondition.curie).is_not(None)
    met = select(StudyCondition).where(*same).order_by(col(StudyCondition.pmid)).limit(1)
    row = session.exec(met).first()
    return _concept(row.curie, row.name) if row else None


def _concept(curie: str | None, name: str | None) -> dict[str, str] | None:
    return {"curie": curie, "name": name or ""} if curie else None
