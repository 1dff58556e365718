"""The two ends of `ketmine extract`: an INPUT becomes documents, readings become lines of JSON.

INPUT is PubMed XML or JSON Lines, plain or gzipped. Both ends stream: nothing is held but the ids seen. What
cannot be read is complained about with its place and passed over.
"""

import gzip
import io
import json
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from nlp.article import Document, document_of
from nlp.errors import KetmineError, RecordError
from nlp.finding import Reading

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes of a line of JSON that are read at most: an abstract has a few thousand."""

_BOM = b"\xef\xbb\xbf"

_XML = (b"<", "\ufeff<".encode("utf-16-le"), "\ufeff<".encode("utf-16-be"))
"""How XML begins."""

_LINE_BREAKS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})

Complain = Callable[[str], None]
"""What is called with each thing that could not be read: where it stands, and why."""


@contextmanager
def opened(source: str) -> Iterator[BinaryIO]:
    """Open INPUT for reading; `-` is standard input."""
    if source == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(source).open("rb")  # noqa: SIM115
    except OSError as error:
        raise KetmineError(
            f"Cannot read {source}: {error.strerror}. Give the path of a file, or - for stdin."
        ) from None
    with stream:
        yield stream


@contextmanager
def written(output: str, source: str = "-") -> Iterator[BinaryIO]:
    """Open OUTPUT for writing; `-` is standard output.

    A file gets its name when it is complete: until then, and for good after a failure, it is `OUTPUT.part`.
    """
    if output == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    if path.exists() and not path.is_file():  # a pipe or a device has no .part
        with path.open("wb") as stream:
            yield stream
        return
    if path.exists() and Path(source).exists() and path.samefile(source):
        raise KetmineError(
            f"{output} is the input: give another --output, or the input would be overwritten."
        )
    part = path.with_name(path.name + ".part")
    try:
        stream = part.open("wb")
    except OSError as error:
        raise KetmineError(
            f"Cannot write {part}: {error.strerror}. Give an --output in a folder that exists."
        ) from None
    with stream:
        yield stream
    part.replace(path)


def read_documents(stream: BinaryIO, source: str, complain: Complain) -> Iterator[Document]:
    """Yield the documents of a stream in its order, whatever its format; each id once."""
    try:
        plain = _unzipped(stream)
        start = plain.peek(64).removeprefix(_BOM).lstrip()
        is_xml = start.startswith(_XML) or (not start and source.endswith((".xml", ".xml.gz")))
        documents = _from_xml(plain, source, complain) if is_xml else _from_lines(plain, source, complain)
        yield from _each_once(documents, complain)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        complain(f"{source}: is cut short or damaged ({error}); what stands before is read")


def json_line(reading: Reading) -> bytes:
    """Write a reading as one line of UTF-8 JSON that any line reader keeps whole."""
    try:
        line = reading.model_dump_json()
    except PydanticSerializationError:  # half of a surrogate pair has no UTF-8
        line = json.dumps(reading.model_dump(mode="json"))
    return line.translate(_LINE_BREAKS).encode() + b"\n"


def document_from_json(line: bytes) -> Document:
    """Build the document of one line of JSON: `id`, and `text` or `title` and `abstract`.

    Raises:
        RecordError: the line is not JSON, or has no id or no text.
    """
    try:
        fields = json.loads(line, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"is not JSON ({error})") from None
    if not isinstance(fields, dict):
        raise RecordError("is JSON but not an object with `id` and `text`")
    try:
        return Document(id=_id(fields), text=_text(fields), publication_types=_publication_types(fields))
    except ValidationError:
        raise RecordError("holds text that is not valid Unicode") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object; JSON leaves open which of two values of one name counts, so neither does."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twice = next(name for name, number in Counter(name for name, _ in pairs).items() if number > 1)
        raise RecordError(f"gives `{twice}` twice")
    return fields


def _id(fields: dict[str, object]) -> str:
    given = fields.get("id")
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    if isinstance(given, str) and given.strip():
        return given
    lacks = given is None or isinstance(given, str)
    raise RecordError("lacks an `id`" if lacks else "has an `id` that is neither text nor a whole number")


def _publication_types(fields: dict[str, object]) -> tuple[str, ...]:
    given = fields.get("publication_types")
    if given is None:
        return ()
    if isinstance(given, list) and all(isinstance(kind, str) for kind in given):
        return tuple(given)
    raise RecordError("has `publication_types` that is no list of texts")


def _text(fields: dict[str, object]) -> str:
    names = ("text",) if fields.get("text") is not None else ("title", "abstract")
    parts = [fields[name] for name in names if fields.get(name) is not None]
    if not parts:
        raise RecordError("has neither `text` nor `title` and `abstract`")
    if not all(isinstance(part, str) for part in parts):
        raise RecordError(f"has {' or '.join(f'`{name}`' for name in names)} that is not text")
    texts = cast(list[str], parts)
    return texts[0] if len(texts) == 1 else "\n".join(text for text in texts if text)


Placed = tuple[str, Document]
"""Where a document stands (`a.jsonl, line 3`), and the document."""


def _from_lines(stream: io.BufferedReader, source: str, complain: Complain) -> Iterator[Placed]:
    for number, line in enumerate(_lines(stream), start=1):
        place = f"{source}, line {number}"
        content = line.removeprefix(_BOM) if number == 1 else line
        if len(line) > LONGEST_LINE:
            complain(f"{place}: is longer than {LONGEST_LINE:,} bytes")
        elif content.strip():
            try:
                yield place, document_from_json(content)
            except RecordError as error:
                complain(f"{place}: {error}")


def _lines(stream: io.BufferedReader) -> Iterator[bytes]:
    """Yield the lines that a newline ends; of one that is too long, its beginning."""
    while line := stream.readline(LONGEST_LINE + 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE + 1)
        yield line


def _from_xml(stream: io.BufferedReader, source: str, complain: Complain) -> Iterator[Placed]:
    from flows.pubmed import Received, SourceError, Unparsable, read_records

    try:
        for number, record in enumerate(read_records(stream, source), start=1):
            place = f"{source}, record {number}"
            if isinstance(record, Received):
                yield place, document_of(record.article)
            elif isinstance(record, Unparsable):
                pmid = f" (PMID {record.pmid})" if record.pmid else ""
                complain(f"{place}{pmid}: {record.reason}")
    except SourceError as error:
        complain(str(error))


def _each_once(documents: Iterable[Placed], complain: Complain) -> Iterator[Document]:
    seen: set[str] = set()
    for place, document in documents:
        if document.id in seen:
            complain(f"{place}: repeats the id {document.id!r}")
        else:
            seen.add(document.id)
            yield document


def _unzipped(stream: BinaryIO) -> io.BufferedReader:
    buffered = (
        stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, stream))
    )
    if buffered.peek(2)[:2] == b"\x1f\x8b":
        return io.BufferedReader(_Unzipped(buffered), buffer_size=1 << 16)
    return buffered


class _Unzipped(io.RawIOBase):
    """A gzip stream that gives what it has unpacked before it says that it is cut, which `read` loses."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self.unpacked = gzip.GzipFile(fileobj=stream)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what one step of unpacking gives."""
        piece = self.unpacked.read1(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)
