"""The history of positions, a partition for each day (UTC); the devices that send them."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Float, ForeignKey, Index, Integer, SmallInteger, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base, BigId

HISTORY = Table(
    "positions",
    Base.metadata,
    Column("at", DateTime(timezone=True), nullable=False),
    Column("delay_ms", Integer, nullable=False),
    Column("car_id", Integer, nullable=False),
    Column("team_id", Integer),
    Column("lat_e7", Integer, nullable=False),
    Column("lon_e7", Integer, nullable=False),
    Column("accuracy_dm", SmallInteger),
    Column("speed_cmps", SmallInteger),
    Column("heading_deg", SmallInteger),
    Column("source", SmallInteger, nullable=False),
    Column("flags", SmallInteger, nullable=False),
    Index("ix_positions_at", "at", postgresql_using="brin"),
    postgresql_partition_by="RANGE (at)",
)
"""Written by COPY, read by plain SQL, so no entity stands for a row. Columns are ordered for the least padding: 44
bytes and the header. Numbers of cars and teams fit into four bytes. No foreign keys: a check for each of a thousand
points a second would cost more than the insert, and cars are never erased."""


class Device(Base):
    """A tracker or a phone bound to a car; only the SHA-256 of its token is kept."""

    __tablename__ = "devices"

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(100))
    car_id: Mapped[int] = mapped_column(ForeignKey("cars.id"), index=True)
    digest: Mapped[bytes] = mapped_column(unique=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    battery: Mapped[float | None] = mapped_column(Float)
    """0 to 1, as of `last_seen_at`."""
    alarm: Mapped[str | None] = mapped_column(String(8))
    """The last alarm that it sent, `alarm_at` when it was last sent, `alarm_over` whether it spoke without it since."""
    alarm_at: Mapped[datetime | None]
    alarm_over: Mapped[bool] = mapped_column(server_default=text("true"))
