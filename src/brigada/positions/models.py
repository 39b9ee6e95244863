"""The history of positions: one table, a partition for each day (UTC)."""

from sqlalchemy import Column, DateTime, Index, Integer, SmallInteger, Table

from brigada.db.base import Base

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
