"""The PubMed XML files of a `--source`: of a path or a mirror, checked, read, and passed over when done."""

import gzip
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from sqlmodel import Session

from flows.ingest import defer, keep
from flows.log import log
from flows.mirror import Mirror, digest_in, digest_of, is_address
from flows.pubmed import Received, Sent, SourceError, Unparsable, on_topic, read_records
from flows.work import Work, in_batches
from nlp.errors import KetmineError
from store.articles import foreseen, is_held, spoken_of
from store.database import session_scope
from store.runs import count, file_done, finish_file
from store.tables import Fetch

BULK = re.compile(r"pubmed\d\dn\d{4,}\.xml(\.gz)?$")
"""How NLM names its bulk files, whose content never changes under a name."""

BATCH = 500
"""Records of a file that are committed together."""


def read_sources(work: Work, sources: Iterable[str], limit: int | None = None) -> None:
    """Read the files one after another; what is wrong with one of them keeps no other from being read.

    Once `limit` records are taken, no further file is fetched from a mirror.
    """
    taken = 0
    mirror = mirror_of(work)
    for source in source_files(sources, mirror):
        left = None if limit is None else max(0, limit - taken)
        if left == 0 and is_address(source):
            log.info("%s is left for a later run", source, extra={"run": work.run_id})
            continue
        name = f"read {source.rsplit('/', 1)[-1]}"
        try:
            taken += work.step(name, read_source, work, source, mirror, left)
        except (SourceError, OSError) as error:
            work.trouble(f"{error}", source=source)


def read_source(work: Work, source: str, mirror: Mirror, limit: int | None = None) -> int:
    """Keep what a file has on topic or held already, and give how many records were new or revised.

    Beyond `limit` of them the rest is deferred. A bulk file that was read to its end before, for the same query,
    is passed over; of a mirror that says its MD5, without fetching it.

    Raises:
        SourceError: it cannot be fetched, is damaged or no PubMed XML; what stood before the damage is kept.
    """
    said = mirror.md5(source) if is_address(source) else None
    if said and _is_done(work, source, said):
        return 0
    with at_hand(source, mirror, said) as path:
        digest = digest_of(path)
        check_md5(path, digest)
        return 0 if _is_done(work, source, digest) else _read(work, source, path, digest, limit)


def _read(work: Work, source: str, path: Path, digest: str, limit: int | None) -> int:
    damage: list[SourceError] = []
    read = taken = 0
    name = source.rsplit("/", 1)[-1]
    with opened_source(path) as stream:
        records = _until_damage(read_records(stream, source), damage)
        for batch in in_batches(work.watch(records, f"Reading {name}"), BATCH):
            with work.writing() as session:
                room = None if limit is None else limit - taken
                taken += _keep_batch(session, work, batch, source, room)
            read += len(batch)
    if damage:
        raise damage[0]
    if limit is None or taken < limit:
        with work.writing() as session:
            finish_file(session, _seal(digest, work.query), name, work.run_id, read)
    return taken


def look_into_sources(work: Work, sources: Iterable[str], limit: int | None = None) -> Counter[str]:
    """Count what a run would make of the files, and keep nothing: by what would become of a record."""
    would: dict[str, str] = {}
    counts: Counter[str] = Counter()
    mirror = mirror_of(work)
    for source in source_files(sources, mirror):
        said = mirror.md5(source) if is_address(source) else None
        with at_hand(source, mirror, said) as path, opened_source(path) as stream:
            records = read_records(stream, source)
            name = source.rsplit("/", 1)[-1]
            for batch in in_batches(work.watch(records, f"Reading {name}"), BATCH):
                with session_scope(work.engine, writes=False) as session:
                    for record in batch:
                        if not _concerns_us(session, work, record):
                            counts["off_topic"] += 1
                        elif record.pmid is None:
                            counts["unparsable"] += 1
                        else:
                            room = None if limit is None else limit - _taken(would)
                            _foresee(session, record, room, would)
    return counts + Counter(would.values())


def _foresee(session: Session, record: Sent, room: int | None, would: dict[str, str]) -> None:
    """Say what would become of a record; a later word replaces an earlier one as in the ledger."""
    state: str
    match record:
        case Received():
            kept = foreseen(session, record.article)
            state = kept if room is None or room > 0 else "deferred"
            if would.get(record.pmid) in ("new", "revised"):
                state = would[record.pmid]
        case Unparsable():
            state = "unparsable"
        case _:
            state = "deleted"
    would[str(record.pmid)] = state


def _taken(would: dict[str, str]) -> int:
    return sum(state in ("new", "revised") for state in would.values())


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
        if on_topic(record.fields, work.query):
            return True
        if record.fields["links"] and any(is_held(session, pmid) for pmid in spoken_of(record.article)):
            return True
    return is_held(session, record.pmid)


def _until_damage(records: Iterator[Sent], damage: list[SourceError]) -> Iterator[Sent]:
    try:
        yield from records
    except SourceError as error:
        damage.append(error)


def mirror_of(work: Work) -> Mirror:
    """Make what fetches from mirrors; nothing is asked before it is used."""
    return Mirror(work.settings.var / "downloads", work.settings.entrez_email, watch=work.watch)


def source_files(sources: Iterable[str], mirror: Mirror) -> list[str]:
    """List the files of paths and addresses, those of a folder or page by name: later versions come in later files.

    Raises:
        KetmineError: a path is not there, an address does not answer, or a folder or page has no PubMed XML.
    """
    files: list[str] = []
    for source in sources:
        path = Path(source)
        if is_address(source):
            files += mirror.files(source)
        elif path.is_dir():
            inside = sorted(str(file) for file in path.iterdir() if file.name.endswith((".xml", ".xml.gz")))
            if not inside:
                raise KetmineError(f"The folder {path} holds no .xml or .xml.gz file: give another --source.")
            files += inside
        elif path.exists():
            files.append(source)
        else:
            raise KetmineError(f"There is no {path}: give the path of PubMed XML, or of a folder of it.")
    return files


@contextmanager
def at_hand(source: str, mirror: Mirror, md5: str | None) -> Iterator[Path]:
    """Give the path of a file, fetched first where it is an address."""
    if is_address(source):
        with mirror.fetched(source, md5) as path:
            yield path
    else:
        yield Path(source)


@contextmanager
def opened_source(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading, unpacked when it is gzipped, whatever its name says."""
    with path.open("rb") as file:
        packed = file.peek(2)[:2] == b"\x1f\x8b"
        yield cast(BinaryIO, gzip.GzipFile(fileobj=file)) if packed else file


def check_md5(path: Path, digest: str) -> None:
    """Compare a file's MD5 with the `.md5` that NLM lays beside it, where there is one.

    Raises:
        SourceError: they differ: the file was not received whole.
    """
    said = path.with_name(path.name + ".md5")
    if not said.exists():
        return
    wanted = digest_in(said.read_text(errors="replace"))
    if wanted and wanted != digest:
        raise SourceError(f"{path} is not what {said.name} says: fetch it again; nothing of it was read.")


def _seal(digest: str, query: str) -> str:
    """Give what stands for a file's content read for this query: another query keeps other records."""
    return hashlib.sha256(f"{digest} {query}".encode()).hexdigest()


def _is_done(work: Work, source: str, digest: str) -> bool:
    """Say whether a bulk file of this content was read to its end before."""
    if not BULK.search(source):
        return False
    with session_scope(work.engine, writes=False) as session:
        done = file_done(session, _seal(digest, work.query))
    if done:
        log.info("%s was read before", source, extra={"run": work.run_id})
    return done
