"""The end of registration: the account with all that belongs to it, in one transaction; and its recovery codes."""

import secrets
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.authenticators import recovery_codes
from app.authenticators.recovery_codes import Sheet
from app.credential_service.account_events import AccountCreated, AuthenticatorAdded, RecoveryCodesIssued, record
from app.credential_service.flows.accounts import by_address, fold, number_purpose, possession, seed_purpose, tell_owner
from app.credential_service.flows.answers import Check
from app.credential_service.flows.means import Means
from app.credential_service.flows.registrations import (
    Stage,
    email_of,
    just_finished,
    of_browser,
    phone_of,
    seal_email,
    seed_of,
    stage,
)
from app.credential_service.flows.sent_codes import TO_NUMBER, strike_out
from app.credential_service.flows.sessions import Renewal, begin, end_of_browser
from app.credential_service.flows.throttling import sent_code_used
from app.credential_service.store.accounts import (
    Account,
    AccountSession,
    Authenticator,
    EmailAddress,
    RecoveryCode,
)
from app.credential_service.store.registrations import Registration
from app.storage.unit_of_work import unit_of_work


@dataclass(frozen=True)
class Finished:
    """The account exists and its session has begun; `codes` are shown once."""

    session: AccountSession
    codes: tuple[str, ...] = field(repr=False)


def credential_is_known(session: Session, credential_id: bytes) -> bool:
    """Whether a passkey is somebody's already (WebAuthn §7.1 step 26)."""
    found = select(Authenticator.id).where(Authenticator.credential_id == credential_id)
    return session.scalars(found).first() is not None


def create(
    means: Means,
    work: Session,
    row: Registration,
    authenticator: Authenticator,
    sheet: Sheet,
    renewal: Renewal,
) -> Finished | Check:
    """Make the account in the caller's unit of work. TAKEN when the address got one meanwhile.

    Who hears TAKEN has confirmed the address, so it tells nobody anything about somebody else.
    """
    address = email_of(means, row)
    if by_address(work, address) is not None:
        return Check.TAKEN
    _add_account(means, work, row, address)
    _add_authenticator(means, work, row, authenticator)
    _replace_sheet(means, work, row.account_id, sheet)
    tell_owner(means, work, row.account_id, "account_created")
    session = begin(work, renewal, row.account_id, amr(authenticator), authenticator.kind, means.now)
    _close(means, row, renewal)
    return Finished(session, sheet.codes)


def _add_account(means: Means, work: Session, row: Registration, address: str) -> None:
    work.add(Account(id=row.account_id, password_hash=row.password_hash, created_at=means.now))
    work.flush()
    work.add(
        EmailAddress(account_id=row.account_id, address=address, folded=fold(address), confirmed_at=row.confirmed_at)
    )
    record(work, AccountCreated(account=row.account_id), means.now)


def _add_authenticator(means: Means, work: Session, row: Registration, authenticator: Authenticator) -> None:
    authenticator.id = str(uuid4())
    authenticator.account_id = row.account_id
    authenticator.added_at = authenticator.last_used_at = means.now
    phone = phone_of(means, row)
    if authenticator.kind == "phone" and phone is not None:
        authenticator.sealed_secret = means.keyring.seal(phone.number.encode(), number_purpose(authenticator.id))
        sent_code_used(means, work, TO_NUMBER, phone.number)
    elif authenticator.kind == "totp":
        authenticator.sealed_secret = means.keyring.seal(seed_of(means, row), seed_purpose(authenticator.id))
    work.add(authenticator)
    work.flush()
    added = AuthenticatorAdded(account=row.account_id, authenticator=authenticator.id, method=authenticator.kind)
    record(work, added, means.now)


def amr(authenticator: Authenticator) -> str:
    """How the person who has just registered was authenticated, in the words of RFC 8176."""
    if authenticator.kind == "passkey":
        return f"pwd {possession(authenticator)} user mfa"
    second = {"phone": "tel" if authenticator.channel == "voice" else "sms", "totp": "otp"}
    return f"pwd {second[authenticator.kind]} mfa"


def _replace_sheet(means: Means, work: Session, account_id: str, sheet: Sheet) -> None:
    work.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    work.add_all(RecoveryCode(account_id=account_id, salt=sheet.salt, code_hash=made) for made in sheet.hashes)
    record(work, RecoveryCodesIssued(account=account_id), means.now)


def _close(means: Means, row: Registration, renewal: Renewal) -> None:
    row.previous_key, row.browser_key = row.browser_key, renewal.new_key
    row.finished_at, row.finished_proof = means.now, renewal.proof
    row.password_hash, row.sealed_phone, row.sealed_seed, row.sealed_ceremony = "", None, None, None
    strike_out(row)


def resume(means: Means, renewal: Renewal) -> Finished | None:
    """The same POST again, within two minutes, from the browser that finished: its answer was lost.

    It gets a session and, since nobody has seen the codes, a sheet that replaces them. Anything else is None.
    """
    row = just_finished(means.session, renewal.old_key, means.now)
    if row is None or row.finished_proof != renewal.proof:
        return None
    sheet = recovery_codes.issue()
    with unit_of_work(means.session) as work:
        row = just_finished(work, renewal.old_key, means.now)
        account = work.get(Account, row.account_id) if row is not None else None
        if row is None or account is None:
            return None
        end_of_browser(work, row.browser_key, means.now)
        _replace_sheet(means, work, account.id, sheet)
        used = work.scalars(select(Authenticator).where(Authenticator.account_id == account.id)).one()
        session = begin(work, renewal, account.id, amr(used), used.kind, means.now)
        row.previous_key, row.browser_key = renewal.old_key, renewal.new_key
    return Finished(session, sheet.codes)


def new_sheet(means: Means, browser_key: str) -> tuple[str, ...] | None:
    """A new sheet in place of one that was not acknowledged. None when there is nothing to show any more."""
    sheet = recovery_codes.issue()
    with unit_of_work(means.session) as work:
        row = of_browser(work, browser_key, means.now)
        if row is None or stage(row) is not Stage.RECOVERY_CODES:
            return None
        _replace_sheet(means, work, row.account_id, sheet)
    return sheet.codes


def acknowledge(means: Means, browser_key: str) -> None:
    """The person has the codes: the registration is over and its row goes.

    Where it had moved, the mark stays for the browser that began, which is told that it went on elsewhere.
    """
    with unit_of_work(means.session) as work:
        row = of_browser(work, browser_key, means.now)
        if row is None or stage(row) is not Stage.RECOVERY_CODES:
            return
        if row.began_key == row.previous_key:
            work.delete(row)
        else:
            row.browser_key, row.previous_key, row.finished_proof = secrets.token_hex(32), None, None
            row.sealed_email = seal_email(means, row.id, "")
