"""One transaction for one flow: all of it or nothing, and writers that take turns instead of failing."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from app.storage.engine import make_engine
from app.storage.sessions import limits
from app.storage.unit_of_work import unit_of_work
from tests.storage.conftest import NOON, NOTE, Owner, SomeSession


def count(engine: Engine) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(NOTE)) or 0


def write(session: Session, *numbers: int, fault: type[BaseException] | None = None) -> None:
    """Write notes in one unit, and end it with a fault if one is given."""
    with unit_of_work(session) as work:
        for number in numbers:
            work.execute(insert(NOTE).values(id=number))
        if fault is not None:
            raise fault


def nest(session: Session) -> None:
    with unit_of_work(session) as work:
        work.execute(insert(NOTE).values(id=1))
        write(session, 2)


def test_what_was_written_is_there_afterwards(engine: Engine) -> None:
    with Session(engine) as session, unit_of_work(session) as work:
        work.execute(insert(NOTE).values(id=1))
        assert count(engine) == 0, "and not before"
    assert count(engine) == 1


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_ends_in_a_fault_was_never_there(engine: Engine, fault: type[BaseException]) -> None:
    with Session(engine) as session:
        with pytest.raises(fault):
            write(session, 1, fault=fault)
        write(session, 2)
    assert count(engine) == 1


def test_a_fault_of_the_database_itself_is_one_too(engine: Engine) -> None:
    with Session(engine) as session:
        with pytest.raises(IntegrityError):
            write(session, 1, 1)
        assert count(engine) == 0
        write(session, 1)


def test_a_fault_at_the_commit_leaves_nothing(engine: Engine) -> None:
    with Session(engine) as session, pytest.raises(IntegrityError), unit_of_work(session) as work:
        work.add_all([Owner(id="a"), Owner(id="a")])
    with Session(engine) as session:
        assert session.get(Owner, "a") is None


def test_units_do_not_nest(engine: Engine) -> None:
    with Session(engine) as session:
        with pytest.raises(RuntimeError, match="open already"):
            nest(session)
        assert count(engine) == 0
        write(session, 1)
    assert count(engine) == 1


def test_two_one_after_the_other_are_fine_on_a_shared_handle(engine: Engine) -> None:
    handle = scoped_session(sessionmaker(engine))
    for number in (1, 2):
        with unit_of_work(handle) as work:
            work.execute(insert(NOTE).values(id=number))
    handle.remove()
    assert count(engine) == 2


def test_what_was_read_before_is_read_again_inside(engine: Engine) -> None:
    with Session(engine) as session, unit_of_work(session) as work:
        work.add(Owner(id="a"))
    with Session(engine) as early, Session(engine) as late:
        seen = early.get(Owner, "a")
        with unit_of_work(late) as work:
            work.execute(text("DELETE FROM account"))
        with unit_of_work(early) as work:
            assert work.get(Owner, "a") is None
        assert seen is not None


def together(tasks: list[Callable[[], None]]) -> list[BaseException]:
    """Run all at the same moment; what they raised."""
    faults: list[BaseException] = []
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], None]) -> None:
        start.wait(10)
        try:
            task()
        except BaseException as fault:  # noqa: BLE001 - told to the test
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return faults


def test_writers_take_turns_and_none_is_lost(any_database: str, engine: Engine) -> None:
    """Each reads, then writes what it read plus one: with a late lock, SQLite would refuse and counts would be lost."""
    with Session(engine) as session, unit_of_work(session) as work:
        work.execute(insert(NOTE).values(id=1, text="0"))

    def add_one() -> None:
        own = make_engine(any_database)
        for _ in range(10):
            with Session(own) as session, unit_of_work(session) as work:
                before = work.scalar(select(NOTE.c.text).where(NOTE.c.id == 1).with_for_update())
                work.execute(update(NOTE).values(text=str(int(before or 0) + 1)))
        own.dispose()

    assert together([add_one] * 4) == []
    with Session(engine) as session:
        assert session.scalar(select(NOTE.c.text)) == "40"


def test_a_reader_is_not_held_up_by_a_writer(engine: Engine) -> None:
    with Session(engine) as session, unit_of_work(session) as work:
        work.execute(insert(NOTE).values(id=1))
        assert count(engine) == 0


def test_foreign_keys_are_kept(engine: Engine) -> None:
    with Session(engine) as session:
        session.add(SomeSession(key="k", account_id="nobody", assurance="aal1", **limits(NOON)))
        with pytest.raises(IntegrityError):
            session.commit()


def test_the_text_of_a_database_fault_holds_no_values(engine: Engine) -> None:
    secret = "somebody@example.org"
    with (
        Session(engine) as session,
        pytest.raises((OperationalError, StatementError)) as caught,
        unit_of_work(session) as work,
    ):
        work.execute(text("INSERT INTO nowhere (a) VALUES (:a)"), {"a": secret})
    assert secret not in str(caught.value)
