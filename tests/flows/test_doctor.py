"""What `ketmine doctor` sees of PubMed: a stand-in on loopback."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from flows.doctor import Check, examine
from flows.settings import Settings
from tests.flows.pubmed.ncbi import Fault, Library, babble, instead, serving, status


@pytest.fixture
def library() -> Iterator[Library]:
    """A stand-in for PubMed."""
    with serving(Library().hold("1")) as served:
        yield served


def seen_of_pubmed(settings: Settings, library: Library) -> Check:
    asking = {"entrez_url": library.url, "entrez_email": "a@example.org", "entrez_api_key": SecretStr("k3y")}
    checks = {check.name: check for check in examine(settings.model_copy(update=asking))}
    return checks["pubmed"]


def test_pubmed_is_asked_as_a_night_asks_it(settings: Settings, library: Library) -> None:
    check = seen_of_pubmed(settings, library)
    assert (check.ready, check.seen) == (True, f"{library.url} answers 200")
    (asked,) = library.requests
    assert (asked["tool"], asked["email"], asked["api_key"]) == ("ketmine", "a@example.org", "k3y")


@pytest.mark.parametrize(
    ("fault", "seen", "advice"),
    [
        (status(400), "answers 400", "KETMINE_ENTREZ_API_KEY"),
        (status(404), "answers 404", "KETMINE_ENTREZ_URL"),
        (status(429), "answers 429", "Try later"),
        (status(503), "answers 503", "Try later"),
        (instead(b"<html>Log in</html>", "text/html"), "not as PubMed does", "KETMINE_ENTREZ_URL"),
        (babble, "does not answer", "KETMINE_ENTREZ_URL"),
    ],
)
def test_what_is_no_answer_of_pubmed_is_not_ready(
    settings: Settings, library: Library, fault: Fault, seen: str, advice: str
) -> None:
    library.faults = [fault]
    check = seen_of_pubmed(settings, library)
    assert not check.ready
    assert seen in check.seen
    assert advice in str(check.advice)
