"""An outbox in a database of its own, with keys; once on SQLite and once on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.delivery.fake import InboxPort
from app.storage.engine import make_engine
from app.storage.keyring import Keyring
from tests.delivery.office import METADATA, NOON, Office


@pytest.fixture
def office(tmp_path: Path, any_database: str) -> Iterator[Office]:
    engine = make_engine(any_database)
    METADATA.create_all(engine)
    keys_file = tmp_path / "keys.json"
    yield Office(engine, any_database, keys_file, Keyring.load(keys_file, create=True))
    engine.dispose()


@pytest.fixture
def inbox_port(office: Office) -> InboxPort:
    return InboxPort(office.engine, office.tables, lambda: NOON)
