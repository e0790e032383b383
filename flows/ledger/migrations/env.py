"""Alembic's entry point: migrate over the connection that the ledger hands in."""

from alembic import context

from flows.ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
