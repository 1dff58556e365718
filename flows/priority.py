"""Runs give way to people: a night on the machine that serves the pages takes the processors that these leave."""

import os
from typing import Final

NICE: Final = 10
"""How nice a run is, of 19: what is asked for meanwhile has nine tenths of a processor that both want."""


def give_way() -> None:
    """Lower the priority of this process and of those that it starts; one that is as low already stays as it is.

    It counts among the processes of one container, service or session: between two of these their own shares do.
    """
    if hasattr(os, "nice"):  # Windows has no such thing
        os.nice(max(0, NICE - os.nice(0)))
