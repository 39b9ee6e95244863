"""Questions that were asked, and what came out."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base, BigId


class WhatIfRun(Base):
    """One question: queued → running → done, failed or cancelled. The result is plain data in no language."""

    __tablename__ = "whatif_runs"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="status"),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        CheckConstraint("(status = 'done') = (result IS NOT NULL)", name="result"),
        Index("ix_whatif_runs_open", "id", postgresql_where=text("status IN ('queued', 'running')")),
    )

    id: Mapped[BigId]
    question: Mapped[dict[str, Any]]
    """`weeks`, `repeats`, `rules`, `variants`, as they were asked."""
    status: Mapped[str] = mapped_column(String(10), server_default="queued")
    progress: Mapped[float] = mapped_column(Float, server_default="0")
    step: Mapped[str] = mapped_column(String(80), server_default="")
    """`reading`, `roads`, `playing`."""
    cancel_requested: Mapped[bool] = mapped_column(server_default=text("false"))
    problem: Mapped[str] = mapped_column(Text, server_default="")
    """Why it failed, a word of `errors.PROBLEMS`."""
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    beat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
