"""The portal's tables in a database of their own: SQLite, or what `QAAMS_TEST_DATABASE_URL` names."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.models import all as tables
from app.storage.engine import make_engine
from app.storage.keyring import Keyring

NOON = datetime(2027, 3, 31, 12, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(os.environ.get("QAAMS_TEST_DATABASE_URL") or f"sqlite:///{tmp_path / 'portal.sqlite'}")
    tables.MIGRATIONS.metadata.drop_all(engine)
    tables.MIGRATIONS.metadata.create_all(engine)
    yield engine
    tables.MIGRATIONS.metadata.drop_all(engine)
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
    return NOON
