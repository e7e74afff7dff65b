"""A person comes back from a provider: use up the attempt, ask the provider who it is, and see what comes next."""

import hmac
import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.events import SignInRefused
from app.audit.record import record
from app.domain.errors import ATTEMPT_OVER, Outcome, Refusal
from app.domain.identity.arrival import ProviderClaims, Stage, next_stage, refusal
from app.domain.identity.assurance import from_provider
from app.domain.identity.consent import Agreement, reason_to_ask
from app.flows.identity.arrivals import keep
from app.flows.identity.keep_session import open_session
from app.flows.identity.provider_faults import refusal_of
from app.flows.identity.start_at_provider import hash_of, pending_of
from app.models.account import Identity
from app.models.consent import ConsentReceipt
from app.models.session import PortalSession
from app.models.sign_in import Arrival, SignInAttempt
from app.oidc_client.callback import Arguments, read_state
from app.oidc_client.client import RelyingParty, SignInResult
from app.oidc_client.faults import SignInFault
from app.storage.keyring import Keyring, KeyringError
from app.storage.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

ID_TOKEN_PURPOSE = "id token"  # noqa: S105 - the name of a purpose


@dataclass(frozen=True)
class Browser:
    """Whose return it is: the browser's present key, and the one it gets if this signs the person in."""

    key: str
    new_key: str


def return_from_provider(
    session: Session, keyring: Keyring, party: RelyingParty, arguments: Arguments, browser: Browser, now: datetime
) -> Outcome[Stage]:
    """The stage that comes next. HOME means that the session has begun under the browser's new key."""
    try:
        state_hash = hash_of(read_state(arguments))
        attempt = _use_up(session, state_hash, party.config.key, browser.key, now)
        if attempt is None:
            return _repeated(session, state_hash, browser.key, party.config.key, now)
        # The exchange waits for another machine: no transaction is open meanwhile.
        result = party.finish(arguments, pending_of(keyring, attempt))
    except KeyringError:
        return _refused(session, ATTEMPT_OVER, party.config.key, now)  # its key was retired meanwhile
    except SignInFault as fault:
        log.warning("sign-in through %s ended: %s", party.config.key, fault)
        return _refused(session, refusal_of(fault), party.config.key, now)
    claims = claims_of(result)
    unusable = refusal(claims.emails)
    if unusable is not None:
        return _refused(session, unusable, party.config.key, now)
    with unit_of_work(session) as work:
        return Outcome(_arrive(work, keyring, claims, result.id_token, browser, state_hash, now))


def _use_up(session: Session, state_hash: str, provider: str, browser_key: str, now: datetime) -> SignInAttempt | None:
    """The attempt, if it is open and this browser's. Whatever the answer, it is good for nothing afterwards."""
    with unit_of_work(session) as work:
        attempt = work.scalars(
            select(SignInAttempt).where(SignInAttempt.state_hash == state_hash).with_for_update()
        ).one_or_none()
        if attempt is None or attempt.used_at is not None:
            return None
        attempt.used_at = now
        mine = hmac.compare_digest(attempt.browser_key, browser_key) and attempt.provider == provider
        return attempt if mine and now < attempt.expires_at else None


def _repeated(session: Session, state_hash: str, browser_key: str, provider: str, now: datetime) -> Outcome[Stage]:
    """The same answer again for a callback whose answer was lost, while its arrival is open; else it is over."""
    arrival = session.scalars(select(Arrival).where(Arrival.state_hash == state_hash)).one_or_none()
    if (
        arrival is not None
        and arrival.finished_at is None
        and now < arrival.expires_at
        and hmac.compare_digest(arrival.browser_key, browser_key)
    ):
        return Outcome(Stage.CONSENT)
    return _refused(session, ATTEMPT_OVER, provider, now)


def _refused(session: Session, refused: Refusal, provider: str, now: datetime) -> Outcome[Stage]:
    with unit_of_work(session) as work:
        record(work, SignInRefused(code=refused.code, provider=provider), now)
    return Outcome(refusal=refused)


def claims_of(result: SignInResult) -> ProviderClaims:
    """What is kept of what the provider said."""
    who = result.identity
    return ProviderClaims(
        provider=who.provider,
        issuer=who.issuer,
        subject=who.subject,
        emails=who.emails,
        aal=who.aal,
        amr=who.amr,
        given_name=who.given_name,
        family_name=who.family_name,
    )


def _arrive(
    work: Session,
    keyring: Keyring,
    claims: ProviderClaims,
    id_token: str,
    browser: Browser,
    state_hash: str,
    now: datetime,
) -> Stage:
    identity = find_identity(work, claims)
    agreement = latest_agreement(work, identity) if identity is not None else None
    stage = next_stage(reason_to_ask(agreement, claims.emails, now))
    if stage is Stage.HOME and identity is not None:
        open_session(work, session_of(keyring, identity, claims, id_token, browser.new_key), browser.key, now)
    else:
        keep(work, keyring, claims, id_token, browser.key, state_hash, now)
    return stage


def find_identity(work: Session, claims: ProviderClaims) -> Identity | None:
    """The identity by its key: issuer and subject, byte for byte, and nothing else."""
    return work.scalars(
        select(Identity).where(Identity.issuer == claims.issuer, Identity.subject == claims.subject)
    ).one_or_none()


def latest_agreement(work: Session, identity: Identity) -> Agreement | None:
    """The last consent given with this identity."""
    receipt = work.scalars(
        select(ConsentReceipt)
        .where(ConsentReceipt.identity_id == identity.id)
        .order_by(ConsentReceipt.agreed_at.desc())
        .limit(1)
    ).one_or_none()
    if receipt is None:
        return None
    return Agreement(receipt.address, receipt.wording, receipt.agreed_at, withdrawn=receipt.withdrawn_at is not None)


def session_of(keyring: Keyring, identity: Identity, claims: ProviderClaims, id_token: str, key: str) -> PortalSession:
    """A session, not yet begun, for a sign-in through a provider."""
    return PortalSession(
        key=key,
        account_id=identity.account_id,
        assurance=from_provider(claims.aal),
        methods=" ".join(claims.amr)[:80],
        via=claims.provider,
        identity_id=identity.id,
        sealed_id_token=keyring.seal(id_token.encode(), ID_TOKEN_PURPOSE),
    )


def id_token_of(keyring: Keyring, row: PortalSession) -> str | None:
    """The ID token a session began with, as the hint for signing out at the provider; None where there is none."""
    if row.sealed_id_token is None:
        return None
    try:
        return keyring.open(row.sealed_id_token, ID_TOKEN_PURPOSE).decode()
    except KeyringError:
        return None
