"""The passage of an article that a search found, cut and marked by the database's own engine."""

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from sqlalchemy import bindparam, text
from sqlmodel import Session

from store.search import fts5, highlights, tsquery, words

WORDS: Final = 24
"""About so many words make a passage."""

AROUND: Final = 90
"""Characters on either side of a word where the engine marks none."""

START, STOP = "\ue000", "\ue001"

_SQLITE = text(
    f"SELECT rowid, snippet(article_search, -1, '{START}', '{STOP}', '…', {WORDS}) FROM article_search "  # noqa: S608
    "WHERE article_search MATCH :asked AND rowid IN :versions"
).bindparams(bindparam("versions", expanding=True))

_POSTGRESQL = text(
    "SELECT id, ts_headline('simple', text, to_tsquery('simple', :asked), "  # noqa: S608
    f"'StartSel={START}, StopSel={STOP}, MaxWords={WORDS}, MinWords={WORDS // 2}, MaxFragments=1'), text "
    "FROM article_versions WHERE id IN :versions"
).bindparams(bindparam("versions", expanding=True))


class Passage(NamedTuple):
    """Words of an article in their order: (text, whether it was asked for)."""

    pieces: tuple[tuple[str, bool], ...]

    @property
    def html(self) -> str:
        """Write it as HTML: what was asked for in <mark>, everything else escaped."""
        return "".join(
            f"<mark>{escape(said)}</mark>" if asked else escape(said) for said, asked in self.pieces
        )


def passages(session: Session, asked: str, versions: Sequence[int]) -> dict[int, Passage]:
    """Give for each version of an article that holds the words asked for where it does."""
    cut = words(asked)
    if not cut or not versions:
        return {}
    if session.get_bind().dialect.name == "sqlite":
        rows = session.execute(_SQLITE, {"asked": fts5(cut), "versions": list(versions)}).all()
        return {key: _marked(said) for key, said in rows}
    rows = session.execute(_POSTGRESQL, {"asked": tsquery(cut), "versions": list(versions)}).all()
    # its headline takes away what looks like a tag, and takes `mg/kg` or `0.5` for one word
    return {
        key: _marked(said) if START in said and "<" not in whole else _cut(whole, asked)
        for key, said, whole in rows
    }


def _marked(said: str) -> Passage:
    pieces: list[tuple[str, bool]] = []
    for number, part in enumerate(said.split(START)):
        inside, stop, outside = part.partition(STOP)
        if number == 0 or not stop:
            pieces.append((part, False))
        else:
            pieces += [(inside, True), (outside, False)]
    return Passage(tuple(piece for piece in pieces if piece[0]))


def _cut(whole: str, asked: str) -> Passage:
    """Cut a passage around the first words asked for."""
    found = highlights(whole, asked)
    first = found[0][0] if found else 0
    start, end = max(0, first - AROUND), min(len(whole), first + AROUND)
    pieces: list[tuple[str, bool]] = [("…" if start else "", False)]
    at = start
    for begin, stop in found:
        if stop <= end:
            pieces += [(whole[at:begin], False), (whole[begin:stop], True)]
            at = stop
    pieces += [(whole[at:end], False), ("…" if end < len(whole) else "", False)]
    return Passage(tuple(piece for piece in pieces if piece[0]))
