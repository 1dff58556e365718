"""The conversation with PubMed, and the reading of what it sends."""

from flows.pubmed.entrez import EntrezClient, EntrezError
from flows.pubmed.query import DEFAULT_QUERY
from flows.pubmed.records import Deleted, Missing, Received, Sent, Unparsable
from flows.pubmed.topic import QueryError, on_topic
from flows.pubmed.xml import SourceError, read_records

__all__ = [
    "DEFAULT_QUERY",
    "Deleted",
    "EntrezClient",
    "EntrezError",
    "Missing",
    "QueryError",
    "Received",
    "Sent",
    "SourceError",
    "Unparsable",
    "on_topic",
    "read_records",
]
