"""Assignments and their milestones."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base, BigId

ACTIVE = ("assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital")
"""The states in which a team belongs to a call; in SQL: `ended_at IS NULL`."""


class Assignment(Base):
    """One team sent to one call (назначение): the row that owns the time stamps.

    The `…_at` columns are the milestones in force; where they come from stands in `milestones`.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint(
            "status IN ('assigned', 'acknowledged', 'en_route', 'on_scene', 'transporting', 'at_hospital',"
            " 'completed', 'declined', 'cancelled', 'diverted', 'troubled')",
            name="status",
        ),
        CheckConstraint(
            "(status IN ('completed', 'declined', 'cancelled', 'diverted', 'troubled')) = (ended_at IS NOT NULL)",
            name="ended",
        ),
        CheckConstraint("(status = 'troubled') = (trouble_kind IS NOT NULL)", name="trouble"),
        # A team is on one active assignment: the last word stands here, behind every lock.
        Index(
            "uq_assignments_active_team", "team_id", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("ix_assignments_call_id", "call_id"),
        Index("ix_assignments_team", "team_id", "assigned_at"),
        Index("ix_assignments_assigned_at", "assigned_at"),
    )

    id: Mapped[BigId]
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    status: Mapped[str] = mapped_column(String(16), server_default="assigned")
    assigned_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    assigned_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    en_route_at: Mapped[datetime | None]
    on_scene_at: Mapped[datetime | None]
    transporting_at: Mapped[datetime | None]
    at_hospital_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_comment: Mapped[str] = mapped_column(Text, server_default="")
    trouble_kind: Mapped[str | None] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(40), server_default="")
    hospital_id: Mapped[int | None] = mapped_column(ForeignKey("hospitals.id"))
    start_lat: Mapped[float | None] = mapped_column(Float)
    start_lon: Mapped[float | None] = mapped_column(Float)
    advice_team_id: Mapped[int | None]
    """The team that the advice named first, and by how many seconds it would have been sooner (below)."""
    advice_cost_s: Mapped[float | None] = mapped_column(Float)
    eta_s: Mapped[float | None] = mapped_column(Float)
    arrives_at: Mapped[datetime | None]
    """Expected arrival where it drives now, kept current on the way."""
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class Milestone(Base):
    """One entry of an assignment's time line; append-only (a trigger sees to that).

    The first entry of a step has `corrects` empty: one for each step. A correction is a new entry with a reason.
    """

    __tablename__ = "milestones"
    __table_args__ = (
        CheckConstraint(
            "step IN ('assigned', 'acknowledged', 'en_route', 'on_scene', 'transporting', 'at_hospital', 'completed')",
            name="step",
        ),
        CheckConstraint("source IN ('tap', 'dispatcher', 'gps', 'simulator', 'inferred')", name="source"),
        CheckConstraint("(corrects IS NULL) OR (reason <> '')", name="correction_has_reason"),
        Index(
            "uq_milestones_first",
            "assignment_id",
            "step",
            unique=True,
            postgresql_where=text("corrects IS NULL"),
        ),
        Index("ix_milestones_assignment_id", "assignment_id"),
    )

    id: Mapped[BigId]
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"))
    step: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    """The moment in force: the device's, unless its clock is plainly wrong."""
    device_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    source: Mapped[str] = mapped_column(String(12))
    corrects: Mapped[int | None] = mapped_column(ForeignKey("milestones.id"))
    reason: Mapped[str] = mapped_column(String(200), server_default="")
