"""The conversation with PubMed, and the reading of what it sends."""

from flows.pubmed.records import Deleted, Missing, Received, Sent, Unparsable
from flows.pubmed.xml import SourceError, read_records

__all__ = ["Deleted", "Missing", "Received", "Sent", "SourceError", "Unparsable", "read_records"]
