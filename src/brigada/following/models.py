"""Steps as the positions tell them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base


class GpsStep(Base):
    """When a crew departed or arrived by its positions: proposed to it, and kept beside what it declared."""

    __tablename__ = "gps_steps"
    __table_args__ = (CheckConstraint("step IN ('en_route', 'on_scene', 'at_hospital')", name="step"),)

    assignment_id: Mapped[int] = mapped_column(
        ForeignKey("assignments.id"), primary_key=True, autoincrement=False
    )
    step: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime]
    noticed_at: Mapped[datetime]
    distance_m: Mapped[float] = mapped_column(Float)
    """From the place arrived at or left, metres."""
    accuracy_m: Mapped[float | None] = mapped_column(Float)
