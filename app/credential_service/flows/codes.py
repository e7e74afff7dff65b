"""Authorization codes and access tokens: issued, given again, spent, revoked. Who may have one is decided elsewhere.

A code lives 120 seconds: as long as a person on a bad line may repeat the POST whose answer was lost (the answer holds
the code), and a fifth of what RFC 6749 §4.1.2 allows. A repeat gets the *same* code, kept sealed until it is spent,
and no second one: one request then never has two codes, a second use always means that a code leaked, and a client
that was just handed the first code does not find it void.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app.credential_service.audit_events import CodeIssued, CodeReused, TokenIssued, client_key, record
from app.credential_service.flows.requests import AuthorizationRequest
from app.credential_service.store.accounts import AccountSession
from app.credential_service.store.consents import Consent
from app.credential_service.store.tokens import AccessToken, AuthorizationCode, hash_of
from app.storage.keyring import Keyring

CODE_LIFE: Final = timedelta(seconds=120)
TOKEN_LIFE: Final = timedelta(seconds=300)
SECRET_BYTES: Final = 32


@dataclass(frozen=True)
class Grant:
    """What a person, in a session, lets a client have. `interaction_id` is None where no page was shown."""

    request: AuthorizationRequest
    session: AccountSession
    consent: Consent
    interaction_id: str | None = None


def issue_code(work: Session, keyring: Keyring, grant: Grant, code: str, now: datetime) -> AuthorizationCode:
    """Store a new code in the caller's unit of work."""
    request, session = grant.request, grant.session
    row = AuthorizationCode(
        code_hash=hash_of(code),
        interaction_id=grant.interaction_id,
        client_id=request.client_id,
        account_id=session.account_id,
        session_id=session.id,
        consent_id=grant.consent.id,
        redirect_uri=request.redirect_uri,
        scope=request.scope,
        items=" ".join(sorted(grant.consent.shared & set(request.items))),
        nonce=request.nonce,
        code_challenge=request.code_challenge,
        acr=request.acr,
        amr=session.methods,
        authenticated_at=session.authenticated_at,
        silent=grant.interaction_id is None,
        created_at=now,
        expires_at=now + CODE_LIFE,
    )
    work.add(row)
    work.flush()
    row.sealed_code = keyring.seal(code.encode(), _purpose(row.id)) if grant.interaction_id is not None else None
    issued = CodeIssued(row.account_id, row.session_id, client_key(row.client_id), row.id, silent=row.silent)
    record(work, issued, now)
    return row


def new_secret() -> str:
    """A code or an access token: 256 random bits."""
    return secrets.token_urlsafe(SECRET_BYTES)


def _purpose(code_id: str) -> str:
    return f"authorization-code:{code_id}"


def code_again(session: Session, keyring: Keyring, interaction_id: str, session_id: str, now: datetime) -> str | None:
    """The code that answered an interaction in this signed-in session, while it can still be exchanged."""
    found = select(AuthorizationCode).where(
        AuthorizationCode.interaction_id == interaction_id, AuthorizationCode.session_id == session_id
    )
    row = session.scalars(found).one_or_none()
    if row is None or row.spent_at is not None or row.sealed_code is None or now >= row.expires_at:
        return None
    return keyring.open(row.sealed_code, _purpose(row.id)).decode()


def silent_codes(session: Session, session_id: str, client_id: str, since: datetime) -> int:
    """How often a session was sent back to a client without a page since a moment."""
    rows = select(func.count()).where(
        AuthorizationCode.session_id == session_id,
        AuthorizationCode.client_id == client_id,
        AuthorizationCode.created_at > since,
        AuthorizationCode.silent,
    )
    return session.scalars(rows).one()


def usable_code(work: Session, code: str, client_id: str, now: datetime) -> AuthorizationCode | None:
    """The code, if this client may exchange it now.

    One that was spent takes everything with it that was issued for it (RFC 6749 §4.1.2, ASVS 10.4.2): it leaked.
    """
    found = select(AuthorizationCode).where(AuthorizationCode.code_hash == hash_of(code)).with_for_update()
    row = work.scalars(found).one_or_none()
    if row is None or row.client_id != client_id:
        return None
    if row.spent_at is not None:
        revoked = _revoke(work, AccessToken.code_id == row.id, now)
        record(work, CodeReused(row.account_id, row.id, revoked), now)
        return None
    return row if now < row.expires_at else None


def spend(row: AuthorizationCode, now: datetime) -> None:
    """The code is exchanged: it is good for nothing any more."""
    row.spent_at, row.sealed_code = now, None


def issue_token(work: Session, code: AuthorizationCode, token: str, now: datetime) -> AccessToken:
    """Store the access token that a code was exchanged for."""
    row = AccessToken(
        token_hash=hash_of(token),
        code_id=code.id,
        client_id=code.client_id,
        account_id=code.account_id,
        consent_id=code.consent_id,
        scope=code.scope,
        items=code.items,
        issued_at=now,
        expires_at=now + TOKEN_LIFE,
    )
    work.add(row)
    work.flush()
    record(work, TokenIssued(row.account_id, code.id, row.id), now)
    return row


def valid_token(session: Session, token: str, now: datetime) -> AccessToken | None:
    """The access token, if it is good now."""
    row = session.scalars(select(AccessToken).where(AccessToken.token_hash == hash_of(token))).one_or_none()
    return row if row is not None and row.revoked_at is None and now < row.expires_at else None


def revoke_of_consent(work: Session, consent_id: str, now: datetime) -> None:
    """What was issued on a consent dies with it: tokens, and codes that were not exchanged yet."""
    _revoke(work, AccessToken.consent_id == consent_id, now)
    unspent = (AuthorizationCode.consent_id == consent_id, AuthorizationCode.spent_at.is_(None))
    work.execute(update(AuthorizationCode).where(*unspent).values(expires_at=now, sealed_code=None))


def _revoke(work: Session, which: ColumnElement[bool], now: datetime) -> int:
    ids = list(work.scalars(select(AccessToken.id).where(which, AccessToken.revoked_at.is_(None))))
    work.execute(update(AccessToken).where(AccessToken.id.in_(ids)).values(revoked_at=now))
    return len(ids)
