"""The machine that is measured, in words."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

NAMED = ("spacy", "onnxruntime", "tokenizers", "torch", "transformers", "numpy")


def processor() -> str:
    """Name the processor, and what of it decides how fast int8 is multiplied."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts: dict[str, str] = {}
    for line in lines:
        name, _, fact = line.partition(":")
        facts.setdefault(name.strip(), fact.strip())
    flags = facts.get("flags", "").split()
    wide = next((name for name in ("amx_int8", "avx512_vnni", "avx_vnni", "avx2") if name in flags), "no AVX")
    return f"{facts.get('model name', platform.machine())} ({wide})"


def machine() -> str:
    """Say which machine, Python and libraries, and what else it was doing."""
    found = []
    for name in NAMED:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return (
        f"{processor()}, {os.cpu_count()} cores; Python {platform.python_version()}, {', '.join(found)}; "
        f"load {os.getloadavg()[0]:.1f} at the start"
    )
