"""What a user waits for: the first finding from a cold start, a night of 200 new records, PubMed's XML, the store's writes."""

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from benchmarks.environment import ENVIRONMENT
from benchmarks.pubmed_xml import measured as parsed
from benchmarks.texts import ROOT, WORK, real_files, write
from benchmarks.verbs import Measured, measure
from nlp.article import Document

NIGHT = 200
"""New records of a night."""

EVERYTHING = {
    "KETMINE_QUERY": "ketamine[tiab] OR esketamine[tiab] OR depression[tiab] OR patients[tiab] OR the[tiab]"
}


_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

FIRST = Document(
    id="1",
    text="Ketamine for depression.\nDepressed adults received ketamine 0.5 mg/kg over 40 min. MADRS scores fell at 24 h.",
)
"""What is read from a cold start: invented, with a dose that every pipeline reads."""


class Start(NamedTuple):
    """Seconds on the clock and of the processor until the first finding was written."""

    clock: float
    cpu: float


def first_finding() -> Start:
    """Start `ketmine extract` on one abstract, and wait for its line."""
    with tempfile.TemporaryDirectory() as folder:
        given = write([FIRST], Path(folder) / "one.jsonl")
        environment = ENVIRONMENT | {"PYTHONPATH": str(ROOT), "KETMINE_VAR": str(Path(folder) / "var")}
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "flows", "extract", str(given), "--output", "-"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        line = process.stdout.readline() if process.stdout else b""
        clock = time.perf_counter() - began
        _, status, usage = os.wait4(process.pid, 0)
    if status or not json.loads(line)["findings"]:
        raise SystemExit("ketmine extract gave no finding")
    return Start(clock, usage.ru_utime + usage.ru_stime)


def records_of(documents: Sequence[Document]) -> bytes:
    """Write documents as PubMed XML, with numbers of their own and no other field."""
    out = io.StringIO()
    out.write('<?xml version="1.0"?><PubmedArticleSet>')
    for number, document in enumerate(documents, start=90_000_001):
        title, _, abstract = _NOT_XML.sub(" ", document.text).partition("\n")
        out.write(
            f'<PubmedArticle><MedlineCitation><PMID Version="1">{number}</PMID><Article>'
            f"<ArticleTitle>{escape(title)}</ArticleTitle><Abstract><AbstractText>{escape(abstract)}</AbstractText></Abstract>"
            f"</Article></MedlineCitation><PubmedData/></PubmedArticle>"
        )
    out.write("</PubmedArticleSet>")
    return out.getvalue().encode()


def night(documents: Sequence[Document]) -> Measured:
    """Run a whole night on new records, into a new store.

    Raises:
        SystemExit: not every record was new and read.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "new.xml").write_bytes(records_of(documents))
        measure([sys.executable, "-m", "flows", "db", "upgrade"], place)
        command = [sys.executable, "-m", "flows", "nightly", "--source", "new.xml", "--json"]
        done = measure(command, place, EVERYTHING)
    told = json.loads(done.said)
    if told["fetch"]["new"] != len(documents) or told["extraction"]["extracted"] != len(documents):
        raise SystemExit(f"of {len(documents)} new records: {told['fetch']}, {told['extraction']}")
    return done


class Writes(NamedTuple):
    """Articles and findings that the store took in, and the CPU- and clock-seconds that it took."""

    articles: int
    findings: int
    cpu: float
    clock: float


def store_writes(documents: Sequence[Document], url: str) -> Writes:
    """Keep articles and what the rules read in them in a new store, a hundred to a transaction; reading is not counted."""
    from flows.extract import BATCH
    from flows.pubmed import Received, read_records
    from flows.work import in_batches
    from nlp.article import document_of
    from nlp.pipeline import load_pipeline, read
    from store.articles import keep_article
    from store.database import connect, migrate, session_scope
    from store.findings import keep_reading
    from store.runs import run_id_of, start_run

    sent = [r for r in read_records(io.BytesIO(records_of(documents)), "new.xml") if isinstance(r, Received)]
    readings = list(read(load_pipeline("rules"), [document_of(record.article) for record in sent]))
    engine = connect(url)
    migrate(engine)
    with session_scope(engine) as session:
        run_id = run_id_of(start_run(session, "bench", {}))
    clock, cpu = time.perf_counter(), time.process_time()
    for batch in in_batches(zip(sent, readings, strict=True), BATCH):
        with session_scope(engine) as session:
            for record, reading in batch:
                keep_article(session, run_id, record.article, record.raw)
                keep_reading(session, run_id, record.pmid, reading)
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    engine.dispose()
    return Writes(len(sent), sum(len(reading.findings) for reading in readings), cpu, clock)


def xml_speeds(readers: Sequence[str]) -> dict[str, tuple[int, float, float]]:
    """Read the update file with each reader: records, CPU-seconds, MB at the peak."""
    update, _ = real_files()
    return {reader: parsed(reader, update, sys.executable) for reader in readers}


def can_import(module: str) -> bool:
    """Say whether a rival's reader is installed."""
    from importlib.util import find_spec

    return find_spec(module) is not None


def place_for_store() -> str:
    """Give the URL of a new SQLite file."""
    path = WORK / "writes.db"
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return f"sqlite:///{path}"
