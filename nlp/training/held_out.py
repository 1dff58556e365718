"""Which annotated abstracts train no round that measures."""

import hashlib
from collections.abc import Mapping
from typing import Any

FOLDS = 5


def held_out(record: Mapping[str, Any]) -> bool:
    """Tell whether an abstract is kept from training: one in FOLDS, by the hash of its id."""
    return int(hashlib.sha256(record["id"].encode()).hexdigest(), 16) % FOLDS == 0
