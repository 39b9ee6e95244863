"""Tables of the log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base


class EventCounter(Base):
    """One row: the last number given. Its lock, held to the commit, is what makes numbers follow commits."""

    __tablename__ = "event_counter"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last_seq: Mapped[int] = mapped_column(server_default="0")
    epoch: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())
    """Changes when the log starts anew (a restored copy), so that no client resumes in a log that is not its own."""


class EventRow(Base):
    """One entry; never changed (a trigger sees to that)."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_call", "call_id", "seq", postgresql_where=text("call_id IS NOT NULL")),
        Index("ix_events_at", "at", postgresql_using="brin"),
        Index("ix_events_kind", "kind", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(Text)
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str | None] = mapped_column(Text)
    cause: Mapped[str | None] = mapped_column(Text)
    call_id: Mapped[int | None]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    team_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    user_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    data: Mapped[dict[str, Any]]
    old: Mapped[dict[str, Any]]
