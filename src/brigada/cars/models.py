"""Cars, and the latest fix of each."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base, BigId


class Car(Base):
    """A car (автомобиль). Retired, never erased: reports of past years name it."""

    __tablename__ = "cars"
    __table_args__ = (
        CheckConstraint("class IN ('A', 'B', 'C')", name="class"),
        CheckConstraint("serviceability IN ('in_service', 'broken', 'maintenance')", name="serviceability"),
        Index("uq_cars_number", "number", unique=True, postgresql_where=text("retired_at IS NULL")),
    )

    id: Mapped[BigId]
    number: Mapped[str] = mapped_column(String(12))
    car_class: Mapped[str] = mapped_column("class", String(1))
    model: Mapped[str] = mapped_column(String(100))
    serviceability: Mapped[str] = mapped_column(String(16), server_default="in_service")
    station_id: Mapped[int | None] = mapped_column(ForeignKey("stations.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    retired_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class LatestPosition(Base):
    """The newest fix of a car by the device's clock; a late point never replaces it.

    Written by `positions`; it stands here because teams show where they are, and teams know cars, not positions.
    """

    __tablename__ = "car_positions"
    __table_args__ = ({"postgresql_with": {"fillfactor": "50"}},)  # updated in place every few seconds (HOT)

    car_id: Mapped[int] = mapped_column(ForeignKey("cars.id"), primary_key=True, autoincrement=False)
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    speed_mps: Mapped[float | None] = mapped_column(Float)
    heading_deg: Mapped[float | None] = mapped_column(Float)
    source: Mapped[str] = mapped_column(String(16))
