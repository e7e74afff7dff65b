"""An audit record in a database of its own; once on SQLite and once on PostgreSQL."""

from collections.abc import Iterator

import pytest

from app.audit.tables import undo_append_only
from app.storage.engine import make_engine
from tests.audit.archive import METADATA, Archive


@pytest.fixture
def archive(any_database: str) -> Iterator[Archive]:
    engine = make_engine(any_database)
    METADATA.create_all(engine)
    yield Archive(engine)
    engine.dispose()


@pytest.fixture
def unprotected(archive: Archive) -> Archive:
    """A record of five events whose triggers an intruder has dropped."""
    archive.write(5)
    with archive.engine.begin() as connection:
        for statement in undo_append_only(archive.engine.dialect.name):
            connection.exec_driver_sql(statement)
    return archive
