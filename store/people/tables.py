"""The tables of people: who there is, who is logged in, by which tokens programs come, and what was tried."""

from datetime import datetime

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from store.tables import UtcDateTime


class User(SQLModel, table=True):
    """A person. `name` stands in decisions and never changes; `key` is the name as it is compared.

    `password` is an argon2id hash; who has none does not come by password, and `subject` names them elsewhere.
    """

    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    key: str = Field(unique=True)
    role: str
    password: str | None = None
    must_change: bool = False
    subject: str | None = Field(default=None, unique=True)
    disabled: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)


class LoginSession(SQLModel, table=True):
    """A log-in that stands; `id` is the SHA-256 of the secret that the cookie holds."""

    __tablename__ = "login_sessions"

    id: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="users.id", index=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)


class Token(SQLModel, table=True):
    """What a program comes with; `hash` is the SHA-256 of the secret, `scopes` are rights."""

    __tablename__ = "tokens"
    __table_args__ = (Index("ix_tokens_label", "user_id", "label", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id")
    label: str
    hash: str = Field(unique=True)
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LoginEvent(SQLModel, table=True):
    """What happened at the door; rows are added and never changed. Failures in it are what locks out."""

    __tablename__ = "login_events"
    __table_args__ = (
        Index("ix_login_events_key", "key", "at"),
        Index("ix_login_events_address", "address", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    event: str
    key: str
    address: str | None = None
    detail: str | None = None
