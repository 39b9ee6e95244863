"""The warning that came with an answer is remembered with it.

Deploy rule: a column that may be empty, the program of the release before does not mind.

Revision: 0095, after 0094.
"""

import sqlalchemy as sa
from alembic import op

revision = "0095"
down_revision = "0094"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("idempotency_keys", sa.Column("warning", sa.String(40), nullable=True))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_column("idempotency_keys", "warning")
