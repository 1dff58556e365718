"""Structured logs: one JSON object a line, with run id and PMID where there are any."""

import json
import logging
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
            "message": record.getMessage(),
        }
        fields |= {name: value for name, value in vars(record).items() if name not in _PLAIN}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, default=str)


def start_log(settings: Settings) -> Path:
    """Write logs to the file that the settings name, and give its path."""
    path = settings.log_path
    if not any(isinstance(handler, WatchedFileHandler) for handler in log.handlers):
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = WatchedFileHandler(path, encoding="utf-8", delay=True)
        handler.setFormatter(JsonLine())
        log.addHandler(handler)
        log.setLevel(settings.log_level)
        log.propagate = False
    return path
