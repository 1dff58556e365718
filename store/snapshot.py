"""A citable snapshot: what a filter gives today, with what is needed to read it, in one reproducible archive."""

import hashlib
import json
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from sqlmodel import Session

from nlp.errors import StoreError
from store.curation.lane import thresholds
from store.dictionary import dictionary
from store.export import NOTICE, write
from store.filters import FindingQuery, defaults_on

_DAY = (1980, 1, 1, 0, 0, 0)
"""The date of every file: the same content gives the same archive."""


def snapshot(session: Session, query: FindingQuery, path: Path, versions: dict[str, str]) -> str:
    """Write data, dictionary, query, versions and checksums into a zip; give its SHA-256.

    Raises:
        StoreError: the archive cannot be written; nothing of it is kept.
    """
    part = path.with_name(path.name + ".part")
    accept_at = thresholds(session)
    about = {
        **{"notice": NOTICE, "query": query.model_dump(mode="json")},
        **{"defaults": defaults_on(query, accept_at), "accept_at": dict(accept_at)},
    }
    told = json.dumps(about | {"versions": versions}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    files: tuple[tuple[str, Iterable[bytes]], ...] = (
        ("data_dictionary.csv", [dictionary().encode()]),
        ("findings.bib", write(session, query, "bib")),
        ("findings.csv", write(session, query, "csv")),
        ("findings.jsonl", write(session, query, "jsonl")),
        ("query.json", [told.encode()]),
    )
    try:
        with zipfile.ZipFile(part, "w") as archive:
            sums = [f"{_put(archive, name, pieces)}  {name}\n" for name, pieces in files]
            _put(archive, "SHA256SUMS", ["".join(sums).encode()])
        part.replace(path)
        with path.open("rb") as made:
            return hashlib.file_digest(made, "sha256").hexdigest()
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise StoreError(f"The snapshot {path} cannot be written: {error.strerror}.") from None


def _put(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> str:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
    digest = hashlib.sha256()
    with archive.open(entry, "w", force_zip64=True) as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()
