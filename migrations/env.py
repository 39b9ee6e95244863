"""How Alembic runs the migrations; `brigada.db.migrate` gives the connection."""

import sqlalchemy as sa
from alembic import context

from brigada.db.migrate import LOCK_KEY


def run() -> None:
    """Run each migration in its own transaction, while no other process migrates.

    The advisory lock waits without a limit: the other process is busy with the very same work.
    """
    connection = context.config.attributes["connection"]
    if not isinstance(connection, sa.Connection):
        raise TypeError("migrations run through `brigada migrate`, which gives them a connection")
    limit = connection.scalar(sa.text("SELECT current_setting('lock_timeout')"))
    connection.execute(sa.text("SET lock_timeout = 0"))
    connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": LOCK_KEY})
    connection.execute(sa.text("SELECT set_config('lock_timeout', :limit, false)"), {"limit": limit})
    connection.commit()
    try:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK_KEY})
        connection.commit()


run()
