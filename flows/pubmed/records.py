"""What comes of one record that was asked for or received."""

from functools import cached_property
from typing import Any

from nlp.article import Article, Record


class Received(Record):
    """A record that was read: the bytes as received, and the fields of the article in them as plain values.

    Of a bulk file nearly nothing is kept: the article is made of its fields where it is asked for.
    """

    pmid: str
    version: int
    raw: bytes
    fields: dict[str, Any]

    @cached_property
    def article(self) -> Article:
        """Give the article."""
        return Article.model_validate(self.fields)


class Unparsable(Record):
    """A record that could not be read: the bytes as received, the PMID if there is one, and why."""

    pmid: str | None
    raw: bytes
    reason: str


class Deleted(Record):
    """A PMID that NLM says is deleted."""

    pmid: str


class Missing(Record):
    """A PMID that was asked for and is not in any answer; `absent` when PubMed says that it has none."""

    pmid: str
    reason: str
    absent: bool = False


Sent = Received | Unparsable | Deleted
"""What a file or an answer holds."""
