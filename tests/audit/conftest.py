"""An audit record in a database of its own: SQLite, or what `QAAMS_TEST_DATABASE_URL` names."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.audit.tables import undo_append_only
from app.storage.engine import make_engine
from tests.audit.archive import METADATA, Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    engine = make_engine(os.environ.get("QAAMS_TEST_DATABASE_URL") or f"sqlite:///{tmp_path / 'audit.sqlite'}")
    METADATA.drop_all(engine)
    METADATA.create_all(engine)
    yield Archive(engine)
    METADATA.drop_all(engine)
    engine.dispose()


@pytest.fixture
def unprotected(archive: Archive) -> Archive:
    """A record of five events whose triggers an intruder has dropped."""
    archive.write(5)
    with archive.engine.begin() as connection:
        for statement in undo_append_only(archive.engine.dialect.name):
            connection.exec_driver_sql(statement)
    return archive
