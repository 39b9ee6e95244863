"""The history of positions, in partitions of a day (UTC).

Deploy rule: a new table, the program of the release before does not mind. The partitions themselves are made by the
program, ahead of their day.

Revision: 0050, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "positions",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delay_ms", sa.Integer(), nullable=False),
        sa.Column("car_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("lat_e7", sa.Integer(), nullable=False),
        sa.Column("lon_e7", sa.Integer(), nullable=False),
        sa.Column("accuracy_dm", sa.SmallInteger(), nullable=True),
        sa.Column("speed_cmps", sa.SmallInteger(), nullable=True),
        sa.Column("heading_deg", sa.SmallInteger(), nullable=True),
        sa.Column("source", sa.SmallInteger(), nullable=False),
        sa.Column("flags", sa.SmallInteger(), nullable=False),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index("ix_positions_at", "positions", ["at"], postgresql_using="brin")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("positions")
