"""The peak of a command is its own."""

import sys

from benchmarks.peak import used


def test_what_the_starting_process_holds_is_not_counted() -> None:
    held = b"x" * (300 << 20)
    small = used([sys.executable, "-c", "pass"])
    assert small.peak < 100 < len(held) >> 20


def test_what_the_command_holds_is_counted() -> None:
    large = used([sys.executable, "-c", "held = b'x' * (200 << 20)"])
    assert 200 < large.peak < 300
    assert large.cpu > 0
    assert large.seconds > 0


def test_the_status_is_the_commands() -> None:
    assert used([sys.executable, "-c", "raise SystemExit(3)"]).status == 3
