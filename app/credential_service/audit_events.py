"""The audit events of the protocol, one class each, and their only writer. Those of accounts: `account_events`."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from app.audit import chain
from app.audit.event import Code, Event, Id, catalogue
from app.credential_service.store.base import audit


def client_key(client_id: str) -> str:
    """How the record names a client: a client_id is free text, an id is not. The first 64 bits of its SHA-256."""
    return hashlib.sha256(client_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True)
class ConsentGiven(Event):
    """A person agreed to share with a client; the consent's row says what."""

    kind: ClassVar[str] = "consent.given"
    account: Id
    consent: Id
    client: Id


@dataclass(frozen=True)
class ConsentDeclined(Event):
    """A person declined to share with a client."""

    kind: ClassVar[str] = "consent.declined"
    account: Id
    client: Id


@dataclass(frozen=True)
class ConsentTakenBack(Event):
    """A person took a consent back."""

    kind: ClassVar[str] = "consent.taken_back"
    account: Id
    consent: Id


@dataclass(frozen=True)
class CodeIssued(Event):
    """A client was sent a code. `silent`: without a page, on a remembered consent."""

    kind: ClassVar[str] = "code.issued"
    account: Id
    session: Id
    client: Id
    grant: Id
    silent: bool


@dataclass(frozen=True)
class TokenIssued(Event):
    """A client exchanged a code for an access token and an ID token."""

    kind: ClassVar[str] = "token.issued"
    account: Id
    grant: Id
    token: Id


@dataclass(frozen=True)
class CodeReused(Event):
    """A spent code was shown again; so many tokens that came of it were revoked (RFC 6749 §4.1.2)."""

    kind: ClassVar[str] = "code.reused"
    account: Id
    grant: Id
    revoked: int


@dataclass(frozen=True)
class SigningKeyMade(Event):
    """A new key signs from now on."""

    kind: ClassVar[str] = "signing_key.made"
    key: Id


@dataclass(frozen=True)
class RequestRefused(Event):
    """A request was refused with a page, whose public code the person saw."""

    kind: ClassVar[str] = "request.refused"
    code: Code
    request_id: Id


EVENTS = catalogue(
    ConsentGiven,
    ConsentDeclined,
    ConsentTakenBack,
    CodeIssued,
    TokenIssued,
    CodeReused,
    SigningKeyMade,
    RequestRefused,
)


def record(session: Session, event: Event, now: datetime) -> int:
    """Append an event of the protocol in the caller's transaction and return its serial number.

    TypeError for an event of somewhere else, ValueError for a value an event may not hold.
    """
    return chain.record(session, audit, EVENTS, event, now)
