"""The portal's audit events, one class each. What an event may hold is said in `event`; writing is in `record`."""

from dataclasses import dataclass
from typing import ClassVar

from app.audit.event import Code, Event, Id, Slug, catalogue


@dataclass(frozen=True)
class SignInStarted(Event):
    """Someone was sent to a provider."""

    kind: ClassVar[str] = "sign_in.started"
    provider: Slug
    attempt: Id


@dataclass(frozen=True)
class SignInFinished(Event):
    """An account has a session. `method` is the provider's key, or `username`."""

    kind: ClassVar[str] = "sign_in.finished"
    account: Id
    method: Slug
    session: Id


@dataclass(frozen=True)
class SignInRefused(Event):
    """A sign-in ended with a refusal, whose public code the person saw."""

    kind: ClassVar[str] = "sign_in.refused"
    code: Code
    provider: Slug | None = None


@dataclass(frozen=True)
class ConsentAgreed(Event):
    """An account agreed to the portal's use of an address; the receipt says which and under what wording."""

    kind: ClassVar[str] = "consent.agreed"
    account: Id
    receipt: Id


@dataclass(frozen=True)
class ConsentDeclined(Event):
    """Someone who came from a provider declined. Nobody is named: nothing was kept."""

    kind: ClassVar[str] = "consent.declined"
    provider: Slug


@dataclass(frozen=True)
class AccountCreated(Event):
    """A new account exists."""

    kind: ClassVar[str] = "account.created"
    account: Id


@dataclass(frozen=True)
class IdentityAdded(Event):
    """A provider's (issuer, subject) now opens an account."""

    kind: ClassVar[str] = "identity.added"
    account: Id
    identity: Id


@dataclass(frozen=True)
class SignedOut(Event):
    """A session was ended by its owner."""

    kind: ClassVar[str] = "signed_out"
    account: Id
    session: Id


@dataclass(frozen=True)
class UsernamesImported(Event):
    """A file of usernames was read: so many rows taken, so many refused."""

    kind: ClassVar[str] = "usernames.imported"
    rows: int
    refused: int


@dataclass(frozen=True)
class UsernameRehashed(Event):
    """An imported password was hashed anew at its first use."""

    kind: ClassVar[str] = "username.rehashed"
    account: Id


@dataclass(frozen=True)
class ThrottleEngaged(Event):
    """Too many failures: `scope` says what was counted, never for whom."""

    kind: ClassVar[str] = "throttle.engaged"
    scope: Slug


@dataclass(frozen=True)
class BadRequestRefused(Event):
    """A request that no page of ours makes was refused."""

    kind: ClassVar[str] = "bad_request.refused"
    code: Code
    request_id: Id


EVENTS = catalogue(
    SignInStarted,
    SignInFinished,
    SignInRefused,
    ConsentAgreed,
    ConsentDeclined,
    AccountCreated,
    IdentityAdded,
    SignedOut,
    UsernamesImported,
    UsernameRehashed,
    ThrottleEngaged,
    BadRequestRefused,
)
