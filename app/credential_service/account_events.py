"""The audit events of accounts, one class each, and their only writer. What an event may hold: `app.audit.event`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from app.audit import chain
from app.audit.event import Event, Id, Slug, catalogue
from app.credential_service.store.base import audit


@dataclass(frozen=True)
class AccountCreated(Event):
    """Someone finished registering."""

    kind: ClassVar[str] = "account.created"
    account: Id


@dataclass(frozen=True)
class AuthenticatorAdded(Event):
    """A second step was set up; `method` is its kind."""

    kind: ClassVar[str] = "authenticator.added"
    account: Id
    authenticator: Id
    method: Slug


@dataclass(frozen=True)
class AuthenticatorDisabled(Event):
    """Too many failures in a row: it no longer works (SP 800-63B-4 §3.2.2). `method` may be `password`."""

    kind: ClassVar[str] = "authenticator.disabled"
    account: Id
    method: Slug
    authenticator: Id | None = None


@dataclass(frozen=True)
class RecoveryCodesIssued(Event):
    """A sheet of recovery codes was shown; an earlier one is void."""

    kind: ClassVar[str] = "recovery_codes.issued"
    account: Id


@dataclass(frozen=True)
class RecoveryCodeUsed(Event):
    """A recovery code took the place of the second step."""

    kind: ClassVar[str] = "recovery_code.used"
    account: Id
    left: int


@dataclass(frozen=True)
class KeyCounterWentBack(Event):
    """A security key's counter did not grow, so a copy of it may be in use; it was refused."""

    kind: ClassVar[str] = "authenticator.counter_went_back"
    account: Id
    authenticator: Id


@dataclass(frozen=True)
class SessionBegan(Event):
    """An account has a session. `method` is the second step that was used."""

    kind: ClassVar[str] = "session.began"
    account: Id
    session: Id
    method: Slug


@dataclass(frozen=True)
class SessionEnded(Event):
    """A session was ended by its owner."""

    kind: ClassVar[str] = "session.ended"
    account: Id
    session: Id


@dataclass(frozen=True)
class ThrottleEngaged(Event):
    """Failures begin to cost time: `scope` says what was counted, never for whom."""

    kind: ClassVar[str] = "throttle.engaged"
    scope: Slug


EVENTS = catalogue(
    AccountCreated,
    AuthenticatorAdded,
    AuthenticatorDisabled,
    RecoveryCodesIssued,
    RecoveryCodeUsed,
    KeyCounterWentBack,
    SessionBegan,
    SessionEnded,
    ThrottleEngaged,
)


def record(session: Session, event: Event, now: datetime) -> int:
    """Append an event of accounts in the caller's transaction and return its serial number.

    TypeError for an event of somewhere else, ValueError for a value an event may not hold.
    """
    return chain.record(session, audit, EVENTS, event, now)
