"""Figures → docs/benchmarks.md: what was measured, beside what is wanted."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.pairs import ratios, spread, table
from benchmarks.sides import Cost

NAMES = {
    "findings": "`findings`, our default: rules and the tagger (6 layers, 384 wide, int8)",
    "rules": "`rules`, our fast mode",
    "spacy": "spaCy, shape of scispaCy's `en_core_sci_sm`",
    "bert": "BERT-base token classifier, transformers and torch, fp32",
    "bert-int8": "the same as int8 ONNX, onnxruntime",
}

HEAD = """# Benchmarks

Written by `make bench`; [speed.md](speed.md) tells what was done for speed. Each side runs on one thread in a process of its
own, the sides take turns, and each round has texts that no other round has. What a cache of ours keeps of what a text says is
thrown away before each text; how a run of letters is cut into tokens stays kept, as spaCy keeps it on every side. Speeds are in
CPU-seconds, so that what else the machine does matters little. The rivals have the shape of what they stand for and random
weights, since no trained ones can be reached from where this is measured: how fast a network reads does not depend on what its
weights say. BERT's word pieces are those of our tagger.
"""

Figures = Mapping[str, Any]


class Target(NamedTuple):
    """What is wanted, the figure, and whether it holds."""

    wanted: str
    figure: str
    holds: bool


def page(figures: Figures) -> str:
    """Write the page from the parts that were measured."""
    targets = list(_targets(figures))
    lines = [HEAD, "## What is wanted", ""]
    lines += table(
        ("", "measured", ""), [(t.wanted, t.figure, "yes" if t.holds else "**no**") for t in targets]
    )
    for name, part in (("readers", _readers), ("whole", _whole), ("cores", _cores), ("linear", _linear)):
        if name in figures:
            lines += [
                "",
                *part(figures[name]),
                "",
                f"({figures[name]['machine']}; {figures[name]['seconds']:.0f} s)",
            ]
    if "fidelity" in figures:
        lines += ["", *_fidelity(figures["fidelity"])]
    return "\n".join(lines) + "\n"


def _costs(readers: Figures) -> dict[str, list[Cost]]:
    return {side: [Cost(**cost) for cost in some] for side, some in readers["costs"].items()}


def _targets(figures: Figures) -> Iterator[Target]:
    if "readers" in figures:
        costs = _costs(figures["readers"])
        for one, other, least in (
            ("findings", "bert", 20.0),
            ("findings", "spacy", 1.0),
            ("rules", "spacy", 5.0),
        ):
            if other in costs:
                found = ratios(costs, one, other)
                wanted = f"`{one}` at least {least:g} times as fast as {NAMES[other]}"
                yield Target(wanted, spread(found, 2), statistics.median(found) >= least)
        peak = max(cost.memory for cost in costs["findings"])
        yield Target("peak memory under 1.2 GB", f"{peak:,.0f} MiB", peak < 1.2e9 / 2**20)
    if "whole" in figures:
        yield from _waited(figures["whole"])
    if "cores" in figures:
        found = [
            two[0] / one[0] for one, two in zip(figures["cores"]["1"], figures["cores"]["2"], strict=True)
        ]
        yield Target(
            "`--jobs 2` at least 1.6 times as fast as one", spread(found, 2), statistics.median(found) >= 1.6
        )
    if "linear" in figures:
        yield _is_linear(figures["linear"]["reached"])
    for kind, (ours, _, full) in figures.get("fidelity", {}).get("core", {}).items():
        yield Target(
            f"core F1 of {kind.replace('_', ' ')}s no more than 0.005 below the pipeline with nothing spared",
            f"{ours:.4f}, {full:.4f}: {ours - full:+.4f}",
            ours >= full - 0.005,
        )


def _waited(whole: Figures) -> Iterator[Target]:
    starts = [clock for clock, _ in whole["starts"]]
    yield Target(
        "first finding from a cold start in under 4 s",
        f"{spread(starts, 2)} s",
        statistics.median(starts) < 4,
    )
    nights = [clock for clock, _, _ in whole["nights"]]
    yield Target(
        f"a night of {whole['new']} new records in under 60 s",
        f"{spread(nights)} s",
        statistics.median(nights) < 60,
    )


def _is_linear(reached: Sequence[Sequence[float]]) -> Target:
    first = next((stop for stop in reached if stop[0] >= 10_000), reached[0])
    last = reached[-1]
    early, late = first[2] / first[0], (last[2] - first[2]) / max(last[0] - first[0], 1)
    growth = last[3] / first[3]
    return Target(
        "cost grows linearly, memory is flat",
        f"{1000 * early:.1f} ms a record for the first {first[0]:,.0f}, {1000 * late:.1f} for the other "
        f"{last[0] - first[0]:,.0f}; memory × {growth:.2f}",
        late <= 1.25 * early and growth <= 1.25,
    )


def _readers(readers: Figures) -> Iterator[str]:
    costs = _costs(readers)
    yield "## Beside others"
    yield ""
    yield f"{readers['texts'].capitalize()}, {len(costs['findings'])} rounds; median and range."
    yield ""
    rows = [
        (
            NAMES[side],
            f"{sum(cost.texts for cost in some):,}",
            spread([cost.rate for cost in some]),
            spread(ratios(costs, "findings", side), 2) if side != "findings" else "",
            spread(ratios(costs, "rules", side), 2) if side != "rules" else "",
            f"{max(cost.memory for cost in some):,.0f}",
        )
        for side, some in costs.items()
    ]
    head = ("", "texts", "a CPU-second", "`findings` is × as fast", "`rules` is × as fast", "MiB at the peak")
    yield from table(head, rows)


def _whole(whole: Figures) -> Iterator[str]:
    articles, findings, cpu, clock = whole["writes"]
    yield "## What a user waits for"
    yield ""
    rows = [
        (
            "first finding of `ketmine extract` from a cold start",
            spread([s[0] for s in whole["starts"]], 2),
            spread([s[1] for s in whole["starts"]], 2),
        ),
        (
            f"a whole night on {whole['new']} new records",
            spread([n[0] for n in whole["nights"]]),
            spread([n[1] for n in whole["nights"]]),
        ),
    ]
    yield from table(("", "seconds on the clock", "CPU-seconds"), rows)
    yield ""
    yield f"The night's peak is {max(n[2] for n in whole['nights']):,.0f} MiB."
    yield ""
    yield (
        f"The store (SQLite) takes in {articles / cpu:,.0f} articles with {findings / cpu:,.0f} findings a CPU-second, "
        f"{articles / clock:,.0f} and {findings / clock:,.0f} a second on the clock ({articles:,} articles, a hundred at once)."
    )
    yield ""
    yield "PubMed's XML, the update file of 2021 (20,788 records, gzipped):"
    yield ""
    yield from table(
        ("reader", "records a CPU-second", "MiB at the peak"),
        [
            (name, f"{number / seconds:,.0f}", f"{peak:,.0f}")
            for name, (number, seconds, peak) in whole["xml"].items()
        ],
    )


def _cores(cores: Figures) -> Iterator[str]:
    yield "## More cores"
    yield ""
    yield from table(
        (
            "`--jobs`",
            "texts a second on the clock",
            "MiB of the reading processes, what they share counted once",
        ),
        [
            (
                jobs,
                spread([rate for rate, _ in cores[jobs]]),
                f"{max(memory for _, memory in cores[jobs]):,.0f}",
            )
            for jobs in cores
            if jobs.isdigit()
        ],
    )
    if "stored" in cores:
        yield ""
        yield (
            f"A whole run on a store (SQLite) of {cores['articles']:,} articles that nothing has read, from a cold start, with "
            "what it writes:"
        )
        yield ""
        yield from table(
            ("`--jobs`", "seconds on the clock", "articles a second", "CPU-seconds"),
            [
                (
                    jobs,
                    spread([clock for clock, _ in runs]),
                    spread([cores["articles"] / clock for clock, _ in runs]),
                    spread([cpu for _, cpu in runs]),
                )
                for jobs, runs in cores["stored"].items()
            ],
        )


def _linear(linear: Figures) -> Iterator[str]:
    yield "## Ten times as much"
    yield ""
    yield (
        "The default pipeline on the records of two real PubMed files, two of 2021 and three of 1976–80 in turn, nearly none "
        "about ketamine; more than these 50,000 are not there, and none is read twice:"
    )
    yield ""
    yield from table(
        ("records", "with an abstract", "CPU-seconds", "MiB resident"),
        [
            (f"{r:,.0f}", f"{a:,.0f}", f"{cpu:,.1f}", f"{memory:,.0f}")
            for r, a, cpu, memory in linear["reached"]
        ],
    )
    yield ""
    yield "![CPU-seconds and memory over records](pictures/linear.svg)"


def _fidelity(fidelity: Figures) -> Iterator[str]:
    yield "## What speed costs"
    yield ""
    yield (
        "Core F1 on the development set: of the default pipeline, of the same in fp32 without a cache, and with nothing spared: "
        "all sentences read by the tagger as well, those too that it was never trained on."
    )
    yield ""
    yield from table(
        ("", "default", "in fp32", "nothing spared"),
        [(kind.replace("_", " "), *(f"{f1:.4f}" for f1 in all_)) for kind, all_ in fidelity["core"].items()],
    )
