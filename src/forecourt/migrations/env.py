"""Run by Alembic; see the package's docstring."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from forecourt.migrations import include_name, load_metadata, render_item

_LOCK_KEY = 0x6D69_6772_6174  # "migrat"


def run() -> None:
    """Migrate in one transaction, one process at a time."""
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=load_metadata(),
            include_name=include_name,
            render_item=render_item,
            compare_type=True,
            transaction_per_migration=True,
        )
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
        connection.commit()
        try:
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
            connection.commit()
    engine.dispose()


run()
