"""Signing in with an existing username: counted, checked, hashed anew at first use, and a session of one factor.

Hashing never happens inside a transaction: a writer would keep all others waiting meanwhile. The floor under the time
of failures is `web.waiting`'s.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.events import SignInRefused, ThrottleEngaged, UsernameRehashed
from app.audit.record import record
from app.authenticators import imported_hashes, passwords, throttle
from app.domain.errors import TOO_MANY, WRONG_PASSWORD, Outcome, Refusal, Refused
from app.domain.identity.assurance import Assurance
from app.domain.identity.usernames import fold, is_possible, refusal
from app.flows.identity.keep_session import open_session
from app.models.outbox import counters
from app.models.session import PortalSession
from app.models.username import Username
from app.storage import failures
from app.storage.keyring import Keyring
from app.storage.unit_of_work import unit_of_work

METHOD: Final = "username"
USERNAME_SCOPE: Final = "sign_in.username"
# Failures in a row stand until the right password comes.
LASTING: Final = frozenset({USERNAME_SCOPE})


@dataclass(frozen=True, repr=False)
class Attempt:
    """What the person typed and where from.

    `browser_key` is the identifier that the browser gets when it is right, `old_key` the one it has; `address` is the
    network address, None where there is none to know.
    """

    username: str
    password: str
    address: str | None
    browser_key: str
    old_key: str


@dataclass(frozen=True)
class _Counter:
    """Whose failures are counted: `subject` is a keyed hash."""

    scope: str
    subject: str
    policy: throttle.FailurePolicy


@dataclass(frozen=True, repr=False)
class _Known:
    """A username as it was when it was looked up."""

    id: str
    password_hash: str
    status: str


@dataclass(frozen=True, repr=False)
class _Admitted:
    """An attempt that may be looked at, and that counts as a failure until it proves right.

    `known` is None for a username that nobody has and for one that is disabled; `engaged` are the counters at which
    the next attempt has to wait.
    """

    known: _Known | None
    counted: tuple[_Counter, ...]
    engaged: tuple[str, ...]


def sign_in_with_username(
    session: Session, keyring: Keyring, attempt: Attempt, now: datetime
) -> Outcome[PortalSession]:
    """Open a session (aal1: a password is one factor), or say why not.

    WRONG_PASSWORD for a wrong password and for a username nobody has, after the same work. What its status forbids is
    told only after the right password. Raises Refused (TOO_MANY) while the username, known or not, or the address has
    to wait after failures (SP 800-63B-4 §3.2.2).

    After 100 failures in a row the username is disabled: no password is looked at any more and the answer stays
    WRONG_PASSWORD, because any other answer to the right one would let the guessing go on. Its owner therefore reads
    that username and password do not match, with the ways on that stand there for everybody: an ID.me account, or
    support, who first make sure whom they speak to.
    """
    folded = fold(attempt.username)
    admitted = _admit(session, keyring, attempt, folded, now)
    known = admitted.known
    while known is not None and _is_right(known, attempt.password):
        outcome = _finish(session, attempt, known, admitted.counted, now)
        if outcome is not None:
            return outcome
        known = _look_up(session, folded)  # another first use replaced the hash meanwhile: check against the new one
    if known is None:
        passwords.verify_nobody(attempt.password)
    return _fail(session, admitted, now)


def _admit(session: Session, keyring: Keyring, attempt: Attempt, folded: str, now: datetime) -> _Admitted:
    """Count the attempt before it is checked, so that guesses made at once are all counted.

    One that must wait is Refused; it is not looked at, and therefore not counted.
    """
    counted = tuple(_counters(keyring, folded, attempt.address))
    with unit_of_work(session) as work:
        before = [_decision(work, counter, now) for counter in counted]
        if waits := [decision.until for decision in before if isinstance(decision, throttle.Wait)]:
            raise Refused(TOO_MANY, retry_after=math.ceil((max(waits) - now).total_seconds()))
        for counter in counted:
            failures.add(work, counters, counter.scope, counter.subject, now)
        after = {counter.scope: _decision(work, counter, now) for counter in counted}
        disabled = any(isinstance(decision, throttle.Disabled) for decision in before)
        known = None if disabled else _look_up(work, folded)
    engaged = tuple(scope for scope, decision in after.items() if not isinstance(decision, throttle.Allowed))
    return _Admitted(known, counted, engaged)


def _counters(keyring: Keyring, folded: str, address: str | None) -> Iterable[_Counter]:
    name = folded.encode("utf-8", "surrogatepass")
    yield _Counter(USERNAME_SCOPE, keyring.mac(USERNAME_SCOPE, name).hex(), throttle.PASSWORD)
    if address is not None:
        network = throttle.network(address).encode()
        yield _Counter("sign_in.address", keyring.mac("sign_in.address", network).hex(), throttle.ADDRESS)


def _decision(work: Session, counter: _Counter, now: datetime) -> throttle.Decision:
    count = failures.read(work, counters, counter.scope, counter.subject)
    forget_after = counter.policy.forget_after
    if forget_after is not None and count.last_at is not None and now - count.last_at >= forget_after:
        failures.clear(work, counters, counter.scope, counter.subject)
        return throttle.Allowed()
    return throttle.decide(count.number, count.last_at, now, counter.policy)


def _look_up(session: Session, folded: str) -> _Known | None:
    if not is_possible(folded):
        return None  # nor could every database be asked for it
    query = select(Username.id, Username.password_hash, Username.status).where(Username.folded == folded)
    found = session.execute(query).one_or_none()
    if not session.info.get("unit_of_work"):
        session.rollback()
    return _Known(*found) if found is not None else None


def _is_right(known: _Known, password: str) -> bool:
    if imported_hashes.verify(password, known.password_hash):
        return True
    if not imported_hashes.is_current(known.password_hash):
        # Where sign-ins queue for the one place to hash in, each failure stands in that queue once.
        passwords.verify_nobody(password)
    return False


def _finish(
    session: Session, attempt: Attempt, known: _Known, counted: tuple[_Counter, ...], now: datetime
) -> Outcome[PortalSession] | None:
    """Begin the session of a right password, or tell what the status forbids; None when the hash is another by now."""
    forbidden = refusal(known.status)
    is_old = forbidden is None and not imported_hashes.is_current(known.password_hash)
    fresh = passwords.hash_password(attempt.password) if is_old else None
    with unit_of_work(session) as work:
        row = work.get(Username, known.id, populate_existing=True, with_for_update=True)
        if row is None or (row.password_hash, row.status) != (known.password_hash, known.status):
            return None
        _forget(work, counted, now)
        if forbidden is not None:
            return _refuse(work, forbidden, now)
        if fresh is not None:
            row.password_hash, row.rehashed_at = fresh, now
            record(work, UsernameRehashed(account=row.account_id), now)
        return Outcome(_open(work, row.account_id, attempt, now))


def _forget(work: Session, counted: tuple[_Counter, ...], now: datetime) -> None:
    """The username's failures are over; the address's others stand, or one own account would make guessing free."""
    for counter in counted:
        if counter.policy is throttle.PASSWORD:
            failures.clear(work, counters, counter.scope, counter.subject)
        else:
            failures.take_back(work, counters, counter.scope, counter.subject, now)


def _refuse(work: Session, refused: Refusal, now: datetime) -> Outcome[PortalSession]:
    record(work, SignInRefused(code=refused.code, provider=METHOD), now)
    return Outcome(refusal=refused)


def _open(work: Session, account_id: str, attempt: Attempt, now: datetime) -> PortalSession:
    row = PortalSession(
        key=attempt.browser_key, account_id=account_id, assurance=Assurance.AAL1.value, methods="pwd", via=METHOD
    )
    return open_session(work, row, attempt.old_key, now)


def _fail(session: Session, admitted: _Admitted, now: datetime) -> Outcome[PortalSession]:
    with unit_of_work(session) as work:
        for scope in admitted.engaged:
            record(work, ThrottleEngaged(scope=scope), now)
        return _refuse(work, WRONG_PASSWORD, now)
