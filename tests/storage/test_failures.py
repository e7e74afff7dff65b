"""Counters that hold for all workers: nothing is lost when guesses come at the same moment."""

from datetime import timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.storage import failures
from app.storage.engine import make_engine
from app.storage.failures import Count
from app.storage.unit_of_work import unit_of_work
from tests.storage.conftest import COUNTERS, NOON
from tests.storage.test_unit_of_work import together

SCOPE, SUBJECT = "username", "s" * 64
MINUTE = timedelta(minutes=1)


def add(engine: Engine, at: timedelta = timedelta(), subject: str = SUBJECT, window: timedelta | None = None) -> Count:
    with Session(engine) as session, unit_of_work(session) as work:
        return failures.add(work, COUNTERS, SCOPE, subject, NOON + at, window)


def read(engine: Engine, scope: str = SCOPE, subject: str = SUBJECT) -> Count:
    with Session(engine) as session:
        return failures.read(session, COUNTERS, scope, subject)


def test_nothing_counted_is_zero(engine: Engine) -> None:
    assert read(engine) == Count(0, None, None)


def test_counts_up_and_keeps_first_and_last(engine: Engine) -> None:
    assert add(engine) == Count(1, NOON, NOON)
    assert add(engine, MINUTE) == Count(2, NOON, NOON + MINUTE)
    assert read(engine) == Count(2, NOON, NOON + MINUTE)


def test_others_are_counted_apart(engine: Engine) -> None:
    add(engine)
    assert add(engine, subject="t" * 64).number == 1
    assert read(engine, scope="address").number == 0


def test_a_count_older_than_its_window_begins_again(engine: Engine) -> None:
    add(engine, window=10 * MINUTE)
    assert add(engine, 10 * MINUTE - timedelta(seconds=1), window=10 * MINUTE).number == 2
    assert add(engine, 10 * MINUTE, window=10 * MINUTE) == Count(1, NOON + 10 * MINUTE, NOON + 10 * MINUTE)


def test_without_a_window_it_never_does(engine: Engine) -> None:
    add(engine)
    assert add(engine, timedelta(days=400)).number == 2


def test_one_is_taken_back_and_the_others_stay(engine: Engine) -> None:
    for _ in range(3):
        add(engine)
    for left in (2, 1, 0, 0):
        with Session(engine) as session, unit_of_work(session) as work:
            failures.take_back(work, COUNTERS, SCOPE, SUBJECT, NOON)
        assert read(engine).number == left


def take_back(engine: Engine, at: timedelta) -> None:
    with Session(engine) as session, unit_of_work(session) as work:
        failures.take_back(work, COUNTERS, SCOPE, SUBJECT, NOON + at)


def test_what_is_taken_back_makes_nobody_wait_anew(engine: Engine) -> None:
    add(engine)
    add(engine, MINUTE)
    take_back(engine, MINUTE)
    assert read(engine) == Count(1, NOON, NOON)


def test_a_failure_that_came_meanwhile_keeps_its_moment(engine: Engine) -> None:
    for at in (timedelta(), MINUTE, 2 * MINUTE):
        add(engine, at)
    take_back(engine, MINUTE)
    assert read(engine) == Count(2, NOON, NOON + 2 * MINUTE)


def erase(engine: Engine, after: timedelta, *lasting: str) -> int:
    with Session(engine) as session, unit_of_work(session) as work:
        return failures.erase_old(work, COUNTERS, lasting, NOON + after)


def test_old_counts_of_addresses_go_and_young_ones_stay(engine: Engine) -> None:
    for _ in range(50):
        add(engine)
    assert erase(engine, timedelta(hours=23)) == 0
    assert erase(engine, timedelta(days=1)) == 1
    assert read(engine).number == 0


def test_failures_in_a_row_stand_however_old_and_a_few_do_not(engine: Engine) -> None:
    for _ in range(5):
        add(engine)
    add(engine, subject="t" * 64)
    assert erase(engine, timedelta(days=29), SCOPE) == 0
    assert erase(engine, timedelta(days=400), SCOPE) == 1
    assert read(engine).number == 5


def test_all_are_forgotten_after_a_success_and_nobody_elses(engine: Engine) -> None:
    add(engine)
    add(engine, subject="t" * 64)
    with Session(engine) as session, unit_of_work(session) as work:
        failures.clear(work, COUNTERS, SCOPE, SUBJECT)
    assert read(engine).number == 0
    assert read(engine, subject="t" * 64).number == 1


def test_guesses_at_the_same_moment_all_count(any_database: str, engine: Engine) -> None:
    """Also the very first ones, for which there is no row yet that could be locked."""

    def guess() -> None:
        own = make_engine(any_database)
        for _ in range(5):
            add(own)
        own.dispose()

    assert together([guess] * 6) == []
    assert read(engine).number == 30
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(COUNTERS)) == 1
