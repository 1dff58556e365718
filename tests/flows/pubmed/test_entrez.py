"""Against a real server on loopback: whatever it does, no record is lost and none is asked for too fast."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from flows.pubmed import Deleted, EntrezClient, EntrezError, Missing, Received, Unparsable
from flows.pubmed.entrez import FIRST, PATIENCE
from flows.pubmed.limiter import Limiter
from tests.flows.pubmed.ncbi import (
    FAULTS,
    Fault,
    Handler,
    Library,
    drip,
    instead,
    leave_out,
    random_faults,
    record,
    reset,
    serving,
    silence,
    status,
)

PMIDS = [str(number) for number in range(1, 8)]


@pytest.fixture
def library() -> Iterator[Library]:
    """Serve seven records."""
    with serving(Library().hold(*PMIDS)) as served:
        yield served


class Waits(list[float]):
    """The seconds that were slept, without sleeping them."""

    __call__ = list.append


def client(
    library: Library,
    tmp_path: Path,
    waits: Waits | None = None,
    key: str | None = None,
    **seconds: float,
) -> EntrezClient:
    """Make a client that does not sleep."""
    unhurried = Limiter("test", 1e9, folder=tmp_path)
    asleep = waits if waits is not None else Waits()
    return EntrezClient(
        library.url,
        email="a@example.org",
        api_key=key,
        limiter=unhurried,
        sleep=asleep,
        jitter=lambda: 0.5,
        **seconds,
    )


def fetched(library: Library, tmp_path: Path, pmids: list[str] = PMIDS) -> dict[str, object]:
    """Fetch, and give what came by PMID."""
    records = list(client(library, tmp_path, timeout=1).fetch(pmids))
    assert len(records) == len({r.pmid for r in records})
    return {str(record.pmid): record for record in records}


def test_a_search_gives_the_ids_of_a_window(library: Library, tmp_path: Path) -> None:
    library.hold("8", day="2026/02/01")
    found = client(library, tmp_path).search("x[tiab]", mindate=date(2026, 1, 15), maxdate=date(2026, 2, 15))
    assert found == ["8"]
    asked = library.requests[-1]
    assert (asked["datetype"], asked["mindate"], asked["maxdate"]) == ("crdt", "2026/01/15", "2026/02/15")


def test_who_asks_is_always_said_and_the_key_where_there_is_one(library: Library, tmp_path: Path) -> None:
    client(library, tmp_path, key="k3y").search("x[tiab]")
    list(client(library, tmp_path).fetch(["1"]))
    search, fetch = library.requests
    assert (search["tool"], search["email"], search["api_key"]) == ("ketmine", "a@example.org", "k3y")
    assert (fetch["tool"], fetch["email"], fetch["method"]) == ("ketmine", "a@example.org", "POST")
    assert "api_key" not in fetch


def test_without_an_e_mail_address_nothing_is_asked(library: Library) -> None:
    with pytest.raises(EntrezError, match="KETMINE_ENTREZ_EMAIL"):
        EntrezClient(library.url)


def test_a_query_of_more_than_9999_hits_is_split_until_each_part_fits(tmp_path: Path) -> None:
    days = [f"{year}/0{month}/01" for year in (1990, 2005, 2020, 2025) for month in (1, 5, 9)]
    with serving(Library()) as library:
        for at in range(24_000):
            library.created[str(at)] = days[at % len(days)]
        found = client(library, tmp_path).search("x[tiab]")
        assert len(found) == len(set(found)) == 24_000
        assert len(library.requests) < 30


def test_a_day_with_more_than_9999_hits_fails_by_name(tmp_path: Path) -> None:
    with serving(Library()) as library:
        library.created = {str(at): "2020/01/01" for at in range(10_500)}
        with pytest.raises(EntrezError, match=r"made on 2020-01-01"):
            client(library, tmp_path).search("x[tiab]")


def test_a_shortfall_fails_by_name(library: Library, tmp_path: Path) -> None:
    library.hidden = 2
    with pytest.raises(EntrezError, match="counts 9 records and lists 7"):
        client(library, tmp_path).search("x[tiab]")


def test_parts_that_sum_to_less_than_the_whole_fail_by_name(tmp_path: Path) -> None:
    with serving(Library()) as library:
        library.created = {str(at): f"20{at % 20:02}/01/01" for at in range(12_000)}
        library.created |= {"20001": "1066/10/14", "20002": "9999/01/01"}  # in no part
        with pytest.raises(
            EntrezError, match="counts 12002 records for the query and gave 12000: 2 are missing"
        ):
            client(library, tmp_path).search("x[tiab]")


def test_a_window_of_revisions_is_split_by_the_day_of_creation_too(tmp_path: Path) -> None:
    with serving(Library()) as library:
        library.created = {str(at): f"20{at % 20:02}/01/01" for at in range(12_000)}
        library.revised = dict.fromkeys(list(library.created)[:11_000], "2026/03/01")
        window = {"mindate": date(2026, 2, 1), "maxdate": date(2026, 4, 1)}
        found = client(library, tmp_path).search("x[tiab]", datetype="mdat", **window)
    assert sorted(found, key=int) == list(library.revised)
    assert {asked["datetype"] for asked in library.requests} == {"mdat"}


def test_every_record_is_fetched_in_batches_of_200(tmp_path: Path) -> None:
    pmids = [str(at) for at in range(1, 451)]
    with serving(Library().hold(*pmids)) as library:
        records = list(client(library, tmp_path).fetch(pmids))
        assert [record.pmid for record in records] == pmids
        assert [len(asked["id"].split(",")) for asked in library.requests] == [200, 200, 50]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("times", [1, 3])
def test_no_fault_loses_a_record(library: Library, tmp_path: Path, fault: object, times: int) -> None:
    library.faults = [fault] * times  # type: ignore[list-item]
    records = fetched(library, tmp_path)
    assert {pmid for pmid, record in records.items() if isinstance(record, Received)} == set(PMIDS)


@pytest.mark.parametrize("fault", [f for n, f in FAULTS.items() if n != "records left out"])
def test_no_fault_spoils_a_search(library: Library, tmp_path: Path, fault: object) -> None:
    library.faults = [fault]  # type: ignore[list-item]
    assert client(library, tmp_path, timeout=1).search("x[tiab]") == PMIDS


@pytest.mark.parametrize("seed", range(5))
def test_no_mixture_of_faults_loses_a_record(library: Library, tmp_path: Path, seed: int) -> None:
    library.faults = random_faults(seed, 40)
    records = fetched(library, tmp_path)
    assert {pmid for pmid, record in records.items() if isinstance(record, Received)} == set(PMIDS)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 150))
def test_no_mixture_of_fifty_loses_a_record(tmp_path: Path, seed: int) -> None:
    pmids = [str(number) for number in range(1, 451)]
    with serving(Library(faults=random_faults(seed, 200, share=0.5)).hold(*pmids)) as library:
        records = fetched(library, tmp_path, pmids)
    assert {pmid for pmid, record in records.items() if isinstance(record, Received)} == set(pmids)


def test_pauses_double_and_retry_after_is_obeyed(library: Library, tmp_path: Path) -> None:
    waits = Waits()
    library.faults = [status(500), status(500), status(429, Retry_After="7"), status(500)]
    list(client(library, tmp_path, waits).fetch(["1"]))
    assert waits == [1.0, 2.0, 7.0, 8.0]


def test_an_answer_that_never_ends_is_given_up(library: Library, tmp_path: Path) -> None:
    library.faults = [drip]
    hasty = client(library, tmp_path, longest=0.5)
    assert [type(record) for record in hasty.fetch(PMIDS)] == [Received] * len(PMIDS)
    assert len(library.requests) == 2  # the first was given up


def test_a_server_that_is_gone_is_left_alone_and_what_is_left_is_named(
    library: Library, tmp_path: Path
) -> None:
    library.faults = [reset] * 1000
    records = list(client(library, tmp_path).fetch(PMIDS))
    assert [type(record) for record in records] == [Missing] * len(PMIDS)
    assert all(isinstance(r, Missing) and r.gone and "in a row" in r.reason for r in records)
    assert len(library.requests) == PATIENCE + 1
    assert library.requests[-1]["id"] == FIRST


def failing_on(*pmids: str, most: int = 200) -> Fault:
    """Fail whenever one of some records is asked for, or more records than a number."""

    def fault(handler: Handler, asked: dict[str, str], body: bytes) -> bool:
        wanted = asked.get("id", "").split(",")
        return status(500)(handler, asked, body) if len(wanted) > most or set(pmids) & set(wanted) else False

    return fault


@pytest.mark.parametrize("place", [0, 77, 199])
def test_a_record_that_pubmed_always_fails_on_takes_no_other_with_it(tmp_path: Path, place: int) -> None:
    pmids = [str(at) for at in range(1001, 1401)]
    with serving(Library().hold(*pmids)) as library:
        library.faults = [failing_on(pmids[place])] * 1000
        records = fetched(library, tmp_path, pmids)
    missing = records.pop(pmids[place])
    assert isinstance(missing, Missing)
    assert (missing.absent, missing.gone, "500" in missing.reason) == (False, False, True)
    assert {type(record) for record in records.values()} == {Received}


def test_what_fails_in_large_batches_is_asked_for_in_smaller_ones(tmp_path: Path) -> None:
    pmids = [str(at) for at in range(1001, 1201)]
    with serving(Library().hold(*pmids)) as library:
        library.faults = [failing_on(most=30)] * 1000
        records = fetched(library, tmp_path, pmids)
        sizes = {len(asked["id"].split(",")) for asked in library.requests}
    assert {type(record) for record in records.values()} == {Received}
    assert sizes == {200, 100, 50, 25, 1}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_that_stays_is_recorded_for_every_record(
    library: Library, tmp_path: Path, fault: Fault
) -> None:
    library.faults = [fault] * 1000
    hasty = client(library, tmp_path, timeout=0.1 if fault is silence else 5)
    records = {record.pmid: record for record in hasty.fetch(PMIDS)}
    lost = [record for record in records.values() if not isinstance(record, Received)]
    assert set(records) == set(PMIDS)
    assert all(isinstance(record, Missing) and record.reason for record in lost)
    assert bool(lost) is (
        fault is not leave_out
    )  # what an answer leaves out comes when it is asked for alone


def test_a_server_that_nobody_runs_is_gone_too(tmp_path: Path) -> None:
    nobody = Library(url="http://127.0.0.1:9/entrez/eutils")
    with pytest.raises(EntrezError, match="cannot be reached"):
        client(nobody, tmp_path).search("x[tiab]")


def test_a_pmid_that_pubmed_does_not_have_is_absent(library: Library, tmp_path: Path) -> None:
    missing = fetched(library, tmp_path, ["1", "404", "2"])["404"]
    assert isinstance(missing, Missing)
    assert missing.absent


def test_a_broken_record_is_given_back_as_such_under_its_pmid(library: Library, tmp_path: Path) -> None:
    library.records["3"] = record("3", title="<b>open")
    library.records["4"] = "<PubmedArticle><MedlineCitation/></PubmedArticle>"
    records = fetched(library, tmp_path)
    assert [type(records[pmid]) for pmid in "2345"] == [Received, Unparsable, Unparsable, Received]


def test_a_deletion_in_an_answer_is_given_back(library: Library, tmp_path: Path) -> None:
    library.records["3"] = "<DeleteCitation><PMID>3</PMID></DeleteCitation>"
    assert isinstance(fetched(library, tmp_path)["3"], Deleted)


def test_the_key_is_in_no_message(library: Library, tmp_path: Path) -> None:
    library.faults = [instead(b"<eSearchResult><ERROR>API key s3cret invalid</ERROR></eSearchResult>")] * 9
    with pytest.raises(EntrezError) as caught:
        client(library, tmp_path, key="s3cret").search("x[tiab]")
    assert "s3cret" not in str(caught.value)
    assert "API key … invalid" in str(caught.value)
