"""The pages: what they show, what they refuse, and that nothing of an abstract becomes markup."""

import re
from html.parser import HTMLParser

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from store.articles import keep_article
from store.database import session_scope
from store.export import NOTICE
from store.runs import run_id_of, start_run
from store.tables import ArticleRow, Companion, FindingRow
from tests.store.web.invented import IMAGE, SCRIPT, TRIAL

PAGES = (
    *("/", "/findings", "/queue", "/runs", "/runs/1", "/login", "/articles/99000101", "/articles/99000102"),
    *("/findings?retracted=any&status=rejected", "/findings?drug=aspirin", "/nowhere", "/findings/none"),
)


class Reader(HTMLParser):
    """Collects the text, the elements and the attributes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in ("td", "th", "dt", "dd", "li", "p", "span"):
            self.words.append(" ")
        self.attributes.extend(attrs)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """Give the text as a person reads it."""
        return " ".join("".join(self.words).split())


def ids(client: TestClient, query: str = "retracted=any&species=any&setting=any") -> dict[str, str]:
    """Give the findings' ids by their anchors."""
    items = client.get(f"/api/v1/findings?{query}").json()["items"]
    return {item["finding"]["anchor_text"]: item["finding"]["id"] for item in items}


def read(client: TestClient, path: str, status: int = 200) -> Reader:
    """Open a page."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return Reader(answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_what_this_is_and_loads_nothing_from_elsewhere(client: TestClient, path: str) -> None:
    answer = client.get(path)
    page = Reader(answer.text)
    assert NOTICE in page.text
    assert answer.headers["cache-control"] == "no-store"
    assert "style" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]
    loaded = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', answer.text)
    assert all(address.startswith("/static/") for address in loaded)


def test_a_line_says_what_a_finding_claims(client: TestClient) -> None:
    text = read(client, "/findings?species=any&setting=any").text
    assert "ketamine MADRS score ↓ decreased better for the patient" in text
    assert (
        "“At 24 hours the MADRS score was lower after ketamine than after midazolam (−7.4; p<0.001).”" in text
    )
    assert "randomised trial, double-blind, 72 participants" in text
    assert "A serious event: please confirm." in text
    assert "5 findings" in text


@pytest.mark.parametrize(
    ("query", "count", "chip"),
    [
        ("type=dose", "1 finding", "Type: dose"),
        ("type=dose&type=outcome&species=any&setting=any", "3 findings", "Type: outcome"),
        ("retracted=any&species=any&setting=any", "6 findings", "Retracted articles: any"),
        ("species=animal&setting=any", "1 finding", "Species: animal"),
        ("mg_per_kg_min=0.4", "1 finding", "Dose in mg/kg from: 0.4"),
        ("serious=true", "1 finding", "Serious: yes"),
        ("text=lower+midazolam", "4 findings", "Words in title or abstract: lower midazolam"),
        ("adverse_event=%27+OR+1%3D1--", "0 findings", "Adverse event: ' OR 1=1--"),
        ("drug=", "4 findings", "without retracted articles"),
    ],
)
def test_filters_narrow_the_list_and_are_shown(client: TestClient, query: str, count: str, chip: str) -> None:
    text = read(client, f"/findings?{query}").text
    assert f"{count} " in text
    assert f"{chip} ×" in text


def test_a_filter_can_be_lifted_also_one_that_nobody_set(client: TestClient) -> None:
    page = read(client, "/findings?type=dose&drug=ketamine")
    links = [value for name, value in page.attributes if name == "href" and value]
    assert "/findings?drug=ketamine" in links
    assert "/findings?type=dose" in links
    assert "/findings?type=dose&drug=ketamine&retracted=any" in links


def test_an_unknown_filter_or_value_is_answered_with_those_there_are(client: TestClient) -> None:
    assert (
        "There is no filter 'colour'. The filters are: adverse_event"
        in read(client, "/findings?colour=red", 422).text
    )
    assert (
        "Drug: 'aspirin' does not fit: one of ketamine, esketamine"
        in read(client, "/findings?drug=aspirin", 422).text
    )
    assert "start again without one" in read(client, "/findings?cursor=abc", 422).text
    assert "a number from 1 to 200" in read(client, "/findings?limit=9999", 422).text


def test_pages_of_a_list_follow_each_other(client: TestClient) -> None:
    seen: list[str] = []
    path = "/findings?limit=2&species=any&setting=any"
    while path:
        page = client.get(path).text
        seen += re.findall(r'href="/findings/(\w+)" data-row', page)
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        path = onward[1].replace("&amp;", "&") if onward else ""
    assert seen == list(ids(client, "species=any&setting=any").values())


def test_the_export_links_keep_the_filter(client: TestClient) -> None:
    links = [
        value for name, value in read(client, "/findings?type=dose&cursor=").attributes if name == "href"
    ]
    assert "/findings.csv?type=dose" in links
    rows = client.get("/findings.csv?type=dose").text.splitlines()
    assert len(rows) == 2
    assert rows[1].endswith(f'"{NOTICE}"')
    assert client.get("/findings.jsonl?type=outcome&species=any&setting=any").text.count(NOTICE) == 2
    assert client.get("/findings.exe").status_code == 404


def test_a_finding_is_shown_in_its_abstract_with_its_words_marked(client: TestClient) -> None:
    html = client.get(f"/findings/{ids(client)['MADRS score']}").text
    article = html[html.index("<article") : html.index("</article>")]
    assert '<mark class="evidence anchor" >' not in article
    assert '<mark class="evidence anchor">MADRS score</mark>' in article
    assert '<mark class="evidence field" title="Time">24 hours</mark>' in article
    assert '<mark class="evidence field" title="p value">p&lt;0.001</mark>' in article
    assert re.search(
        r'<a href="/findings/\w+"><mark class="other" title="Adverse event: Dissociation present">', article
    )
    assert (
        Reader(article.replace("</p><p>", "\n")).text
        == f"{TRIAL.title} METHODS: {TRIAL.abstract[0].text} RESULTS: {TRIAL.abstract[1].text}"
    )


def test_other_papers_of_the_work_and_the_number_of_studies_are_shown(
    client: TestClient, engine: Engine
) -> None:
    finding_id = next(iter(ids(client).values()))
    with session_scope(engine) as session:
        pmid = session.get_one(FindingRow, finding_id).pmid
        other = next(row.pmid for row in session.exec(select(ArticleRow)) if row.pmid != pmid)
        first, second = sorted((pmid, other))
        session.add(Companion(pmid=first, other_pmid=second, kind="same_trial", evidence="NCT99000001"))
    page = read(client, f"/findings/{finding_id}")
    assert f"PMID {other}" in page.text
    assert "the same trial (NCT99000001)" in page.text
    assert re.search(r"\d findings in \d stud(?:y|ies)", read(client, "/findings").text)


def test_a_revision_is_shown_as_a_difference(client: TestClient, engine: Engine) -> None:
    revised = TRIAL.model_copy(
        update={
            "abstract": tuple(
                part.model_copy(update={"text": part.text + " Corrected."}) for part in TRIAL.abstract
            )
        }
    )
    with session_scope(engine) as session:
        run = run_id_of(start_run(session, "nightly", {}, "invented", "1"))
        assert keep_article(session, run, revised, b"revised") == "revised"
    answer = client.get(f"/articles/{TRIAL.pmid}").text
    assert re.search(r"<ins>\s*(?:\S+ )?Corrected\.", answer)


def test_a_finding_says_where_it_comes_from(client: TestClient) -> None:
    text = read(client, f"/findings/{ids(client)['MADRS score']}").text
    for words in (
        *("Pipeline invented 1", "Run 1", "Dose it belongs to 0.5 mg/kg", "Time, in hours 24 h"),
        *("Study design randomised trial", "Conditions treatment-resistant depression", "NCT99000101"),
    ):
        assert words in text


def test_a_retracted_article_says_so_everywhere(client: TestClient) -> None:
    finding = ids(client)["84 mg"]
    assert "This article was retracted. PMID 99000104" in read(client, f"/findings/{finding}").text
    assert "This article was retracted." in read(client, "/articles/99000103").text
    assert "84 mg" not in read(client, "/findings?species=any&setting=any").text
    assert "The article was retracted" in read(client, "/queue").text


@pytest.mark.parametrize(
    "path", ["/findings?species=any&setting=any", "/queue", "/articles/99000102", "/findings/{id}", "/runs/1"]
)
def test_nothing_of_an_abstract_becomes_markup(client: TestClient, path: str) -> None:
    hostile = next(key for anchor, key in ids(client).items() if anchor.startswith(IMAGE))
    page = read(client, path.format(id=hostile))
    assert "img" not in page.tags
    assert page.tags.count("script") == 1
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    if "runs" not in path:
        assert SCRIPT in page.text
        assert IMAGE in page.text
    else:
        assert "cut in the middle <b>" in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/%00",
        "/static/",
    ],
)
def test_no_path_leads_out_of_the_static_files(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (404, 405)
    assert "create_app" not in answer.text


def test_static_files_are_served_with_their_types(client: TestClient) -> None:
    kinds = {"ketmine.css": "text/css", "ketmine.js": "text/javascript", "ketmine.svg": "image/svg+xml"}
    for name, kind in kinds.items():
        answer = client.get(f"/static/{name}")
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/runs/999",
        "/runs/99999999999999999999",
        "/articles/1",
        "/articles/%27--",
        "/findings/none",
        "/nowhere",
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(client: TestClient, path: str) -> None:
    assert re.search(r"There is no|is not held", read(client, path, 404).text)


def test_the_ledger_of_a_run_adds_up_and_names_the_trouble(client: TestClient) -> None:
    text = read(client, "/runs/1").text
    assert "unparsable 1" in text
    assert "found 4" in text
    assert "cut in the middle <b>" in text
    runs = read(client, "/runs").text
    assert "incomplete" in runs
    assert "Unparsable, without a pmid 1" in runs
    assert "raw:0 unparsable cut in the middle <b>" in runs
    assert "PubMed has not been asked yet" in runs


def test_an_unforeseen_error_is_a_sentence_and_no_traceback(client: TestClient, engine: object) -> None:

    key = ids(client)["84 mg"]
    with session_scope(engine) as session:  # type: ignore[arg-type]
        row = session.get(FindingRow, key)
        assert row is not None
        row.record = {"type": "dose"}
    quiet = TestClient(client.app, base_url=str(client.base_url), raise_server_exceptions=False)
    answer = quiet.get(f"/findings/{key}")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "Traceback" not in answer.text
    assert "default-src" in answer.headers["content-security-policy"]
    assert quiet.get("/api/v1/findings?retracted=any").headers["content-type"] == "application/problem+json"


def test_what_each_value_would_give_is_new_as_soon_as_a_person_decides(ada: TestClient) -> None:
    assert '<option value="adverse_event">adverse event (2)</option>' in ada.get("/findings").text
    (key, *_) = [
        item["finding"]["id"] for item in ada.get("/api/v1/findings?type=adverse_event").json()["items"]
    ]
    assert ada.post(f"/findings/{key}/reject", data={"seen": "1", "reason": "not_said"}).status_code == 303
    assert '<option value="adverse_event">adverse event (1)</option>' in ada.get("/findings").text
