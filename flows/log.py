"""Structured logs: one JSON object a line, with run id and PMID where there are any."""

import io
import json
import logging
import sys
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path

from flows.settings import Settings

log = logging.getLogger("ketmine")
"""The logger: `log.info("kept", extra={"run": 3, "pmid": "12345"})`."""

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class JsonLine(logging.Formatter):
    """Write a log record as a JSON object; what was given in `extra` becomes fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        fields |= {name: value for name, value in vars(record).items() if name not in _PLAIN}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, default=str)


class LogFile(WatchedFileHandler):
    """A file that is made with its folder at the first line, may be rotated, and never stops the work."""

    def _open(self) -> io.TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Say once that there is no log, and go on without."""
        logging.getLogger().removeHandler(self)
        logging.getLogger().addHandler(logging.NullHandler())
        print(f"ketmine: cannot write the log {self.baseFilename}: going on without", file=sys.stderr)  # noqa: T201


def start_log(settings: Settings) -> Path:
    """Write what everything logs to the file that the settings name, and give its path."""
    root = logging.getLogger()
    path = settings.log_path
    for handler in [handler for handler in root.handlers if isinstance(handler, LogFile)]:
        root.removeHandler(handler)
    file = LogFile(path, encoding="utf-8", delay=True)
    file.setFormatter(JsonLine())
    root.addHandler(file)
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    log.setLevel(settings.log_level)
    for name in ("flows", "nlp", "store"):
        logging.getLogger(name).setLevel(settings.log_level)
    return path
