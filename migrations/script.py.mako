"""${message}.

Deploy rule: the program of the release before runs on the structure after this migration, since replicas are
replaced one by one. So: add first, use in the same release, remove in the next one. A new column is nullable or has a
constant default; a new index is made CONCURRENTLY on a table that is written to; a constraint is added NOT VALID and
validated in a migration of its own. The session's lock_timeout is 4 s: a migration that can't get its lock
fails, changes nothing, and is run again.

Revision: ${up_revision}, after ${down_revision | comma,n}.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    ${upgrades if upgrades else "op.execute(sa.text('SELECT 1'))"}


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    ${downgrades if downgrades else "op.execute(sa.text('SELECT 1'))"}
