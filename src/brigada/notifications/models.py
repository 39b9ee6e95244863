"""Notifications and who got them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base, BigId


class Notification(Base):
    """One happening that people are told of. Names the call and the team, never the patient."""

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_created_at", "created_at", postgresql_using="brin"),)

    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(String(40))
    call_id: Mapped[int | None] = mapped_column(BigInteger)
    team_id: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class NotificationRecipient(Base):
    """One person's copy: read or not, put away or not."""

    __tablename__ = "notification_recipients"
    __table_args__ = (
        Index(
            "ix_notification_recipients_user",
            "user_id",
            "notification_id",
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    notification_id: Mapped[int] = mapped_column(
        ForeignKey("notifications.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    read_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
