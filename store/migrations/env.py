"""Alembic's entry: the engine comes from store.database, the metadata from store.tables."""

from alembic import context
from sqlmodel import SQLModel

from store import tables  # noqa: F401

engine = context.config.attributes["engine"]

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        # SQLite alters a table by copying it
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        user_module_prefix="tables.",
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
