"""Accounts, sessions, keys of outside systems, remembered answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INET
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base, BigId


class User(Base):
    """An account (сотрудник). A deleted one stays for history; its login is free again."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('admin', 'dispatcher', 'worker')", name="role"),
        CheckConstraint("language IN ('ru', 'en')", name="language"),
        Index(
            "uq_users_login", text("lower(login)"), unique=True, postgresql_where=text("deleted_at IS NULL")
        ),
        Index(
            "ix_users_living", "role", "surname", "name", "id", postgresql_where=text("deleted_at IS NULL")
        ),
    )

    id: Mapped[BigId]
    login: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(100))
    surname: Mapped[str] = mapped_column(String(100))
    patronym: Mapped[str] = mapped_column(String(100), server_default="")
    phone: Mapped[str] = mapped_column(String(32), server_default="")
    language: Mapped[str] = mapped_column(String(2), server_default="ru")
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class AuthSession(Base):
    """One sign-in on one device: the family of its refresh tokens, of which only the newest `serial` is good."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_living", "user_id", "last_seen_at", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    serial: Mapped[int] = mapped_column(Integer, server_default="1")
    refresh_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """SHA-256 of the key that came with the request for the newest pair; with it the same request may come again."""
    ip: Mapped[str] = mapped_column(INET)
    user_agent: Mapped[str] = mapped_column(String(200), server_default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(32))


class ApiToken(Base):
    """A key of an outside system; only its SHA-256 is kept (the key itself has 256 random bits)."""

    __tablename__ = "api_tokens"

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class RememberedAnswer(Base):
    """The first answer to a POST with an `Idempotency-Key`, written in the command's own transaction."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at", postgresql_using="brin"),)

    account: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    fingerprint: Mapped[bytes]
    status: Mapped[int | None] = mapped_column(SmallInteger)
    body: Mapped[bytes | None]
    media_type: Mapped[str | None] = mapped_column(String(100))
    warning: Mapped[str | None] = mapped_column(String(40))
    """What the answer warned of in its header."""
    created_at: Mapped[datetime]


class PatientDataRead(Base):
    """Who looked at whose data, when and how: the audit that the law on personal data asks for."""

    __tablename__ = "patient_data_reads"
    __table_args__ = (
        Index("ix_patient_data_reads_call_id", "call_id"),
        Index("ix_patient_data_reads_at", "at", postgresql_using="brin"),
    )

    id: Mapped[BigId]
    at: Mapped[datetime]
    user_id: Mapped[int | None]
    token_id: Mapped[int | None]
    what: Mapped[str] = mapped_column(String(32))
    call_id: Mapped[int | None] = mapped_column(BigInteger)
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
