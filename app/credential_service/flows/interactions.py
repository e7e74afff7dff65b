"""Requests that wait in a browser, and what each waits for: the person to authenticate, to consent, or nothing more."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.credential_service.errors import INTERACTION_OVER
from app.credential_service.flows.consents import covers, current_consent, sharable
from app.credential_service.flows.requests import AuthorizationRequest, RedirectedError
from app.credential_service.store.accounts import Account, AccountSession
from app.credential_service.store.consents import Consent
from app.credential_service.store.interactions import Interaction
from app.domain.errors import Refused

LIFE: Final = timedelta(hours=1)
MOST_PER_BROWSER: Final = 5
ID_BYTES: Final = 32


@dataclass(frozen=True)
class Authenticate:
    """The person has to sign in, or register, on the screen `sign_in` or `register`."""

    screen: str
    login_hint: str | None


@dataclass(frozen=True)
class AskConsent:
    """The person has to say whether they share."""

    request: AuthorizationRequest
    session: AccountSession
    before: Consent | None


@dataclass(frozen=True)
class Ready:
    """Nothing is missing: the client gets its code on this consent."""

    request: AuthorizationRequest
    session: AccountSession
    consent: Consent


Step = Authenticate | AskConsent | Ready


def open_interaction(work: Session, request: AuthorizationRequest, browser_key: str, now: datetime) -> Interaction:
    """Let a request wait in a browser. With more than five, the oldest that waits there is given up."""
    waiting = select(Interaction.id).where(Interaction.browser_key == browser_key, Interaction.finished_at.is_(None))
    kept: Sequence[str] = work.scalars(
        waiting.order_by(Interaction.created_at.desc()).limit(MOST_PER_BROWSER - 1)
    ).all()
    work.execute(
        delete(Interaction).where(
            Interaction.browser_key == browser_key, Interaction.finished_at.is_(None), Interaction.id.not_in(kept)
        )
    )
    row = Interaction(
        id=secrets.token_urlsafe(ID_BYTES),
        browser_key=browser_key,
        client_id=request.client_id,
        request=request.kept(),
        created_at=now,
        expires_at=now + LIFE,
    )
    work.add(row)
    return row


def newest(session: Session, browser_key: str, now: datetime) -> str | None:
    """The id of the request that this browser opened last and that still waits; for pages that links from mail open."""
    waiting = select(Interaction.id).where(
        Interaction.browser_key == browser_key, Interaction.finished_at.is_(None), Interaction.expires_at > now
    )
    return session.scalars(waiting.order_by(Interaction.created_at.desc()).limit(1)).one_or_none()


def find(session: Session, interaction_id: str, browser_key: str, now: datetime, *, lock: bool = False) -> Interaction:
    """The interaction, if this browser opened it and it is not over by time. Refused otherwise, whatever the reason."""
    found = select(Interaction).where(Interaction.id == interaction_id, Interaction.browser_key == browser_key)
    row = session.scalars(found.with_for_update() if lock else found).one_or_none()
    if row is None or now >= row.expires_at:
        raise Refused(INTERACTION_OVER)
    return row


def next_step(
    session: Session, interaction_id: str, browser_key: str, account_session: AccountSession | None, now: datetime
) -> Step:
    """What a waiting request waits for.

    Refused when it does not wait (any more) in this browser, RedirectedError when the client is to be told no.
    """
    row = find(session, interaction_id, browser_key, now)
    if row.finished_at is not None:
        raise Refused(INTERACTION_OVER)
    return decide(session, AuthorizationRequest.of(row.request), row.created_at, account_session, now)


def decide(
    session: Session,
    request: AuthorizationRequest,
    opened_at: datetime,
    account_session: AccountSession | None,
    now: datetime,
) -> Step:
    """What a request that came at `opened_at` waits for. RedirectedError instead of a page it does not allow."""
    step = _step(session, request, opened_at, account_session, now)
    if request.silent and isinstance(step, Authenticate):
        # Registering cannot be done silently, and is more than signing in (OIDC Core §3.1.2.6).
        error = "interaction_required" if request.register else "login_required"
        raise _refusal(request, error, "The person has to sign in, and prompt=none allows no page.")
    if request.silent and isinstance(step, AskConsent):
        raise _refusal(request, "consent_required", "The person has to consent, and prompt=none allows no page.")
    return step


def _step(
    session: Session,
    request: AuthorizationRequest,
    opened_at: datetime,
    account_session: AccountSession | None,
    now: datetime,
) -> Step:
    account = session.get(Account, account_session.account_id) if account_session is not None else None
    if account_session is None or account is None or not _recent_enough(request, opened_at, account_session):
        return Authenticate("register" if request.register else "sign_in", request.login_hint)
    if request.subject not in (None, account.subject):
        if account_session.authenticated_at >= opened_at:
            raise _refusal(request, "login_required", "Somebody else has signed in.")
        return Authenticate("sign_in", request.login_hint)
    consent = current_consent(session, account.id, request.client_id)
    needed = sharable(account, request.items)
    if consent is None or "consent" in request.prompts or not covers(consent, needed, now):
        return AskConsent(request, account_session, consent)
    return Ready(request, account_session, consent)


def _recent_enough(request: AuthorizationRequest, opened_at: datetime, found: AccountSession) -> bool:
    """Whether the person authenticated for this request, or earlier and that does (OIDC Core §3.1.2.1)."""
    if found.authenticated_at >= opened_at:
        return True
    if request.fresh:
        return False
    return request.max_age is None or opened_at - found.authenticated_at <= timedelta(seconds=request.max_age)


def _refusal(request: AuthorizationRequest, error: str, description: str) -> RedirectedError:
    return RedirectedError(error, description, request.redirect_uri, request.state)


def rebind(work: Session, old_browser_key: str, new_browser_key: str) -> None:
    """The browser has a new identifier; what waits in it goes with it."""
    waits = Interaction.browser_key == old_browser_key
    work.execute(update(Interaction).where(waits).values(browser_key=new_browser_key))
