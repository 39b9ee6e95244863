"""What cars drive, by the hour.

Deploy rule: a new table, the program of the release before does not mind.

Revision: 0091, after 0090.
"""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "car_mileage",
        sa.Column("car_id", sa.BigInteger(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("metres", sa.Float(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("car_id", "hour", "team_id", name=op.f("pk_car_mileage")),
    )
    op.create_index(op.f("ix_car_mileage_counted_at"), "car_mileage", ["counted_at"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("car_mileage")
