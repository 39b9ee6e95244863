"""Jobs (long reports and exports) and schedules."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base, BigId


class ReportJob(Base):
    """Something long: queued → running → done, failed or cancelled. Its file lives in the data folder of its host."""

    __tablename__ = "report_jobs"
    __table_args__ = (
        CheckConstraint("kind IN ('report', 'export')", name="kind"),
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="status"),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        Index("ix_report_jobs_open", "id", postgresql_where=text("status IN ('queued', 'running')")),
    )

    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(String(8))
    params: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(10), server_default="queued")
    progress: Mapped[float] = mapped_column(Float, server_default="0")
    step: Mapped[str] = mapped_column(String(80), server_default="")
    """What is being done now, a word for people."""
    cancel_requested: Mapped[bool] = mapped_column(server_default=text("false"))
    file_name: Mapped[str] = mapped_column(String(200), server_default="")
    media_type: Mapped[str] = mapped_column(String(100), server_default="")
    size_bytes: Mapped[int | None]
    problem: Mapped[str] = mapped_column(Text, server_default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    beat_at: Mapped[datetime | None]
    """The last sign of life of whoever runs it; an old one means that its process is gone."""
    finished_at: Mapped[datetime | None]


class ReportSchedule(Base):
    """A report that is written into a folder by itself, about the day, week or month that has just ended."""

    __tablename__ = "report_schedules"
    __table_args__ = (
        CheckConstraint("every IN ('day', 'week', 'month')", name="every"),
        CheckConstraint("at_minute BETWEEN 0 AND 1439", name="at_minute"),
        CheckConstraint("language IN ('ru', 'en')", name="language"),
        Index("ix_report_schedules_next", "next_at", postgresql_where=text("active")),
    )

    id: Mapped[BigId]
    report: Mapped[str] = mapped_column(String(40))
    format: Mapped[str] = mapped_column(String(8))
    params: Mapped[dict[str, Any]]
    every: Mapped[str] = mapped_column(String(8))
    at_minute: Mapped[int] = mapped_column(Integer)
    """Minute of the service's own day."""
    language: Mapped[str] = mapped_column(String(2), server_default="ru")
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    next_at: Mapped[datetime]
    last_at: Mapped[datetime | None]
    last_file: Mapped[str] = mapped_column(String(300), server_default="")
    last_problem: Mapped[str] = mapped_column(Text, server_default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class CarMileage(Base):
    """What a car drove in an hour, by its positions: kept when the positions themselves are forgotten."""

    __tablename__ = "car_mileage"

    car_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    """Its beginning."""
    team_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Of the shift that drove; 0 outside of one. No foreign keys, as in `positions`."""
    metres: Mapped[float] = mapped_column(Float)
    counted_at: Mapped[datetime] = mapped_column(index=True)
