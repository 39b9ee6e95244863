"""Calls for help by a device in a car.

Deploy rule: new columns without a value and a wider check, the program of the release before does not mind. While a
leader of that release is alive it ends such an alarm at its next look; the notification of it stays.

Revision: 0093, after 0092.
"""

import sqlalchemy as sa
from alembic import op

revision = "0093"
down_revision = "0092"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_BEFORE = (
    "condition IN ('call_waiting', 'call_past_norm', 'not_acknowledged', 'not_departed', 'on_scene_long',"
    " 'at_hospital_long', 'position_silent', 'shift_ending'"
)
RULES = (
    ("sos", 60, "Экипаж зовёт на помощь (SOS)", "A crew calls for help (SOS)"),
    ("crash", 60, "Датчик аварии в автомобиле", "A car's sensor tells of an accident"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("devices", sa.Column("alarm", sa.String(length=8), nullable=True))
    op.add_column("devices", sa.Column("alarm_at", _TIME, nullable=True))
    op.add_column("devices", sa.Column("alarm_over", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("attentions", sa.Column("car_id", sa.BigInteger(), nullable=True))
    op.add_column("attentions", sa.Column("car_number", sa.String(length=16), nullable=True))
    op.add_column("attentions", sa.Column("lat", sa.Float(), nullable=True))
    op.add_column("attentions", sa.Column("lon", sa.Float(), nullable=True))
    op.add_column("attentions", sa.Column("place_at", _TIME, nullable=True))
    op.drop_constraint(op.f("ck_attention_rules_condition"), "attention_rules", type_="check")
    op.create_check_constraint(
        op.f("ck_attention_rules_condition"), "attention_rules", f"{_BEFORE}, 'device_alarm')"
    )
    rules = sa.table(
        "attention_rules",
        *(sa.column(name) for name in ("code", "condition", "after_s", "escalate_s", "title_ru", "title_en")),
    )
    op.bulk_insert(
        rules,
        [
            {
                "code": code, "condition": "device_alarm", "after_s": 0, "escalate_s": escalate_s, "title_ru": ru,
                "title_en": en,
            }
            for code, escalate_s, ru, en in RULES
        ],
    )  # fmt: skip


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("DELETE FROM attentions WHERE rule IN ('sos', 'crash')")
    op.execute("DELETE FROM attention_rules WHERE condition = 'device_alarm'")
    op.drop_constraint(op.f("ck_attention_rules_condition"), "attention_rules", type_="check")
    op.create_check_constraint(op.f("ck_attention_rules_condition"), "attention_rules", f"{_BEFORE})")
    for column in ("place_at", "lon", "lat", "car_number", "car_id"):
        op.drop_column("attentions", column)
    for column in ("alarm_over", "alarm_at", "alarm"):
        op.drop_column("devices", column)
