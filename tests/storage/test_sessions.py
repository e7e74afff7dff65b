"""When a session is live: the two limits to the second, and how seldom its use is written."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.storage.sessions import ABSOLUTE_LIMIT, IDLE_LIMIT, LAST_SEEN_STEP, find, is_stale, limits
from tests.storage.conftest import NOON, Owner, SomeSession

KEY = "k" * 64
SECOND = timedelta(seconds=1)


@pytest.fixture
def row(engine: Engine) -> SomeSession:
    with Session(engine, expire_on_commit=False) as session:
        session.add(Owner(id="a"))
        session.flush()
        made = SomeSession(key=KEY, account_id="a", assurance="aal2", **limits(NOON))
        session.add(made)
        session.commit()
        return made


def change(engine: Engine, row: SomeSession, **values: datetime) -> None:
    with Session(engine) as session:
        found = session.get_one(SomeSession, row.id)
        for name, value in values.items():
            setattr(found, name, value)
        session.commit()


def is_found(engine: Engine, at: datetime, key: str = KEY) -> bool:
    with Session(engine) as session:
        return find(session, SomeSession, key, at) is not None


@pytest.mark.parametrize(("after", "live"), [(timedelta(), True), (IDLE_LIMIT - SECOND, True), (IDLE_LIMIT, False)])
def test_the_idle_limit(engine: Engine, row: SomeSession, after: timedelta, live: bool) -> None:
    assert is_found(engine, NOON + after) is live


@pytest.mark.parametrize(("after", "live"), [(ABSOLUTE_LIMIT - SECOND, True), (ABSOLUTE_LIMIT, False)])
def test_the_absolute_limit_whatever_is_done(
    engine: Engine,
    row: SomeSession,
    after: timedelta,
    live: bool,
) -> None:
    change(engine, row, last_seen_at=NOON + after)
    assert is_found(engine, NOON + after) is live


def test_an_ended_one_is_none(engine: Engine, row: SomeSession) -> None:
    change(engine, row, ended_at=NOON)
    assert not is_found(engine, NOON)


def test_another_browsers_is_none(engine: Engine, row: SomeSession) -> None:
    assert not is_found(engine, NOON, "j" * 64)
    assert not is_found(engine, NOON, "")


def test_two_of_one_browser_cannot_be(engine: Engine, row: SomeSession) -> None:
    with Session(engine) as session:
        session.add(SomeSession(key=KEY, account_id="a", assurance="aal2", **limits(NOON)))
        with pytest.raises(IntegrityError):
            session.commit()


@pytest.mark.parametrize(("after", "stale"), [(LAST_SEEN_STEP - SECOND, False), (LAST_SEEN_STEP, True)])
def test_use_is_written_once_a_minute(row: SomeSession, after: timedelta, stale: bool) -> None:
    assert is_stale(row, NOON + after) is stale


def test_the_documented_limits() -> None:
    assert timedelta(minutes=30) == IDLE_LIMIT
    assert timedelta(hours=12) == ABSOLUTE_LIMIT
