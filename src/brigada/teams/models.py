"""Teams and who is on them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, SmallInteger, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base, BigId

PROFILES = ("paramedic", "physician", "intensive_care", "paediatric", "psychiatric", "obstetric")


class Team(Base):
    """A team (бригада). Living until `ended_at`; free and busy are derived from assignments, never stored."""

    __tablename__ = "teams"
    __table_args__ = (
        CheckConstraint(
            "profile IN ('paramedic', 'physician', 'intensive_care', 'paediatric', 'psychiatric', 'obstetric')",
            name="profile",
        ),
        CheckConstraint("shift_end > shift_start", name="shift"),
        # The database itself keeps a car in one living team, whatever path was taken to get there.
        Index("uq_teams_living_car", "car_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index(
            "uq_teams_living_name",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_teams_shift", "shift_start", "shift_end"),
    )

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(50))
    profile: Mapped[str] = mapped_column(String(16))
    car_id: Mapped[int] = mapped_column(ForeignKey("cars.id"))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("stations.id"))
    shift_start: Mapped[datetime]
    shift_end: Mapped[datetime]
    on_break_since: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class TeamMember(Base):
    """A worker's place on a team, from joining to leaving (the team's end leaves all)."""

    __tablename__ = "team_members"
    __table_args__ = (
        Index(
            "uq_team_members_living_user", "user_id", unique=True, postgresql_where=text("left_at IS NULL")
        ),
        Index("ix_team_members_team_id", "team_id"),
    )

    id: Mapped[BigId]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    place: Mapped[int] = mapped_column(SmallInteger)
    """Among those who joined at the same time."""
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
