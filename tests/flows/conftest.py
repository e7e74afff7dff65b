"""The portal's tables in an empty database, once of each kind, for flows without an app around them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.models import all as tables
from app.storage.engine import make_engine
from app.storage.keyring import Keyring


@pytest.fixture
def engine(any_database: str) -> Iterator[Engine]:
    engine = make_engine(any_database)
    tables.MIGRATIONS.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as opened:
        yield opened


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.load(tmp_path / "keys.json", create=True)


@pytest.fixture
def noon() -> datetime:
    return datetime(2027, 3, 31, 12, 0, tzinfo=UTC)
