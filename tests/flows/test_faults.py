"""Nights against a server that fails: the store ends as if nothing had happened, and no request comes too soon."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from flows import windows
from flows.nightly import run
from flows.pubmed import EntrezClient, EntrezError
from flows.pubmed.limiter import PER_SECOND_WITH_KEY, Limiter
from flows.settings import Settings
from tests.flows.conftest import contents, record, told, trial
from tests.flows.pubmed.ncbi import FAULTS, Fault, Library, random_faults, serving

PMIDS = [str(pmid) for pmid in range(101, 106)]
MANY = [str(pmid) for pmid in range(101, 161)]
BATCH = 20
"""Records of one fetch in the mixtures; most are titles alone, which are quick to read."""

MIXTURES = 50
NIGHTS = 12
"""Nights that a mixture may take to be over."""

Asking = Callable[[Library], Settings]


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Asking]:
    """Give settings with a store of their own for each server; pauses after a fault are not slept, the limit is."""
    place = tmp_path_factory.mktemp("faults")

    def impatient(base: str, **who: Any) -> EntrezClient:
        limiter = Limiter(base, PER_SECOND_WITH_KEY, folder=place)
        return EntrezClient(base, **who, limiter=limiter, sleep=lambda _: None, timeout=1)

    def made(library: Library) -> Settings:
        store = shutil.copy(migrated, place / f"{urlsplit(library.url).port}.db")
        return Settings(
            _env_file=None,
            database_url=f"sqlite:///{store}",
            var=place,
            entrez_url=library.url,
            entrez_email="a@example.org",
            entrez_api_key=SecretStr("k"),
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "EntrezClient", impatient)
        yield made


@pytest.fixture(scope="module")
def undisturbed(asking: Asking) -> dict[str, list[tuple]]:
    """What the store holds after a night that nothing disturbed."""
    return after(asking, holding(*PMIDS))


def holding(*pmids: str, faults: list[Fault] | None = None) -> Library:
    """Make a server with records, every tenth of many a trial, and with faults to come."""
    library = Library(faults=faults or [])
    for number, pmid in enumerate(pmids):
        library.records[pmid] = trial(pmid) if len(pmids) < 10 or number % 10 == 0 else record(pmid)
        library.created[pmid] = "2026/01/01"
    return library


def after(asking: Asking, library: Library, nights: int = 1) -> dict[str, list[tuple]]:
    """Give what a store holds when the faults and then the work are over, or so many nights.

    A night that PubMed does not let search fails, and says so.
    """
    with serving(library):
        settings = asking(library)
        for _ in range(nights):
            with suppress(EntrezError):
                run("nightly", settings)
            last = told(settings)
            assert last.adds_up
            if not library.faults and last.status == "complete":
                break
    return contents(settings)


def good(*_: object) -> bool:
    """Answer as asked."""
    return False


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_no_fault_alone_shows_in_the_store(
    asking: Asking, undisturbed: dict[str, list[tuple]], fault: Fault
) -> None:
    library = holding(*PMIDS, faults=[good, fault])  # the search is answered, the fetch is spoiled
    assert after(asking, library) == undisturbed
    assert library.spoiled == 1
    assert library.over(PER_SECOND_WITH_KEY) == 0


@pytest.mark.soak
def test_no_mixture_of_faults_shows_in_the_store(
    asking: Asking, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "BATCH", BATCH)
    calm = after(asking, holding(*MANY))
    sums, differing = Counter[str](), []
    for seed in range(MIXTURES):
        library = holding(*MANY, faults=random_faults(seed, 12, share=0.6))
        found = after(asking, library, nights=NIGHTS)
        differing += [seed] if found != calm else []
        sums["lost"] += len({row[0] for row in calm["articles"]} - {row[0] for row in found["articles"]})
        sums["faults"] += library.spoiled
        sums["requests"] += len(library.times)
        sums["over"] += library.over(PER_SECOND_WITH_KEY)
    with capsys.disabled():
        print(
            f"\n{MIXTURES} mixtures: {sums['faults']} faults injected in {sums['requests']} requests, "
            f"{sums['lost']} of {MIXTURES * len(calm['articles'])} records lost, {len(differing)} stores that differ "
            f"from the undisturbed one, {sums['over']} requests over the limit"
        )
    assert len(calm["articles"]) == len(MANY)
    assert differing == []
    assert sums["faults"] > MIXTURES
    assert (sums["lost"], sums["over"]) == (0, 0)
