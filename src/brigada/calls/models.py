"""Calls, patients, the dictionary of reasons, norms."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base, BigId

CRITICALITIES = ("critical", "important", "common")


class Reason(Base):
    """A reason for a call (повод) with the criticality that it usually has; edited by the administrator."""

    __tablename__ = "reasons"
    __table_args__ = (
        CheckConstraint("criticality IN ('critical', 'important', 'common')", name="criticality"),
        Index("uq_reasons_title_ru", text("lower(title_ru)"), unique=True, postgresql_where=text("active")),
    )

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    title_ru: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    criticality: Mapped[str] = mapped_column(String(16))
    profile: Mapped[str | None] = mapped_column(String(16))
    """The profile that suits best, if one does."""
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class Norm(Base):
    """How soon is soon enough, as data. One definition serves the timers on the board and the reports."""

    __tablename__ = "norms"
    __table_args__ = (
        CheckConstraint("criticality IN ('critical', 'important', 'common')", name="criticality"),
        CheckConstraint("target_s > 0", name="target"),
        CheckConstraint("statistic IN ('share', 'mean')", name="statistic"),
        Index(
            "uq_norms_rule",
            "norm_set",
            "criticality",
            "clock_start",
            "clock_stop",
            "statistic",
            "share",
            unique=True,
        ),
    )

    id: Mapped[BigId]
    norm_set: Mapped[str] = mapped_column(String(20))
    territory: Mapped[str] = mapped_column(String(100), server_default="")
    criticality: Mapped[str] = mapped_column(String(16))
    clock_start: Mapped[str] = mapped_column(String(20))
    clock_stop: Mapped[str] = mapped_column(String(20))
    target_s: Mapped[int] = mapped_column(Integer)
    statistic: Mapped[str] = mapped_column(String(8), server_default="share")
    share: Mapped[float] = mapped_column(Float, server_default="0.9")
    title_ru: Mapped[str] = mapped_column(String(160), server_default="")
    title_en: Mapped[str] = mapped_column(String(160), server_default="")
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class Patient(Base):
    """What is known of the patient; every field may be unknown. A newborn is 0 years old."""

    __tablename__ = "patients"
    __table_args__ = (
        CheckConstraint("sex IN ('male', 'female')", name="sex"),
        CheckConstraint("age BETWEEN 0 AND 130", name="age"),
    )

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(100), server_default="")
    surname: Mapped[str] = mapped_column(String(100), server_default="")
    patronym: Mapped[str] = mapped_column(String(100), server_default="")
    sex: Mapped[str | None] = mapped_column(String(8))
    age: Mapped[int | None] = mapped_column(SmallInteger)
    notes: Mapped[str] = mapped_column(Text, server_default="")


class Call(Base):
    """A call (вызов). Its states: new → accepted → completed; new or accepted → rejected."""

    __tablename__ = "calls"
    __table_args__ = (
        CheckConstraint("status IN ('new', 'accepted', 'completed', 'rejected')", name="status"),
        CheckConstraint("criticality IN ('critical', 'important', 'common')", name="criticality"),
        CheckConstraint("(status = 'rejected') = (reject_reason IS NOT NULL)", name="reject_reason"),
        CheckConstraint("(status IN ('completed', 'rejected')) = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="location"),
        # The board reads only these rows: its cost does not grow with history.
        Index("ix_calls_open", "received_at", "id", postgresql_where=text("status IN ('new', 'accepted')")),
        Index("ix_calls_received", "received_at", "id"),
        Index("ix_calls_phone", "caller_phone", "received_at", postgresql_where=text("caller_phone <> ''")),
    )

    id: Mapped[BigId]
    number: Mapped[int] = mapped_column(Identity(always=False, start=1), unique=True)
    status: Mapped[str] = mapped_column(String(16), server_default="new")
    criticality: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(200))
    reason_code: Mapped[str | None] = mapped_column(ForeignKey("reasons.code"))
    address: Mapped[str] = mapped_column(String(300))
    entrance: Mapped[str] = mapped_column(String(20), server_default="")
    floor: Mapped[str] = mapped_column(String(20), server_default="")
    flat: Mapped[str] = mapped_column(String(20), server_default="")
    intercom: Mapped[str] = mapped_column(String(40), server_default="")
    landmark: Mapped[str] = mapped_column(String(300), server_default="")
    district: Mapped[str] = mapped_column(String(100), server_default="")
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    caller_phone: Mapped[str] = mapped_column(String(32), server_default="")
    caller_name: Mapped[str] = mapped_column(String(200), server_default="")
    comment: Mapped[str] = mapped_column(Text, server_default="")
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    required_profile: Mapped[str | None] = mapped_column(String(16))
    external_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    received_at: Mapped[datetime]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    accepted_at: Mapped[datetime | None]
    """When a team was first assigned."""
    closed_at: Mapped[datetime | None]
    reject_reason: Mapped[str | None] = mapped_column(String(24))
    reject_comment: Mapped[str] = mapped_column(Text, server_default="")
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    version: Mapped[int] = mapped_column(Integer, server_default="1")
