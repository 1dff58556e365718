"""A stream of PubMed XML → its records, one at a time, each on its own.

The stream is cut into records before any of it is parsed, so that a record keeps the bytes it came in,
and one that is broken spoils no other. Nothing is fetched, no file is read and no entity is resolved; memory
is bounded by the largest record.
"""

import codecs
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from flows.pubmed.article import fields_of
from flows.pubmed.records import Deleted, Received, Sent, Unparsable
from nlp.errors import KetmineError, RecordError

BLOCK = 1 << 20
LARGEST = 32 << 20
"""Bytes of one record that are read at most; the largest of NLM's have about one million."""

LONGEST_TAG = 64
"""Bytes that a tag may have before and after the end of a block."""

_ANY = re.compile(rb"</?(?:PubmedArticle|PubmedBookArticle|DeleteCitation|DeleteDocument)[\s>]")
_OPEN = re.compile(rb"<(PubmedArticle|PubmedBookArticle|DeleteCitation|DeleteDocument)(?=[\s>])")
_ROOT = re.compile(
    rb"<(PubmedArticleSet|PubmedBookArticleSet|PubmedArticle|PubmedBookArticle|DeleteCitation)[\s/>]"
)
_END = re.compile(
    rb"</(PubmedArticleSet|PubmedBookArticleSet)\s*>|<(PubmedArticleSet|PubmedBookArticleSet)\s*/>"
)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_PMID = re.compile(rb"<PMID[^>]*>\s*(\d+)\s*</PMID>")
_PARSER = etree.XMLParser(
    resolve_entities=False,
    load_dtd=False,
    no_network=True,
    huge_tree=False,
    remove_pis=True,
    remove_comments=True,
)


class SourceError(KetmineError):
    """A source is not PubMed XML, or ends before it should; what stood before was read."""


def read_records(stream: BinaryIO, source: str) -> Iterator[Sent]:
    """Read the records of a PubmedArticleSet, in order.

    Raises:
        SourceError: after the last good record, when the stream is empty, is not PubMed XML, or is cut.
    """
    buffer, done, at = b"", 0, 0  # `done` bytes were let go of; the next record begins at or after `at`
    rooted = closed = False
    broken: SourceError | None = None
    blocks = _blocks(stream, source)
    while True:
        try:
            block = next(blocks, b"")
        except SourceError as error:
            broken, block = error, b""
        fresh = max(
            0, len(buffer) - at - LONGEST_TAG
        )  # what stands before was looked through with the last block
        done, buffer, at = done + at, buffer[at:] + block, 0
        rooted = rooted or bool(_ROOT.search(buffer, fresh))
        if _ANY.search(buffer, fresh):
            for record, tag, stop in _cut(buffer):
                yield from _records(record, tag)
                at = stop
        opened = _OPEN.search(buffer, at)
        closed = closed or bool(_END.search(buffer, max(at, fresh)))
        if not block:
            break
        if opened and len(buffer) - opened.start() > LARGEST:
            yield _unparsable(buffer[opened.start() :], f"it has more than {LARGEST >> 20} MiB")
            at = len(buffer)
        elif not opened:
            at = max(at, len(buffer) - LONGEST_TAG)  # a tag may be cut by the end of the block
    if opened:
        yield _unparsable(buffer[opened.start() :], f"{source} ends in the middle of it")
    if broken:
        raise broken
    if not rooted:
        what = "holds no PubmedArticleSet" if done or buffer.strip() else "is empty"
        raise SourceError(f"{source} {what}: give PubMed XML, as efetch and NLM's bulk files have it.")
    if opened or not closed:
        where = f"{source} is cut at byte {done + len(buffer)}"
        raise SourceError(f"{where}: what stood before was read; fetch it again for the rest.")


def _cut(buffer: bytes, careful: bool = False) -> Iterator[tuple[bytes, str, int]]:
    """Cut whole records out of a buffer: (bytes, tag, where the next may begin); no tag for a broken one.

    A record that does not end swallows the next one, which only a careful cut looks for: most need none.
    """
    at = 0
    ends: dict[
        bytes, int
    ] = {}  # where each tag closes next: a hostile stream of open tags is gone through once
    while opened := _OPEN.search(buffer, at):
        tag = opened[1]
        if 0 <= ends.get(tag, 0) < opened.end():
            ends[tag] = buffer.find(b"</" + tag + b">", opened.end())
        end = ends[tag]
        following = None
        if careful or end < 0:
            following = _OPEN.search(buffer, opened.end(), end if end >= 0 else len(buffer))
        if following:
            at = following.start()
            yield buffer[opened.start() : at], "", at
        elif end >= 0:
            at = end + len(tag) + 3
            yield buffer[opened.start() : at], tag.decode(), at
        else:
            return


def _blocks(stream: BinaryIO, source: str) -> Iterator[bytes]:
    """Give the stream in blocks of UTF-8, whatever its declared encoding."""
    decoder: codecs.IncrementalDecoder | None = None
    # of a gzip file that is cut, read() loses what it had unpacked before the cut; read1() gives it first
    read = getattr(stream, "read1", stream.read)
    first, last = True, False
    while not last:
        pieces, size, error = [], 0, None
        while size < BLOCK and not last:
            try:
                piece = read(BLOCK - size)
            except (OSError, EOFError, zlib.error) as failure:
                error, piece = failure, b""
            pieces.append(piece)
            size, last = size + len(piece), not piece
        block = b"".join(pieces)
        if first:
            decoder, first = _decoder(block, source), False
        if block:
            yield decoder.decode(block).encode() if decoder else block
        if error:
            raise SourceError(f"{source} cannot be read to its end: {error}. Fetch it again.")


def _decoder(head: bytes, source: str) -> codecs.IncrementalDecoder | None:
    declared = _DECLARED.match(head)
    name = declared[1].decode() if declared else "utf-8"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = "utf-16"
    try:
        found = codecs.lookup(name).name
        # records go on without the declaration, as UTF-8; a byte that is none is shown as U+FFFD
        return None if found == "utf-8" else codecs.getincrementaldecoder(found)(errors="replace")
    except LookupError:
        raise SourceError(f"{source} declares the encoding {name!r}, which is not known.") from None


def _records(raw: bytes, tag: str) -> Iterator[Sent]:
    if not tag:
        yield _unparsable(raw, "another record begins inside it")
        return
    try:
        element = etree.fromstring(raw, _PARSER)
        if tag.startswith("Delete"):
            yield from (Deleted(pmid=pmid.text.strip()) for pmid in element.iterfind("PMID") if pmid.text)
        else:
            fields = fields_of(element)
            yield Received(pmid=fields["pmid"], version=fields["version"], raw=raw, fields=fields)
    except etree.XMLSyntaxError as error:
        if _OPEN.search(raw, 1):
            for piece, name, _ in _cut(raw, careful=True):
                yield from _records(piece, name)
        else:
            yield _unparsable(raw, f"it is not well-formed XML: {error.msg}")
    except RecordError as error:
        yield _unparsable(raw, str(error))


def _unparsable(raw: bytes, reason: str) -> Unparsable:
    pmid = _PMID.search(raw)
    return Unparsable(pmid=pmid[1].decode() if pmid else None, raw=raw, reason=reason)
