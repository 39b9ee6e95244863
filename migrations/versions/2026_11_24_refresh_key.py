"""A refresh whose answer was lost may be asked again.

Deploy rule: a new column without a value, the program of the release before does not mind.

Revision: 0092, after 0091.
"""

import sqlalchemy as sa
from alembic import op

revision = "0092"
down_revision = "0091"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("sessions", sa.Column("refresh_key", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_column("sessions", "refresh_key")
