"""What a command needs: seconds, CPU-seconds and memory at its peak, the command's own alone.

Linux counts the memory of whoever starts a process into the peak that it reports of it. So the command is started by a small
process between: this file, run with nothing imported that it can do without.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any, NamedTuple


class Used(NamedTuple):
    """The exit status of a command, seconds on the clock, CPU-seconds, and MiB at the peak."""

    status: int
    seconds: float
    cpu: float
    peak: float


def used(command: Sequence[str], **options: Any) -> Used:
    """Run a command to its end; the options are those of `subprocess.Popen`."""
    read, write = os.pipe()
    between = [sys.executable, "-S", "-E", __file__, str(write), *command]
    with subprocess.Popen(between, pass_fds=(write,), **options) as process:
        os.close(write)
        with os.fdopen(read, encoding="utf-8") as told:
            said = told.read()
    if not said:
        raise SystemExit(f"{command[0]} could not be started: {process.returncode}")
    return Used(*json.loads(said))


if __name__ == "__main__":
    began = time.perf_counter()
    pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
    _, ended, usage = os.wait4(pid, 0)
    took = time.perf_counter() - began
    figures = [
        os.waitstatus_to_exitcode(ended),
        took,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
    ]
    os.write(int(sys.argv[1]), json.dumps(figures).encode())
