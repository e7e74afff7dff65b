"""Send a person to a provider: open an attempt that is good for one return to this browser."""

import hashlib
import json
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.audit.events import SignInStarted
from app.audit.record import record
from app.domain.errors import Outcome
from app.domain.identity.arrival import ATTEMPT_LIFETIME, MOST_ATTEMPTS
from app.flows.identity.provider_faults import refusal_of
from app.models.sign_in import SignInAttempt
from app.oidc_client.adapters.base import Ask
from app.oidc_client.client import RelyingParty
from app.oidc_client.faults import SignInFault
from app.oidc_client.request import PendingAttempt
from app.storage.keyring import Keyring
from app.storage.unit_of_work import unit_of_work

PURPOSE = "sign-in attempt"

Intent = Literal["sign-in", "register"]


def start_at_provider(
    session: Session, keyring: Keyring, party: RelyingParty, browser_key: str, intent: Intent, now: datetime
) -> Outcome[str]:
    """The address to send the browser to; a refusal when the provider cannot be asked where that is."""
    try:
        request = party.start(Ask(intent=intent))
    except SignInFault as fault:
        return Outcome(refusal=refusal_of(fault))
    state_hash = hash_of(request.pending.state)
    sealed = keyring.seal(json.dumps(request.pending.as_dict()).encode(), PURPOSE)
    with unit_of_work(session) as work:
        _make_room(work, browser_key, now)
        work.add(
            SignInAttempt(
                state_hash=state_hash,
                browser_key=browser_key,
                provider=party.config.key,
                intent=intent,
                sealed_secrets=sealed,
                created_at=now,
                expires_at=now + ATTEMPT_LIFETIME,
            )
        )
        record(work, SignInStarted(provider=party.config.key, attempt=public_part(state_hash)), now)
    return Outcome(request.url)


def _make_room(work: Session, browser_key: str, now: datetime) -> None:
    """Drop the browser's oldest attempts beyond the limit, and all that are over."""
    newest = (
        select(SignInAttempt.state_hash)
        .where(SignInAttempt.browser_key == browser_key)
        .order_by(SignInAttempt.created_at.desc())
        .limit(MOST_ATTEMPTS - 1)
    )
    work.execute(
        delete(SignInAttempt).where(
            SignInAttempt.browser_key == browser_key, SignInAttempt.state_hash.not_in(newest.scalar_subquery())
        )
    )
    work.execute(delete(SignInAttempt).where(SignInAttempt.expires_at <= now))


def pending_of(keyring: Keyring, attempt: SignInAttempt) -> PendingAttempt:
    """The secrets of an attempt. KeyringError when they cannot be opened."""
    return PendingAttempt.from_dict(json.loads(keyring.open(attempt.sealed_secrets, PURPOSE)))


def hash_of(state: str) -> str:
    """What the attempt is found by; `state` itself is kept sealed only."""
    return hashlib.sha256(state.encode()).hexdigest()


def public_part(state_hash: str) -> str:
    """Enough of the hash to follow one attempt through the record."""
    return state_hash[:16]
