"""A Prefect server of our own, as a child process on loopback: the schedule needs none to be installed.

(Prefect's ephemeral server is no substitute: it runs flows, but never creates a scheduled run.)
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.settings import use_prefect_api
from nlp.errors import KetmineError

PATIENCE = 180.0
"""Seconds that a server gets to start: on a slow machine a new database takes half a minute."""


@contextmanager
def prefect_server(log: Path, port: int = 0) -> Iterator[str]:
    """Run a server until the block ends, make it the one that Prefect talks to, and give its address.

    Args:
        log: the file that takes the server's output.
        port: 0 takes one that is free.

    Raises:
        KetmineError: it did not start; the message names the log.
    """
    port = port or _free_port()
    address = f"http://127.0.0.1:{port}"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("ab") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        if not _healthy(f"{address}/api/health", server):
            raise KetmineError(f"Prefect's server did not start; {log} says why.")
        use_prefect_api(f"{address}/api")
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _healthy(url: str, server: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310
                return True
        except OSError:
            time.sleep(0.2)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
