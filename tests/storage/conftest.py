"""A little database of its own, once of each kind."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.storage.engine import make_engine
from app.storage.failures import counter_table
from app.storage.sessions import SessionColumns
from app.storage.types import UtcDateTime


class Base(DeclarativeBase):
    """The tables of these tests."""


class Owner(Base):
    """Whose sessions the sessions are."""

    __tablename__ = "account"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)


class SomeSession(SessionColumns, Base):
    """A session of nobody in particular."""

    __tablename__ = "some_session"


METADATA: MetaData = Base.metadata
NOTE = Table(
    "note", METADATA, Column("id", Integer, primary_key=True), Column("text", String(40)), Column("at", UtcDateTime)
)
COUNTERS = counter_table(METADATA)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def engine(any_database: str) -> Iterator[Engine]:
    """The engine, with its tables made."""
    made = make_engine(any_database)
    METADATA.create_all(made)
    yield made
    made.dispose()
