"""Rules of attention and what they found."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from brigada.db.base import Base, BigId

CONDITIONS = (
    "call_waiting", "call_past_norm", "not_acknowledged", "not_departed", "on_scene_long", "at_hospital_long",
    "position_silent", "shift_ending", "device_alarm",
)  # fmt: skip


class AttentionRule(Base):
    """When something asks for attention; the administrator changes the times."""

    __tablename__ = "attention_rules"
    __table_args__ = (
        CheckConstraint(
            "condition IN ('call_waiting', 'call_past_norm', 'not_acknowledged', 'not_departed', 'on_scene_long',"
            " 'at_hospital_long', 'position_silent', 'shift_ending', 'device_alarm')",
            name="condition",
        ),
        CheckConstraint("criticality IN ('critical', 'important', 'common')", name="criticality"),
        CheckConstraint("after_s >= 0 AND escalate_s > 0", name="times"),
    )

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    condition: Mapped[str] = mapped_column(String(24))
    criticality: Mapped[str | None] = mapped_column(String(16))
    """Of calls of this criticality alone; empty: of all."""
    after_s: Mapped[int] = mapped_column(Integer)
    """Seconds of the condition; past the norm: seconds after it; a shift's end: seconds before it."""
    escalate_s: Mapped[int | None] = mapped_column(Integer)
    """Seconds until the administrators are told too, unless somebody acknowledged; empty: never."""
    title_ru: Mapped[str] = mapped_column(String(160))
    title_en: Mapped[str] = mapped_column(String(160))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class Attention(Base):
    """One thing that asked for attention: raised once, perhaps escalated, acknowledged by somebody, over in the end."""

    __tablename__ = "attentions"
    __table_args__ = (
        # Raised once: whichever process tries it a second time is stopped here.
        Index(
            "uq_attentions_open", "rule", "subject", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("ix_attentions_raised_at", "raised_at", postgresql_using="brin"),
    )

    id: Mapped[BigId]
    rule: Mapped[str] = mapped_column(ForeignKey("attention_rules.code"))
    subject: Mapped[str] = mapped_column(String(40))
    """What it is about: `call:12`, `assignment:7`, `car:3`."""
    call_id: Mapped[int | None] = mapped_column(BigInteger)
    assignment_id: Mapped[int | None] = mapped_column(BigInteger)
    team_id: Mapped[int | None] = mapped_column(BigInteger)
    car_id: Mapped[int | None] = mapped_column(BigInteger)
    """Of an alarm of a device alone, as what follows: the plate, the place, and of when that is."""
    car_number: Mapped[str | None] = mapped_column(String(16))
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    place_at: Mapped[datetime | None]
    since: Mapped[datetime]
    """From when the condition holds."""
    raised_at: Mapped[datetime]
    level: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    escalated_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
