"""The PubMed XML files of a `--source`: a file, or those of a folder, checked, read, and passed over when done."""

import gzip
import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from sqlmodel import Session

from flows.ingest import defer, keep
from flows.log import log
from flows.pubmed import Received, Sent, SourceError, Unparsable, on_topic, read_records
from flows.work import Work, in_batches
from nlp.errors import KetmineError
from store.articles import is_held, spoken_of
from store.database import session_scope
from store.runs import count, file_done, finish_file
from store.tables import Fetch

BULK = re.compile(r"pubmed\d\dn\d{4,}\.xml(\.gz)?$")
"""How NLM names its bulk files, whose content never changes under a name."""

BATCH = 500
"""Records of a file that are committed together."""


def read_sources(work: Work, paths: Iterable[Path], limit: int | None = None) -> None:
    """Read the files one after another; what is wrong with one of them keeps no other from being read."""
    taken = 0
    for path in source_files(paths):
        left = None if limit is None else max(0, limit - taken)
        try:
            taken += work.step(f"read {path.name}", read_file, work, path, left)
        except (SourceError, OSError) as error:
            work.trouble(f"{error}", source=str(path))


def read_file(work: Work, path: Path, limit: int | None = None) -> int:
    """Keep what is on topic or held already, and give how many records were new or revised.

    Beyond `limit` of them the rest is deferred. A bulk file that was read to its end before, for the same query,
    is passed over.

    Raises:
        SourceError: the file is damaged or no PubMed XML; what stood before the damage is kept.
    """
    check_md5(path)
    seal = _seal(path, work.query)
    if BULK.search(path.name) and _is_done(work, seal):
        log.info("%s was read before", path, extra={"run": work.run_id})
        return 0
    damage: list[SourceError] = []
    read = taken = 0
    with opened_source(path) as stream:
        records = _until_damage(read_records(stream, str(path)), damage)
        for batch in in_batches(work.watch(records, f"Reading {path.name}"), BATCH):
            with session_scope(work.engine) as session:
                room = None if limit is None else limit - taken
                taken += _keep_batch(session, work, batch, str(path), room)
            read += len(batch)
    if damage:
        raise damage[0]
    if limit is None or taken < limit:
        with session_scope(work.engine) as session:
            finish_file(session, seal, path.name, work.run_id, read)
    return taken


def look_into_sources(work: Work, paths: Iterable[Path]) -> tuple[set[str], int, int]:
    """Count what the files hold, and keep nothing: PMIDs that would be kept, off topic, unparsable."""
    ours: set[str] = set()
    off_topic = unparsable = 0
    for path in source_files(paths):
        with opened_source(path) as stream:
            records = read_records(stream, str(path))
            for batch in in_batches(work.watch(records, f"Reading {path.name}"), BATCH):
                with session_scope(work.engine, writes=False) as session:
                    for record in batch:
                        unparsable += isinstance(record, Unparsable)
                        if not _concerns_us(session, work, record):
                            off_topic += 1
                        elif record.pmid:
                            ours.add(record.pmid)
    return ours, off_topic, unparsable


def _keep_batch(session: Session, work: Work, batch: list[Sent], source: str, room: int | None) -> int:
    taken = 0
    ours = [record for record in batch if _concerns_us(session, work, record)]
    for record in ours:
        if isinstance(record, Received) and room is not None and taken >= room:
            defer(session, work, record.pmid, source)
        else:
            taken += keep(session, work, record, source) in (Fetch.NEW, Fetch.REVISED)
    count(session, work.run_id, read=len(batch), off_topic=len(batch) - len(ours))
    return taken


def _concerns_us(session: Session, work: Work, record: Sent) -> bool:
    """Tell what is on topic, or held, or a notice on what is held, or cannot be read to tell."""
    if isinstance(record, Unparsable):
        return True
    if isinstance(record, Received):
        if on_topic(record.article, work.query):
            return True
        if any(is_held(session, pmid) for pmid in spoken_of(record.article)):
            return True
    return is_held(session, record.pmid)


def _until_damage(records: Iterator[Sent], damage: list[SourceError]) -> Iterator[Sent]:
    try:
        yield from records
    except SourceError as error:
        damage.append(error)


def source_files(paths: Iterable[Path]) -> list[Path]:
    """List the files of the paths, those of a folder by name: later versions of a record come in later files.

    Raises:
        KetmineError: a path is not there, or a folder holds no PubMed XML.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.name.endswith((".xml", ".xml.gz")))
            if not inside:
                raise KetmineError(f"The folder {path} holds no .xml or .xml.gz file: give another --source.")
            files += inside
        elif path.exists():
            files.append(path)
        else:
            raise KetmineError(f"There is no {path}: give the path of PubMed XML, or of a folder of it.")
    return files


@contextmanager
def opened_source(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading, unpacked when it is gzipped, whatever its name says."""
    with path.open("rb") as file:
        packed = file.peek(2)[:2] == b"\x1f\x8b"
        yield cast(BinaryIO, gzip.GzipFile(fileobj=file)) if packed else file


def check_md5(path: Path) -> None:
    """Compare a file with the `.md5` that NLM lays beside it, where there is one.

    Raises:
        SourceError: they differ: the file was not received whole.
    """
    said = path.with_name(path.name + ".md5")
    if not said.exists():
        return
    wanted = re.search(r"\b[0-9a-f]{32}\b", said.read_text(errors="replace").lower())
    if wanted and wanted[0] != _digest(path, "md5"):
        raise SourceError(f"{path} is not what {said.name} says: fetch it again; nothing of it was read.")


def _seal(path: Path, query: str) -> str:
    """Give what stands for this file's content read for this query: another query keeps other records."""
    return hashlib.sha256(f"{_digest(path, 'sha256')} {query}".encode()).hexdigest()


def _is_done(work: Work, seal: str) -> bool:
    with session_scope(work.engine, writes=False) as session:
        return file_done(session, seal)


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
