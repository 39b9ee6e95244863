"""What a missed norm costs, as a setting of the advice.

Deploy rule: a column with a default, the program of the release before does not mind.

Revision: 0094, after 0093.
"""

import sqlalchemy as sa
from alembic import op

revision = "0094"
down_revision = "0093"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("advice_settings", sa.Column("late_s", sa.Float(), server_default="900", nullable=False))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_column("advice_settings", "late_s")
