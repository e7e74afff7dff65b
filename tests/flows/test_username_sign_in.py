"""Signing in with an existing username: who gets in, who does not, and what guessing costs."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType

import pytest
from sqlalchemy import Engine, event, func, select, update
from sqlalchemy.orm import Session

from app.authenticators import imported_hashes, passwords
from app.domain.errors import (
    TOO_MANY,
    USERNAME_CLOSED,
    USERNAME_EXPIRED,
    USERNAME_FROZEN,
    WRONG_PASSWORD,
    Outcome,
    Refusal,
    Refused,
)
from app.flows.identity.sign_in_with_username import Attempt, sign_in_with_username
from app.models.audit import tables
from app.models.outbox import counters
from app.models.session import PortalSession
from app.models.username import Username
from app.storage.keyring import Keyring
from tests.support.imports import PASSWORD, old_hash, run_import, usernames_file

HOME_OFFICE = "192.0.2.7"
HASHING = {"pbkdf2_hmac", "hash_secret", "verify_secret"}
SignIn = Callable[..., Outcome[PortalSession]]


@pytest.fixture
def sign_in(engine: Engine, session: Session, keyring: Keyring, noon: datetime) -> SignIn:
    """Sign in from a browser of one's own; `after` seconds since noon."""
    run_import(session, usernames_file({"username": "RO.Smith"}, {"username": "poa"}), noon)
    browsers = iter(range(10_000))

    def run(
        username: str = "ro.smith",
        password: str = PASSWORD,
        *,
        address: str | None = HOME_OFFICE,
        old_key: str = "none",
        after: float = 0,
    ) -> Outcome[PortalSession]:
        attempt = Attempt(username, password, address, f"{next(browsers):064x}", old_key)
        with Session(engine, expire_on_commit=False) as own:
            return sign_in_with_username(own, keyring, attempt, noon + timedelta(seconds=after))

    return run


def fail(sign_in: SignIn, times: int, **given: object) -> None:
    """Guess wrong so often, each time as late as it has to be."""
    for number in range(times):
        assert sign_in(password=f"guess {number}", after=number * 7200, **given).refusal is WRONG_PASSWORD


def username(session: Session) -> Username:
    session.rollback()
    return session.scalars(select(Username).where(Username.folded == "ro.smith")).one()


def kinds(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(tables.event.c.kind).order_by(tables.event.c.serial)))


def count(session: Session, number: int) -> None:
    """Say that so many failures were counted."""
    session.execute(update(counters).values(number=number))
    session.commit()


def waits(sign_in: SignIn, **given: object) -> int:
    """How many seconds the next attempt has to wait."""
    with pytest.raises(Refused) as refused:
        sign_in(**given)
    assert refused.value.refusal is TOO_MANY
    assert refused.value.retry_after is not None
    return refused.value.retry_after


class TestGettingIn:
    def test_a_session_of_one_factor(self, sign_in: SignIn, session: Session, noon: datetime) -> None:
        opened = sign_in(" RO.SMITH ").value
        assert opened is not None
        row = session.get_one(PortalSession, opened.id)
        assert (row.assurance, row.methods, row.via) == ("aal1", "pwd", "username")
        assert (row.account_id, row.authenticated_at) == (username(session).account_id, noon)
        assert kinds(session) == ["usernames.imported", "username.rehashed", "sign_in.finished"]

    def test_hashed_anew_at_first_use_and_once(self, sign_in: SignIn, session: Session, noon: datetime) -> None:
        sign_in()
        first = username(session)
        assert imported_hashes.is_current(first.password_hash)
        assert passwords.verify(PASSWORD, first.password_hash)
        assert first.rehashed_at == noon
        assert sign_in(after=60).ok
        again = username(session)
        assert (again.password_hash, again.rehashed_at) == (first.password_hash, noon)

    def test_a_wrong_password_leaves_the_old_hash(self, sign_in: SignIn, session: Session) -> None:
        sign_in(password="guess")
        assert username(session).password_hash == old_hash()

    def test_the_old_hash_is_of_the_password_as_typed(self, sign_in: SignIn, session: Session) -> None:
        decomposed = "cafe\u0301 au lait 3"
        session.execute(update(Username).values(password_hash=old_hash(decomposed)))
        session.commit()
        assert sign_in(password=decomposed).ok
        # From now on it is the same password however the keyboard writes it.
        assert sign_in(password="caf\u00e9 au lait 3").ok

    def test_the_earlier_session_of_the_browser_ends(self, sign_in: SignIn, session: Session, noon: datetime) -> None:
        first = sign_in("poa").value
        assert first is not None
        second = sign_in(old_key=first.key, after=60).value
        assert second is not None
        assert session.get_one(PortalSession, first.id).ended_at == noon + timedelta(seconds=60)
        assert session.get_one(PortalSession, second.id).ended_at is None

    @pytest.mark.parametrize(("password", "refusal"), [(PASSWORD, None), ("changed since", WRONG_PASSWORD)])
    def test_the_hash_changes_during_the_check(
        self, sign_in: SignIn, engine: Engine, session: Session, password: str, refusal: Refusal | None
    ) -> None:
        """Another first use replaces it meanwhile: the new one is asked, and it decides."""
        fresh = passwords.hash_password(password)

        def replace(*_: object) -> None:
            session.execute(update(Username).values(password_hash=fresh))
            session.commit()

        # The first time that the connection is let go: the username has been looked up.
        event.listen(engine, "checkin", replace, once=True)
        with watched(engine) as calls:
            assert sign_in().refusal is refusal
        assert {connections for _, connections in calls} == {0}
        assert username(session).password_hash == fresh


class TestWrong:
    @pytest.mark.parametrize(
        "given",
        [
            {"password": "guess"},
            {"username": "nobody"},
            {"username": "x" * 50_000},
            {"username": "\ud800"},
            {"username": "ro.smith\0"},
            {"password": "\ud800"},
            {"password": "x" * 50_000},
            {"password": PASSWORD.upper()},
            {"password": PASSWORD + " "},
        ],
    )
    def test_one_answer_for_all(self, sign_in: SignIn, session: Session, given: dict[str, str]) -> None:
        assert sign_in(**given).refusal is WRONG_PASSWORD
        assert kinds(session)[-1] == "sign_in.refused"
        assert session.scalar(select(func.count()).select_from(PortalSession)) == 0

    @pytest.mark.parametrize(
        ("status", "refusal"),
        [("frozen", USERNAME_FROZEN), ("expired", USERNAME_EXPIRED), ("closed", USERNAME_CLOSED)],
    )
    def test_a_status_is_told_after_the_right_password_only(
        self, sign_in: SignIn, session: Session, status: str, refusal: Refusal
    ) -> None:
        session.execute(update(Username).values(status=status))
        session.commit()
        assert sign_in(password="guess").refusal is WRONG_PASSWORD
        assert sign_in().refusal is refusal
        assert session.scalar(select(func.count()).select_from(PortalSession)) == 0
        assert username(session).password_hash == old_hash()

    def test_the_record_names_nobody(self, sign_in: SignIn, session: Session) -> None:
        sign_in(password="guess")
        texts = " ".join(session.scalars(select(tables.event.c.payload)))
        assert "smith" not in texts.lower()
        assert HOME_OFFICE not in texts

    def test_no_name_and_no_address_is_kept_with_the_counts(self, sign_in: SignIn, session: Session) -> None:
        sign_in("nobody", password="guess")
        rows = session.execute(select(counters)).all()
        assert {row.scope for row in rows} == {"sign_in.username", "sign_in.address"}
        assert all(len(row.subject) == 64 for row in rows)


class TestGuessing:
    @pytest.mark.parametrize("name", ["ro.smith", "nobody"])
    def test_waits_grow_whether_the_username_exists_or_not(self, sign_in: SignIn, name: str) -> None:
        for _ in range(5):
            assert sign_in(name, password="guess").refusal is WRONG_PASSWORD
        assert waits(sign_in, username=name) == 30
        assert waits(sign_in, username=name, after=29) == 1
        assert sign_in(name, password="guess", after=30).refusal is WRONG_PASSWORD
        assert waits(sign_in, username=name, after=30) == 60

    def test_four_failures_cost_no_wait_and_success_forgets_them(self, sign_in: SignIn) -> None:
        for _ in range(2):
            for _ in range(4):
                sign_in(password="guess")
            assert sign_in().ok

    def test_success_costs_the_address_nothing(self, sign_in: SignIn, session: Session) -> None:
        for number in range(60):
            assert sign_in(after=number).ok
        assert session.execute(select(counters)).all() == []

    def test_a_waiting_attempt_is_not_looked_at(self, sign_in: SignIn) -> None:
        fail(sign_in, 5)
        last = 4 * 7200
        for second in range(3):
            assert waits(sign_in, after=last + second) == 30 - second
        assert sign_in(after=last + 30).ok

    def test_other_usernames_do_not_wait(self, sign_in: SignIn) -> None:
        for _ in range(5):
            sign_in(password="guess")
        assert sign_in("poa").ok

    def test_an_address_that_guesses_names_waits(self, sign_in: SignIn) -> None:
        for number in range(50):
            assert sign_in(f"name{number}", password="guess").refusal is WRONG_PASSWORD
        assert waits(sign_in) == 30
        assert sign_in(address="192.0.2.8").ok
        assert sign_in("name", password="guess", after=12 * 3600).refusal is WRONG_PASSWORD
        assert sign_in(after=12 * 3600).ok

    def test_one_right_username_does_not_pay_for_guesses(self, sign_in: SignIn) -> None:
        for number in range(25):
            sign_in(f"name{number}", password="guess")
            assert sign_in("poa").ok
        for number in range(25):
            sign_in(f"other{number}", password="guess")
        assert waits(sign_in) == 30

    def test_a_network_of_ipv6_is_one_address(self, sign_in: SignIn) -> None:
        for number in range(50):
            sign_in(f"name{number}", password="guess", address=f"2001:db8:1:2::{number:x}")
        assert waits(sign_in, address="2001:db8:1:2:ffff::1") == 30
        assert sign_in(address="2001:db8:1:3::1").ok

    def test_disabled_at_a_hundred_and_nobody_is_told(self, sign_in: SignIn, session: Session) -> None:
        sign_in(password="guess", address=None)
        count(session, 99)
        assert sign_in(address=None, after=7200).ok
        sign_in(password="guess", address=None)
        count(session, 99)
        assert sign_in(password="guess", address=None, after=7200).refusal is WRONG_PASSWORD
        assert sign_in(address=None, after=2 * 7200).refusal is WRONG_PASSWORD
        assert sign_in(address=None, after=10_000 * 7200).refusal is WRONG_PASSWORD

    def test_the_record_says_when_waiting_begins(self, sign_in: SignIn, session: Session) -> None:
        for _ in range(4):
            sign_in(password="guess")
        assert "throttle.engaged" not in kinds(session)
        sign_in(password="guess")
        assert kinds(session)[-2:] == ["throttle.engaged", "sign_in.refused"]

    def test_guesses_at_the_same_moment_are_all_counted(self, sign_in: SignIn, session: Session) -> None:
        start, answers = threading.Barrier(4), []

        def guess() -> None:
            start.wait()
            answers.append(sign_in(password="guess").refusal)

        threads = [threading.Thread(target=guess) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [WRONG_PASSWORD] * 4
        assert set(session.scalars(select(counters.c.number))) == {4}


@contextmanager
def watched(engine: Engine) -> Iterator[list[tuple[str, int]]]:
    """Note each call that hashes a password, and how many connections are in use at that moment."""
    calls: list[tuple[str, int]] = []

    def watch(frame: FrameType, kind: str, called: object) -> None:
        name = frame.f_code.co_name if kind == "call" else getattr(called, "__name__", "")
        if kind in ("call", "c_call") and name in HASHING:
            calls.append((name, engine.pool.checkedout()))  # type: ignore[attr-defined]

    sys.setprofile(watch)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def test_no_transaction_is_open_while_hashing(sign_in: SignIn, engine: Engine) -> None:
    """Else everybody who writes would wait for Argon2; shown for right and wrong passwords and for nobody's."""
    with watched(engine) as calls:
        answers = [sign_in(password="guess").ok, sign_in("nobody").ok, sign_in().ok, sign_in().ok]
    assert answers == [False, False, True, True]
    assert set(calls) == {(name, 0) for name in HASHING}


def test_what_nobody_has_costs_a_verification_too(sign_in: SignIn, engine: Engine, session: Session) -> None:
    sign_in("nobody")  # the first one in a process also makes the hash that is verified against
    sign_in("poa")
    with watched(engine) as calls:
        for name in ("nobody", "poa", "x" * 500, "\0"):
            assert sign_in(name, password="guess").refusal is WRONG_PASSWORD
    assert [name for name, _ in calls] == ["verify_secret"] * 4
    with watched(engine) as calls:  # an old hash is checked beside the queue for Argon2, so it stands there once too
        assert sign_in(password="guess").refusal is WRONG_PASSWORD
    assert [name for name, _ in calls] == ["pbkdf2_hmac", "verify_secret"]
    count(session, 100)
    with watched(engine) as calls:
        assert sign_in("poa", address=None).refusal is WRONG_PASSWORD
    assert [name for name, _ in calls] == ["verify_secret"]
