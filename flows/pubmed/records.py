"""What comes of one record that was asked for or received."""

from nlp.article import Article, Record


class Received(Record):
    """A record that was read: the bytes as received and the article in them."""

    pmid: str
    version: int
    raw: bytes
    article: Article


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
