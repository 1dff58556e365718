"""Every KETMINE_* variable: typed, documented, read once, and nowhere else.

The README's table is generated from this class (`python -m flows.docs`).
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from flows.errors import SettingsError

NCBI = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
"""The base of NCBI's E-utilities."""

DEFAULT_PIPELINE = "findings"
"""The pipeline that reads when none is named."""


class Settings(BaseSettings):
    """Where ketmine runs: read from the environment, then from `.env` in the working directory."""

    model_config = SettingsConfigDict(
        env_prefix="KETMINE_", env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    database_url: str = Field(
        default="sqlite:///var/ketmine.db",
        description="The store: an SQLAlchemy URL for SQLite or PostgreSQL (`postgresql+psycopg://…`).",
    )
    var: Path = Field(
        default=Path("var"),
        description="Folder for what ketmine writes beside the store: logs, downloads, Prefect's database.",
    )
    entrez_url: str = Field(
        default=NCBI,
        description="Base of the E-utilities; any other than NCBI's is for a mirror or a test server.",
    )
    entrez_email: str | None = Field(
        default=None,
        description="Your e-mail address, which NCBI asks every client to send with its requests.",
    )
    entrez_api_key: SecretStr | None = Field(
        default=None, description="Your NCBI API key: ten requests a second instead of three."
    )
    query: str | None = Field(
        default=None,
        description="The PubMed query that says which articles are on topic; "
        "unset, the query of `flows/pubmed/query.py`: ketamine in mental health.",
    )
    pipeline: str = Field(
        default=DEFAULT_PIPELINE,
        description="The pipeline that reads: a name in `nlp/configs`, or the path of a spaCy config.",
    )
    jobs: int = Field(default=1, ge=1, description="Processes that read abstracts in parallel.")
    dask: str | None = Field(
        default=None,
        description="Address of a Dask scheduler, `tcp://host:8786`, whose workers read the abstracts of a flow; "
        "needs PostgreSQL, PREFECT_API_URL and the `dask` extra.",
    )
    log_file: Path | None = Field(
        default=None,
        description="File for structured logs, one JSON object a line with run id and PMID; "
        "unset, `log/ketmine.jsonl` in KETMINE_VAR.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least level that is written to the log file."
    )
    digest_webhook: SecretStr | None = Field(
        default=None,
        description="Address that takes each night's digest as JSON by POST (its `text` is what chat services show).",
    )
    digest_email: str | None = Field(
        default=None,
        description="Addresses, parted by commas, that get each night's digest; needs KETMINE_SMTP_URL.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="Mail server: `smtp://user:password@host:587` (STARTTLS where it offers it) or `smtps://…`.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="Address that the web pages listen on; any other than loopback needs KETMINE_PUBLIC_URL.",
    )
    double_review: dict[Literal["dose", "outcome", "adverse_event"], Annotated[float, Field(ge=0, le=1)]] = (
        Field(
            default={},
            description="Share of each type of finding that two curators decide blindly, as JSON: "
            '`{"adverse_event": 0.1}`.',
        )
    )
    port: int = Field(default=8417, ge=0, le=65535, description="Port that the web pages listen on.")
    public_url: str | None = Field(
        default=None,
        description="Where people reach the pages, `https://…`, by a proxy that ends TLS; reading then takes a log-in.",
    )
    proxies: str | None = Field(
        default=None,
        description="Addresses of proxies, with commas between, whose word on where a request comes from is believed.",
    )

    oidc_issuer: str | None = Field(
        default=None,
        description="OpenID Connect provider for log-in, as its `issuer` says; needs KETMINE_OIDC_CLIENT_ID. "
        "Its redirect address is `/login/oidc/back` of the pages.",
    )
    oidc_client_id: str | None = Field(default=None, description="The id of ketmine at that provider.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="The secret of ketmine at that provider, where it gave one."
    )
    oidc_newcomers: Literal["reader", "curator"] | None = Field(
        default=None,
        description="Role of who comes from there for the first time; unset, `ketmine user link` lets people in one by one.",
    )

    @field_validator(
        "entrez_email",
        "entrez_api_key",
        "query",
        "dask",
        "log_file",
        "digest_webhook",
        "digest_email",
        "smtp_url",
        "public_url",
        "proxies",
        "oidc_issuer",
        "oidc_client_id",
        "oidc_client_secret",
        "oidc_newcomers",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("entrez_url")
    @classmethod
    def _http(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// or http://")
        return value.rstrip("/")

    @field_validator("digest_webhook", "smtp_url")
    @classmethod
    def _of_scheme(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        schemes = ("https://", "http://") if info.field_name == "digest_webhook" else ("smtp://", "smtps://")
        if value and not value.get_secret_value().startswith(schemes):
            raise ValueError(f"must begin with {' or '.join(schemes)}")
        return value

    @model_validator(mode="after")
    def _mail_has_a_server(self) -> Self:
        if self.digest_email and not self.smtp_url:
            raise ValueError("KETMINE_DIGEST_EMAIL needs KETMINE_SMTP_URL, the server that takes the mail")
        return self

    @field_validator("public_url")
    @classmethod
    def _https(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("must be https:// and a host, without a path")
        return f"https://{parts.netloc.lower()}"

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
        if not (parts.scheme == "https" or local) or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be https:// (http:// on loopback only), without a query")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _provider_knows_us(self) -> Self:
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("KETMINE_OIDC_ISSUER needs KETMINE_OIDC_CLIENT_ID")
        return self

    @model_validator(mode="after")
    def _loopback_or_public(self) -> "Settings":
        if self.public_url is None and self.host not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("KETMINE_HOST is not loopback: set KETMINE_PUBLIC_URL, or leave it")
        return self

    @property
    def log_path(self) -> Path:
        """Give the file that logs are written to."""
        return self.log_file or self.var / "log" / "ketmine.jsonl"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Read the settings, once.

    Raises:
        SettingsError: a variable has a value that cannot be used; the message names it, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            ": ".join([*(f"KETMINE_{str(name).upper()}" for name in e["loc"]), e["msg"]])
            for e in error.errors()
        )
        raise SettingsError(f"Cannot use the settings. {wrong}. Change the environment or .env.") from None


def quiet_prefect(home: Path) -> None:
    """Keep Prefect offline, silent and patient where the user did not say; before Prefect is imported."""
    for name, value in {
        "PREFECT_HOME": str(home.resolve()),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_LOGGING_SERVER_LEVEL": "ERROR",
        "PREFECT_CLI_PROMPT": "false",
    }.items():
        os.environ.setdefault(name, value)


def use_prefect_api(url: str) -> None:
    """Make this the server that Prefect talks to, here and in the processes started from here."""
    os.environ["PREFECT_API_URL"] = url


def prefect_api() -> str | None:
    """Give the address of the Prefect server that the user named, if any."""
    return os.environ.get("PREFECT_API_URL") or None
