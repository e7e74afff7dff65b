"""Sign-in with a passkey and nothing else: one that knows the account and verifies the person is two factors."""

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.authenticators import webauthn
from app.authenticators.throttle import Allowed
from app.authenticators.webauthn import CeremonyFailed
from app.credential_service.flows.accounts import possession
from app.credential_service.flows.answers import Answer, Check
from app.credential_service.flows.finish_sign_in import SignedIn, finish
from app.credential_service.flows.means import Means
from app.credential_service.flows.registrations import party, seal_ceremony
from app.credential_service.flows.second_step import ceremony_for, disable, use_key
from app.credential_service.flows.sessions import Renewal
from app.credential_service.flows.sign_ins import LIFE, of_browser, replace, way_of
from app.credential_service.flows.throttling import AUTHENTICATOR, attempt, here, is_spent, subject, succeeded
from app.credential_service.store.accounts import Authenticator
from app.credential_service.store.sign_ins import SignIn
from app.storage.unit_of_work import unit_of_work


def ask(means: Means, browser_key: str, request_key: str) -> None:
    """Begin an attempt in which any discoverable passkey of this service may say who it is."""
    row = SignIn(
        id=str(uuid4()),
        browser_key=browser_key,
        created_at=means.now,
        expires_at=means.now + LIFE,
        start_request_key=request_key,
        code_serial=0,
    )
    row.sealed_ceremony = _new_ceremony(means, row)
    with unit_of_work(means.session) as work:
        replace(work, row, means.now)


def _new_ceremony(means: Means, row: SignIn) -> bytes:
    return seal_ceremony(means, f"sign_in:{row.id}", webauthn.authentication(party(means)))


def take(means: Means, browser_key: str, answer: str, renewal: Renewal) -> Answer | SignedIn:
    """Sign in whose passkey it is. Unknown, wrong and unverified are one answer."""
    if of_browser(means.session, browser_key, means.now) is None:
        return Check.GONE
    if not answer:
        return Check.UNREADABLE
    key = _claimed(means.session, answer)
    key_id = key.id if key is not None else None
    subjects = (subject(means, AUTHENTICATOR, key_id), here(means)) if key_id is not None else (here(means),)
    decision = attempt(means, *subjects)
    if not isinstance(decision, Allowed):
        return decision
    with unit_of_work(means.session) as work:
        row = of_browser(work, browser_key, means.now, lock=True)
        if row is None:
            return Check.GONE
        ceremony = ceremony_for(means, row)
        row.sealed_ceremony = _new_ceremony(means, row)
        key = work.get(Authenticator, key_id) if key_id is not None else None
        if key is None or ceremony is None or key.disabled_at is not None:
            return Check.WRONG
        if use_key(means, work, key, answer, ceremony, require_user_verification=True):
            succeeded(means, work, *subjects)
            return finish(means, work, row, key.account_id, f"{possession(key)} user mfa", key.kind, renewal)
        if is_spent(means, work, subjects[0]):
            disable(means, work, key.account_id, way_of(key))
    return Check.WRONG


def _claimed(session: Session, answer: str) -> Authenticator | None:
    try:
        claim = webauthn.read_claim(answer)
    except CeremonyFailed:
        return None
    return session.scalars(
        select(Authenticator).where(Authenticator.credential_id == claim.credential_id)
    ).one_or_none()
