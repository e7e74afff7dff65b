"""What Alembic runs; `app.storage.migrations` calls it."""
