"""Stations, hospitals."""

from datetime import datetime

from sqlalchemy import Float, Index, Integer, String, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base, BigId


class Station(Base):
    """A place where teams wait (подстанция)."""

    __tablename__ = "stations"
    __table_args__ = (
        Index(
            "uq_stations_name", text("lower(name)"), unique=True, postgresql_where=text("deleted_at IS NULL")
        ),
    )

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(300), server_default="")
    phone: Mapped[str] = mapped_column(String(32), server_default="")
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class Hospital(Base):
    """A destination (стационар)."""

    __tablename__ = "hospitals"
    __table_args__ = (
        Index(
            "uq_hospitals_name", text("lower(name)"), unique=True, postgresql_where=text("deleted_at IS NULL")
        ),
    )

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(300), server_default="")
    phone: Mapped[str] = mapped_column(String(32), server_default="")
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)
    profiles: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    accepting: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default="1")
