"""Advice, proposals, and their settings.

Deploy rule: new tables, the program of the release before does not mind.

Revision: 0080, after 0070.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0080"
down_revision = "0070"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "advice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("computed_at", _TIME, nullable=False),
        sa.Column("superseded_at", _TIME, nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("eta_s", sa.Float(), nullable=True),
        sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("approximate", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("candidates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("chosen_team_id", sa.BigInteger(), nullable=True),
        sa.Column("chosen_by", sa.BigInteger(), nullable=True),
        sa.Column("chosen_at", _TIME, nullable=True),
        sa.Column("cost_s", sa.Float(), nullable=True),
        sa.CheckConstraint("kind IN ('send', 'wait', 'divert', 'keep', 'none')", name=op.f("ck_advice_kind")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_advice_call_id_calls")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_advice_team_id_teams")),
        sa.ForeignKeyConstraint(
            ["chosen_team_id"], ["teams.id"], name=op.f("fk_advice_chosen_team_id_teams")
        ),
        sa.ForeignKeyConstraint(["chosen_by"], ["users.id"], name=op.f("fk_advice_chosen_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advice")),
    )
    current, chosen = sa.text("superseded_at IS NULL"), sa.text("chosen_at IS NOT NULL")
    op.create_index("uq_advice_current", "advice", ["call_id"], unique=True, postgresql_where=current)
    op.create_index("ix_advice_call_id", "advice", ["call_id", "id"])
    op.create_index("ix_advice_chosen_at", "advice", ["chosen_at"], postgresql_where=chosen)
    op.create_table(
        "proposals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("status", sa.String(length=12), server_default="open", nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("computed_at", _TIME, nullable=False),
        sa.Column("saved_s", sa.Float(), nullable=False),
        sa.Column("moves", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'confirmed', 'declined', 'withdrawn')", name=op.f("ck_proposals_status")
        ),
        sa.CheckConstraint("(status = 'open') = (decided_at IS NULL)", name=op.f("ck_proposals_decided")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_proposals_decided_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    is_open = sa.text("status = 'open'")
    op.create_index("uq_proposals_open", "proposals", ["fingerprint"], unique=True, postgresql_where=is_open)
    op.create_index("ix_proposals_made_at", "proposals", ["made_at"])
    op.create_table(
        "advice_settings",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("automatic", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "weights", postgresql.ARRAY(sa.Float()), server_default=sa.text("'{1,1,1}'"), nullable=False
        ),
        sa.Column("switch_s", sa.Float(), server_default="240", nullable=False),
        sa.Column("near_patient_s", sa.Float(), server_default="120", nullable=False),
        sa.Column("equal_gain_s", sa.Float(), server_default="180", nullable=False),
        sa.Column("max_switches", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_advice_settings_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advice_settings")),
    )
    op.execute("INSERT INTO advice_settings (id) VALUES (1)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for table in ("advice_settings", "proposals", "advice"):
        op.drop_table(table)
