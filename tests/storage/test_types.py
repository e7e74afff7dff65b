"""Moments in the database: aware, in UTC, the same on both kinds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import StatementError

from tests.storage.conftest import NOON, NOTE


def stored(engine: Engine, moment: datetime | None) -> datetime | None:
    with engine.begin() as connection:
        connection.execute(insert(NOTE).values(id=1, at=moment))
        return connection.scalar(select(NOTE.c.at))


@pytest.mark.parametrize(
    "moment",
    [NOON, NOON.replace(microsecond=123_456), NOON.astimezone(timezone(timedelta(hours=5, minutes=45))),
     datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)],
)  # fmt: skip
def test_a_moment_comes_back_as_it_was_in_utc(engine: Engine, moment: datetime) -> None:
    found = stored(engine, moment)
    assert found == moment
    assert found is not None
    assert found.tzinfo is UTC or found.utcoffset() == timedelta()


def test_none_stays_none(engine: Engine) -> None:
    assert stored(engine, None) is None


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        stored(engine, NOON.replace(tzinfo=None))


def test_moments_of_different_zones_compare_as_moments(engine: Engine) -> None:
    later = (NOON + timedelta(minutes=1)).astimezone(timezone(timedelta(hours=-11)))
    stored(engine, NOON)
    with engine.connect() as connection:
        assert connection.scalar(select(NOTE.c.id).where(NOTE.c.at < later)) == 1
        assert connection.scalar(select(NOTE.c.id).where(NOTE.c.at >= later)) is None
