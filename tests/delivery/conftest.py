"""An outbox in a database of its own, with keys: SQLite, or what `QAAMS_TEST_DATABASE_URL` names."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.delivery.fake import InboxPort
from app.storage.engine import make_engine
from app.storage.keyring import Keyring
from tests.delivery.office import METADATA, NOON, Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    url = os.environ.get("QAAMS_TEST_DATABASE_URL") or f"sqlite:///{tmp_path / 'outbox.sqlite'}"
    engine = make_engine(url)
    METADATA.drop_all(engine)
    METADATA.create_all(engine)
    keys_file = tmp_path / "keys.json"
    yield Office(engine, url, keys_file, Keyring.load(keys_file, create=True))
    METADATA.drop_all(engine)
    engine.dispose()


@pytest.fixture
def inbox_port(office: Office) -> InboxPort:
    return InboxPort(office.engine, office.tables, lambda: NOON)
