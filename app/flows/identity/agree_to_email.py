"""The portal's e-mail consent, agreed to or declined.

Agree, and the account, the identity, the receipt and the session come into being together; decline, and nothing was
ever kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.events import AccountCreated, ConsentAgreed, ConsentDeclined, IdentityAdded
from app.audit.record import record
from app.delivery.message import Message
from app.delivery.outbox import enqueue
from app.domain.errors import ARRIVAL_OVER, WRONG_ADDRESS, Outcome
from app.domain.identity.arrival import REPEAT_WINDOW, ProviderClaims, chosen_address
from app.domain.identity.consent import WORDING
from app.flows.identity.arrivals import read_claims
from app.flows.identity.keep_session import open_session
from app.flows.identity.return_from_provider import Browser, find_identity, session_of
from app.models.account import Account, Identity
from app.models.consent import ConsentReceipt
from app.models.outbox import outbox
from app.models.session import PortalSession
from app.models.sign_in import Arrival
from app.storage.keyring import Keyring
from app.storage.unit_of_work import unit_of_work

# Writes the words of the notice: (address, receipt id) -> message.
Notice = Callable[[str, str, datetime], Message]


@dataclass(frozen=True)
class Agreed:
    """What the person posted: which arrival the page was about, which address of its list, and the idempotency key."""

    arrival_id: str
    position: int
    request_key: str


def agree(
    session: Session,
    keyring: Keyring,
    browser: Browser,
    agreed: Agreed,
    notice: Notice,
    now: datetime,
) -> Outcome[str]:
    """Sign the person in. The value is the session's id, and the session has begun under the browser's new key.

    The same POST again within two minutes, from the same browser, signs the same person in again and does nothing
    else: its first answer was lost.
    """
    try:
        return _agree(session, keyring, browser, agreed, notice, now)
    except IntegrityError:
        # The same person agreed in another browser at the same moment; now the identity is there to be found.
        return _agree(session, keyring, browser, agreed, notice, now)


def _agree(
    session: Session, keyring: Keyring, browser: Browser, agreed: Agreed, notice: Notice, now: datetime
) -> Outcome[str]:
    with unit_of_work(session) as work:
        arrival = work.scalars(_newest(browser.key).with_for_update()).first()
        if arrival is None or arrival.id != agreed.arrival_id:
            # Nobody agrees to what another page showed: a later arrival of this browser is another question.
            return Outcome(refusal=ARRIVAL_OVER)
        if arrival.finished_at is not None:
            return _again(work, arrival, browser, agreed, now)
        if now >= arrival.expires_at:
            return Outcome(refusal=ARRIVAL_OVER)
        claims, id_token = read_claims(keyring, arrival)
        address = chosen_address(claims.emails, agreed.position)
        if address is None:
            return Outcome(refusal=WRONG_ADDRESS)
        identity = find_identity(work, claims) or _create(work, claims, now)
        receipt = _write_receipt(work, identity, address, now)
        enqueue(work, outbox, keyring, notice(address, receipt.id, now), now)
        row = session_of(keyring, identity, claims, id_token, browser.new_key)
        _finish(arrival, now, agreed.request_key)
        open_session(work, row, browser.key, now)
        arrival.session_id = row.id
        return Outcome(row.id)


def _newest(browser_key: str) -> Select[Arrival]:
    return select(Arrival).where(Arrival.browser_key == browser_key).order_by(Arrival.created_at.desc()).limit(1)


def _again(work: Session, arrival: Arrival, browser: Browser, agreed: Agreed, now: datetime) -> Outcome[str]:
    first = work.get(PortalSession, arrival.session_id) if arrival.session_id else None
    in_time = arrival.finished_at is not None and now - arrival.finished_at < REPEAT_WINDOW
    same = bool(agreed.request_key) and arrival.finish_key == agreed.request_key
    if first is None or first.ended_at is not None or not in_time or not same:
        return Outcome(refusal=ARRIVAL_OVER)
    first.ended_at = now
    row = PortalSession(
        key=browser.new_key,
        account_id=first.account_id,
        assurance=first.assurance,
        methods=first.methods,
        via=first.via,
        identity_id=first.identity_id,
        sealed_id_token=first.sealed_id_token,
    )
    open_session(work, row, browser.key, now)
    arrival.session_id = row.id
    return Outcome(row.id)


def _create(work: Session, claims: ProviderClaims, now: datetime) -> Identity:
    account = Account(given_name=claims.given_name, family_name=claims.family_name, created_at=now)
    work.add(account)
    work.flush()
    identity = Identity(
        account_id=account.id, provider=claims.provider, issuer=claims.issuer, subject=claims.subject, added_at=now
    )
    work.add(identity)
    work.flush()
    record(work, AccountCreated(account=account.id), now)
    record(work, IdentityAdded(account=account.id, identity=identity.id), now)
    return identity


def _write_receipt(work: Session, identity: Identity, address: str, now: datetime) -> ConsentReceipt:
    receipt = ConsentReceipt(
        account_id=identity.account_id, identity_id=identity.id, address=address, wording=WORDING, agreed_at=now
    )
    work.add(receipt)
    work.flush()
    record(work, ConsentAgreed(account=identity.account_id, receipt=receipt.id), now)
    return receipt


def _finish(arrival: Arrival, now: datetime, request_key: str | None) -> None:
    arrival.finished_at, arrival.finish_key, arrival.sealed_claims = now, request_key, None


def decline(session: Session, browser_key: str, now: datetime) -> None:
    """Erase what the provider said. Nobody is named in the record: nothing is kept of them."""
    with unit_of_work(session) as work:
        arrival = work.scalars(_newest(browser_key).with_for_update()).first()
        if arrival is not None and arrival.finished_at is None:
            _finish(arrival, now, None)
            record(work, ConsentDeclined(provider=arrival.provider), now)
