"""A PubMed query, applied to an article that is already here.

Bulk files hold all of PubMed: what a search would have found is kept. Understood is the part of PubMed's syntax
that the default query uses: terms with a field tag, quotes, truncation, AND, OR, NOT and brackets. What differs from
PubMed: a MeSH term is not exploded to the narrower ones, so that a query should name free text beside it, as the
default query does. https://pubmed.ncbi.nlm.nih.gov/help/#search-tags
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from flows.pubmed.article import Fields
from nlp.errors import KetmineError

_TOKEN = re.compile(r'\s*(?:(?P<mark>[()])|(?P<term>"[^"]*"|[^\s()"\[\]]+)(?:\s*\[(?P<tag>[^\]]*)\])?)')
_WORD = re.compile(r"\w+")
_BETWEEN_WORDS = re.compile(r"\W+")


class QueryError(KetmineError):
    """A query has a part that cannot be applied to files."""


def _words(texts: Iterator[str | None]) -> str:
    """Join texts into words with one space before and after each; `␟` keeps phrases from running across texts."""
    joined = " ␟ ".join(_BETWEEN_WORDS.sub(" ", text.lower()).strip() for text in texts if text)
    return f" {joined} "


def _text(fields: Fields) -> str:
    return _words(
        iter(
            (
                fields["title"],
                fields["vernacular_title"],
                *(section["text"] for section in fields["abstract"]),
                *(
                    section["text"]
                    for other in fields["other_abstracts"]
                    for section in other.get("sections", ())
                ),
                *fields["keywords"],
            )
        )
    )


def _is_major(heading: Fields) -> bool:
    return heading["descriptor"]["major"] or any(term["major"] for term in heading.get("qualifiers", ()))


_FIELDS: dict[str, Callable[[Fields], str]] = {
    "tiab": _text,
    "ti": lambda fields: _words(iter((fields["title"],))),
    "ot": lambda fields: _words(iter(fields["keywords"])),
    "mh": lambda fields: _words(heading["descriptor"]["name"] for heading in fields["mesh"]),
    "majr": lambda fields: _words(
        heading["descriptor"]["name"] for heading in fields["mesh"] if _is_major(heading)
    ),
    "nm": lambda fields: _words(substance["name"] for substance in fields["substances"]),
    "pt": lambda fields: _words(kind["name"] for kind in fields["publication_types"]),
    "la": lambda fields: _words(iter(fields["languages"])),
}
"""Field tag → the words it looks through."""


class Views(dict[str, str]):
    """The words of an article by field, each made when it is first looked through."""

    def __init__(self, fields: Fields) -> None:
        super().__init__()
        self.fields = fields

    def __missing__(self, field: str) -> str:
        self[field] = _FIELDS[field](self.fields)
        return self[field]


Test = Callable[[Views], bool]

_ALIASES = {
    "title/abstract": "tiab",
    "title": "ti",
    "mesh": "mh",
    "mesh terms": "mh",
    "mesh major topic": "majr",
    "other term": "ot",
    "supplementary concept": "nm",
    "substance name": "nm",
    "publication type": "pt",
    "language": "la",
}


def on_topic(fields: Fields, query: str) -> bool:
    """Say whether an article, given by its fields, is one that the query asks for.

    Raises:
        QueryError: the query has a part that cannot be applied here; the message names it.
    """
    return _compiled(query)(Views(fields))


@lru_cache(maxsize=8)
def _compiled(query: str) -> Test:
    tokens = list(_tokens(query))
    test, rest = _any_of(tokens)
    if rest:
        raise QueryError(f"The query has a {rest[0][0]!r} too many: balance its brackets.")
    return test


Token = tuple[str, str | None]


def _tokens(query: str) -> Iterator[Token]:
    at, query = 0, query.strip()
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None or match.end() == at:
            raise QueryError(f"The query cannot be read from {query[at : at + 30]!r} on.")
        at = match.end()
        yield (match["mark"], None) if match["mark"] else (match["term"], match["tag"])


def _any_of(tokens: list[Token]) -> tuple[Test, list[Token]]:
    """Read operands up to a closing bracket; like PubMed, from left to right, AND, OR and NOT being equals."""
    test, tokens = _operand(tokens)
    terms = [test]
    while tokens and tokens[0][0] != ")":
        operator = tokens[0][0].upper() if tokens[0][1] is None else "AND"
        tokens = tokens[1:] if tokens[0][1] is None and operator in ("AND", "OR", "NOT") else tokens
        test, tokens = _operand(tokens)
        if operator == "OR":
            terms.append(test)
        else:
            terms = [_both(_either(terms), test, wanted=operator != "NOT")]
    return _either(terms), tokens


def _operand(tokens: list[Token]) -> tuple[Test, list[Token]]:
    if not tokens:
        raise QueryError("The query ends where a term should stand.")
    (text, tag), rest = tokens[0], tokens[1:]
    if text == "(" and tag is None:
        test, rest = _any_of(rest)
        if not rest:
            raise QueryError("The query has a bracket that does not close.")
        return test, rest[1:]
    return _Terms(_field(text, tag), [_pattern(text)]), rest


class _Terms:
    """Any of some patterns in one field: many terms of an OR become one expression."""

    def __init__(self, field: str, patterns: list[str]) -> None:
        self.field, self.patterns = field, patterns
        self.find = re.compile(f" (?:{'|'.join(patterns)})").search

    def __call__(self, views: Views) -> bool:
        return bool(self.find(views[self.field]))


def _either(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    by_field: dict[str, list[str]] = {}
    others = []
    for test in tests:
        if isinstance(test, _Terms):
            by_field.setdefault(test.field, []).extend(test.patterns)
        else:
            others.append(test)
    merged: list[Test] = [_Terms(field, patterns) for field, patterns in by_field.items()]
    every = merged + others
    return every[0] if len(every) == 1 else lambda views: any(test(views) for test in every)


def _both(first: Test, second: Test, *, wanted: bool) -> Test:
    return lambda views: first(views) and second(views) is wanted


def _field(text: str, tag: str | None) -> str:
    if tag is None:
        raise QueryError(
            f"The term {text} has no field tag: write {text}[tiab], say, to apply the query to files."
        )
    name = tag.strip().lower().removesuffix(":noexp")
    field = _ALIASES.get(name, name)
    if field not in _FIELDS:
        known = ", ".join(sorted(_FIELDS))
        raise QueryError(f"The field tag [{tag}] cannot be applied to files; these can: {known}.")
    return field


def _pattern(text: str) -> str:
    bare = text.strip('"').lower()
    words = _WORD.findall(bare)
    if not words:
        raise QueryError(f"The term {text} has no word.")
    return " ".join(map(re.escape, words)) + ("" if bare.endswith("*") else " ")
