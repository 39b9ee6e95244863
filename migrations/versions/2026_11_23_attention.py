"""Rules of attention, what they found, and the steps that positions tell.

Deploy rule: new tables and a nullable column, the program of the release before does not mind.

Revision: 0052, after 0080.
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0080"
branch_labels = None
depends_on = None

RULES = (
    (
        "waiting_critical",
        "call_waiting",
        "critical",
        60,
        120,
        "Экстренный вызов ждёт бригаду",
        "A critical call waits for a team",
    ),
    (
        "waiting_important",
        "call_waiting",
        "important",
        300,
        300,
        "Срочный вызов ждёт бригаду",
        "An important call waits for a team",
    ),
    ("waiting_common", "call_waiting", "common", 1800, 1800, "Вызов ждёт бригаду", "A call waits for a team"),
    ("past_norm", "call_past_norm", None, 0, 600, "Норматив прибытия превышен", "Past the norm of arrival"),
    (
        "not_acknowledged",
        "not_acknowledged",
        None,
        60,
        120,
        "Бригада не приняла вызов",
        "The crew has not acknowledged",
    ),
    ("not_departed", "not_departed", None, 240, 240, "Бригада не выехала", "The crew has not departed"),
    ("on_scene_long", "on_scene_long", None, 3600, 1800, "Долго на месте", "Long on scene"),
    ("at_hospital_long", "at_hospital_long", None, 2400, 1800, "Долго в стационаре", "Long at the hospital"),
    (
        "position_silent",
        "position_silent",
        None,
        120,
        None,
        "Нет сигнала от бригады на вызове",
        "No signal from a team on a call",
    ),
    (
        "shift_ending",
        "shift_ending",
        None,
        900,
        None,
        "Смена кончается на вызове",
        "The shift ends during a call",
    ),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    rules = op.create_table(
        "attention_rules",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("condition", sa.String(length=24), nullable=False),
        sa.Column("criticality", sa.String(length=16), nullable=True),
        sa.Column("after_s", sa.Integer(), nullable=False),
        sa.Column("escalate_s", sa.Integer(), nullable=True),
        sa.Column("title_ru", sa.String(length=160), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "condition IN ('call_waiting', 'call_past_norm', 'not_acknowledged', 'not_departed', 'on_scene_long',"
            " 'at_hospital_long', 'position_silent', 'shift_ending')",
            name=op.f("ck_attention_rules_condition"),
        ),
        sa.CheckConstraint(
            "criticality IN ('critical', 'important', 'common')", name=op.f("ck_attention_rules_criticality")
        ),
        sa.CheckConstraint("after_s >= 0 AND escalate_s > 0", name=op.f("ck_attention_rules_times")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_attention_rules")),
    )
    op.create_table(
        "attentions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column("assignment_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["rule"], ["attention_rules.code"], name=op.f("fk_attentions_rule_attention_rules")
        ),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["users.id"], name=op.f("fk_attentions_acknowledged_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attentions")),
    )
    op.create_index(
        "uq_attentions_open",
        "attentions",
        ["rule", "subject"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_attentions_raised_at", "attentions", ["raised_at"], postgresql_using="brin")
    op.create_table(
        "gps_steps",
        sa.Column("assignment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("distance_m", sa.Float(), nullable=False),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.CheckConstraint("step IN ('en_route', 'on_scene', 'at_hospital')", name=op.f("ck_gps_steps_step")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_gps_steps_assignment_id_assignments")
        ),
        sa.PrimaryKeyConstraint("assignment_id", "step", name=op.f("pk_gps_steps")),
    )
    op.add_column("assignments", sa.Column("arrives_at", sa.DateTime(timezone=True), nullable=True))
    names = ("code", "condition", "criticality", "after_s", "escalate_s", "title_ru", "title_en")
    op.bulk_insert(rules, [dict(zip(names, row, strict=True)) for row in RULES])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_column("assignments", "arrives_at")
    for table in ("gps_steps", "attentions", "attention_rules"):
        op.drop_table(table)
