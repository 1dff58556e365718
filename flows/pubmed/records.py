"""What comes of one record that was asked for or received: plain values, of which a bulk file has tens of thousands."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from flows.pubmed.article import Fields

if TYPE_CHECKING:
    from nlp.article import Article


@dataclass(frozen=True)
class Received:
    """A record that was read: the bytes as received, and the fields of the article in them.

    Of a bulk file nearly nothing is kept: the article is made of its fields where it is asked for.
    """

    pmid: str
    version: int
    raw: bytes
    fields: Fields

    @cached_property
    def article(self) -> "Article":
        """Give the article."""
        from nlp.article import Article

        return Article.model_validate(self.fields)


@dataclass(frozen=True)
class Unparsable:
    """A record that could not be read: the bytes as received, the PMID if there is one, and why."""

    pmid: str | None
    raw: bytes
    reason: str


@dataclass(frozen=True)
class Deleted:
    """A PMID that NLM says is deleted."""

    pmid: str


@dataclass(frozen=True)
class Missing:
    """A PMID that was asked for and is not in any answer.

    `absent` when PubMed says that it has none, `gone` when PubMed itself was out of reach.
    """

    pmid: str
    reason: str
    absent: bool = False
    gone: bool = False


Sent = Received | Unparsable | Deleted
"""What a file or an answer holds."""
