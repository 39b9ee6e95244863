"""What was advised, proposed and chosen, and the settings of the advice."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base, BigId


class Advice(Base):
    """Whom the plan would send to one call, from `made_at` until another answer replaced it.

    The choice of the dispatcher is written beside it, with its cost: seconds of arrival more than advised.
    """

    __tablename__ = "advice"
    __table_args__ = (
        CheckConstraint("kind IN ('send', 'wait', 'divert', 'keep', 'none')", name="kind"),
        Index("uq_advice_current", "call_id", unique=True, postgresql_where=text("superseded_at IS NULL")),
        Index("ix_advice_call_id", "call_id", "id"),
        Index("ix_advice_chosen_at", "chosen_at", postgresql_where=text("chosen_at IS NOT NULL")),
    )

    id: Mapped[BigId]
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    made_at: Mapped[datetime]
    computed_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    kind: Mapped[str] = mapped_column(String(8))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    eta_s: Mapped[float | None] = mapped_column(Float)
    late: Mapped[bool] = mapped_column(server_default=text("false"))
    approximate: Mapped[bool] = mapped_column(server_default=text("false"))
    candidates: Mapped[dict[str, Any]]
    """`items`: the best of the ranked list, with reasons as codes."""
    chosen_team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    chosen_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    chosen_at: Mapped[datetime | None]
    cost_s: Mapped[float | None] = mapped_column(Float)


class Proposal(Base):
    """Changes of teams on their way, to be confirmed or declined as one."""

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'confirmed', 'declined', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided"),
        Index("uq_proposals_open", "fingerprint", unique=True, postgresql_where=text("status = 'open'")),
        Index("ix_proposals_made_at", "made_at"),
    )

    id: Mapped[BigId]
    status: Mapped[str] = mapped_column(String(12), server_default="open")
    fingerprint: Mapped[str] = mapped_column(Text)
    """Which team goes from where to where, in words of ids: the same proposal is made once."""
    made_at: Mapped[datetime]
    computed_at: Mapped[datetime]
    saved_s: Mapped[float] = mapped_column(Float)
    moves: Mapped[dict[str, Any]]
    """`items`: for each call the team now, before and after, with both arrivals."""
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class AdviceSettings(Base):
    """One row: what an administrator may set."""

    __tablename__ = "advice_settings"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    automatic: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    """Criticalities whose waiting calls get their team without a dispatcher. Diversions never."""
    weights: Mapped[list[float]] = mapped_column(ARRAY(Float), server_default=text("'{1,1,1}'"))
    late_s: Mapped[float] = mapped_column(Float, server_default="900")
    switch_s: Mapped[float] = mapped_column(Float, server_default="240")
    near_patient_s: Mapped[float] = mapped_column(Float, server_default="120")
    equal_gain_s: Mapped[float] = mapped_column(Float, server_default="180")
    max_switches: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    version: Mapped[int] = mapped_column(server_default="1")
