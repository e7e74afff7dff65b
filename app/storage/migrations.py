"""Migrations of a service's database: numbered files in its `migrations/versions`, the last one pinned in `HEAD`."""

import logging
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, inspect, text
from sqlalchemy.exc import OperationalError

from app.storage.engine import WRITE_OPTION

log = logging.getLogger(__name__)

# Any number of ours, known to all processes.
UPGRADE_LOCK = 8_714_001
SCRIPTS = Path(__file__).resolve().parent / "alembic"


class Migrations:
    """One service's migrations. Alembic is loaded by the commands only; a web process just compares two names."""

    def __init__(self, folder: Path, metadata: MetaData) -> None:
        self.folder = folder
        self.metadata = metadata

    @property
    def head(self) -> str:
        """The revision this code needs."""
        return (self.folder / "HEAD").read_text("utf-8").strip()

    def is_current(self, engine: Engine) -> bool:
        """Whether the database is at that revision."""
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return False
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        return bool(found == self.head)

    def upgrade(self, engine: Engine) -> None:
        """Bring the database to that revision. Several processes may try at once; one does it and the others wait."""
        from alembic import command

        with engine.connect().execution_options(**{WRITE_OPTION: True}) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
            command.upgrade(self._config(connection), self.head)
            connection.commit()

    def make_current(self, engine: Engine) -> None:
        """Upgrade where that is needed, at the start of a service outside production.

        A database that is away is left alone: the service starts and says at `/readyz` that it is not ready.
        """
        try:
            if not self.is_current(engine):
                self.upgrade(engine)
        except OperationalError as error:
            log.warning("the database cannot be reached: %s", type(error.orig).__name__)

    def write(self, engine: Engine, number: str, slug: str) -> None:
        """Write the next migration from the difference between tables and database; for developers."""
        from alembic import command

        with engine.connect() as connection:
            command.revision(self._config(connection), slug, autogenerate=True, rev_id=number)

    def differences(self, engine: Engine) -> list[Any]:
        """How the database differs from the tables; empty when the migrations are complete."""
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        with engine.connect() as connection:
            return list(compare_metadata(MigrationContext.configure(connection), self.metadata))

    def _config(self, connection: Any) -> Any:
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.set_main_option("version_locations", str(self.folder / "versions"))
        config.set_main_option("path_separator", "os")
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        config.attributes.update(connection=connection, metadata=self.metadata)
        return config
