"""Settings come from KETMINE_* variables and .env, and secrets stay secret."""

import pytest

from flows.errors import SettingsError
from flows.settings import NCBI, Settings, settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def test_defaults_need_no_configuration() -> None:
    assert settings().database_url == "sqlite:///var/ketmine.db"
    assert settings().entrez_url == NCBI


def test_environment_wins_over_dotenv(elsewhere, monkeypatch) -> None:
    (elsewhere / ".env").write_text("KETMINE_ENTREZ_EMAIL=a@example.org\nKETMINE_JOBS=3\nOTHER=1\n")
    monkeypatch.setenv("KETMINE_JOBS", "2")
    assert (settings().entrez_email, settings().jobs) == ("a@example.org", 2)


def test_api_key_is_not_shown(monkeypatch) -> None:
    monkeypatch.setenv("KETMINE_ENTREZ_API_KEY", "s3cret")
    assert "s3cret" not in repr(settings()) + settings().model_dump_json()


def test_empty_variable_is_unset(monkeypatch) -> None:
    monkeypatch.setenv("KETMINE_QUERY", " ")
    assert settings().query is None


@pytest.mark.parametrize(
    ("name", "value"), [("JOBS", "many"), ("PORT", "99999"), ("ENTREZ_URL", "ftp://s3cret")]
)
def test_wrong_value_is_named_and_not_repeated(monkeypatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"KETMINE_{name}", value)
    with pytest.raises(SettingsError, match=f"KETMINE_{name}") as caught:
        settings()
    assert value not in str(caught.value)


def test_every_setting_is_documented() -> None:
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DIGEST_WEBHOOK", "ftp://t0ken", "must begin with https://"),
        ("SMTP_URL", "https://s3cret", "must begin with smtp://"),
        ("DIGEST_EMAIL", "a@example.org", "needs KETMINE_SMTP_URL"),
    ],
)
def test_a_digest_needs_somewhere_to_go(monkeypatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(f"KETMINE_{name}", value)
    with pytest.raises(SettingsError, match=said) as caught:
        settings()
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("issuer", "said"),
    [
        ("http://login.example", "must be https://"),
        ("https://login.example?x=1", "without a query"),
        ("https://login.example", "needs KETMINE_OIDC_CLIENT_ID"),
    ],
)
def test_a_log_in_elsewhere_needs_an_issuer_and_an_id(monkeypatch, issuer: str, said: str) -> None:
    monkeypatch.setenv("KETMINE_OIDC_ISSUER", issuer)
    with pytest.raises(SettingsError, match=said):
        settings()
    monkeypatch.setenv("KETMINE_OIDC_ISSUER", "https://login.example/")
    monkeypatch.setenv("KETMINE_OIDC_CLIENT_ID", "ketmine")
    settings.cache_clear()
    assert settings().oidc_issuer == "https://login.example"
