"""Sign-in, second step: a code by text or call, an app's code, a passkey or a recovery code, after the password."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.authenticators import one_time_code, recovery_codes, totp, webauthn
from app.authenticators.throttle import Allowed, Wait
from app.authenticators.webauthn import Ceremony, CeremonyFailed, Known
from app.credential_service.account_events import AuthenticatorDisabled, KeyCounterWentBack, RecoveryCodeUsed, record
from app.credential_service.flows import sent_codes
from app.credential_service.flows.accounts import number_of, possession, recovery_codes_of, seed_purpose, tell_owner
from app.credential_service.flows.answers import Answer, Check
from app.credential_service.flows.finish_sign_in import SignedIn, finish
from app.credential_service.flows.means import Means
from app.credential_service.flows.registrations import open_ceremony, party, user_handle
from app.credential_service.flows.sent_codes import PhoneChannel, send_to_phone
from app.credential_service.flows.sessions import Renewal
from app.credential_service.flows.sign_in import new_ceremony
from app.credential_service.flows.sign_ins import RECOVERY, Way, chosen, of_browser
from app.credential_service.flows.throttling import (
    AUTHENTICATOR,
    Subject,
    attempt,
    here,
    is_spent,
    not_counted,
    subject,
    succeeded,
)
from app.credential_service.store.accounts import Authenticator, RecoveryCode
from app.credential_service.store.sign_ins import SignIn
from app.storage.unit_of_work import unit_of_work


@dataclass(frozen=True)
class Proved:
    """A second step that was taken; `methods` are the `amr` values of the whole sign-in."""

    methods: str


def send(means: Means, browser_key: str, way: Way, channel: PhoneChannel, request_key: str) -> Allowed | Wait | Check:
    """Send a code to one of the account's telephones; the count of failures stays as it is."""
    with unit_of_work(means.session) as work:
        row = of_browser(work, browser_key, means.now)
        phone = work.get(Authenticator, way.id)
        if row is None or phone is None or phone.account_id != row.account_id:
            return Check.GONE
        decision = send_to_phone(means, work, row, number_of(means, phone), channel, request_key)
        if isinstance(decision, Allowed):
            row.code_authenticator_id = phone.id
    return decision


def ceremony_for(means: Means, row: SignIn) -> Ceremony | None:
    """What the browser is asked for when a passkey is to be used."""
    return open_ceremony(means, f"sign_in:{row.id}", row.sealed_ceremony) if row.sealed_ceremony else None


def take(means: Means, browser_key: str, way: Way, answer: str, renewal: Renewal) -> Answer | SignedIn:
    """Check the answer and begin the session, all in the transaction that uses the answer up."""
    row = of_browser(means.session, browser_key, means.now)
    if row is None or row.account_id is None:
        return Check.GONE
    if not _is_readable(way, answer):
        return Check.UNREADABLE
    counted = subject(means, AUTHENTICATOR, row.account_id if way.kind == RECOVERY else way.id)
    subjects = (counted, here(means))
    decision = attempt(means, *subjects)
    if not isinstance(decision, Allowed):
        return decision
    code = _matching_code(means.session, row.account_id, answer) if way.kind == RECOVERY else None
    with unit_of_work(means.session) as work:
        row = of_browser(work, browser_key, means.now, lock=True)
        if row is None or row.account_id is None or chosen(work, row.account_id, way.id) is None:
            return Check.GONE
        result = _use_code(means, work, code) if way.kind == RECOVERY else _check(means, work, row, way, answer)
        if isinstance(result, Proved):
            succeeded(means, work, *subjects)
            if way.kind == RECOVERY:
                _tell_code_used(means, work, row.account_id)
            return finish(means, work, row, row.account_id, result.methods, way.kind, renewal)
        _after_failure(means, work, row, way, result, subjects)
    return result


def _is_readable(way: Way, answer: str) -> bool:
    if way.kind == "passkey":
        return bool(answer)
    if way.kind == RECOVERY:
        return recovery_codes.normalise(answer) is not None
    return one_time_code.normalise(answer) is not None


def _matching_code(session: Session, account_id: str, answer: str) -> int | None:
    # The slow hash is computed before the transaction; whether the code is still unused is asked inside.
    sheet = recovery_codes_of(session, account_id)
    if not sheet:
        return None
    hashes = [one.code_hash if one.used_at is None else None for one in sheet]
    place = recovery_codes.verify(answer, salt=sheet[0].salt, hashes=hashes)
    return None if place is None else sheet[place].id


def _use_code(means: Means, work: Session, code_id: int | None) -> Proved | Check:
    unused = update(RecoveryCode).where(RecoveryCode.id == code_id, RecoveryCode.used_at.is_(None))
    if code_id is None or work.execute(unused.values(used_at=means.now)).rowcount != 1:  # type: ignore[attr-defined]
        return Check.WRONG
    return Proved("pwd otp mfa")


def _tell_code_used(means: Means, work: Session, account_id: str) -> None:
    # After the counters are settled: an attempt takes their locks before the record's, and so must this.
    left = sum(one.used_at is None for one in recovery_codes_of(work, account_id))
    record(work, RecoveryCodeUsed(account=account_id, left=left), means.now)
    tell_owner(means, work, account_id, "recovery_code_used", left=left)


def _check(means: Means, work: Session, row: SignIn, way: Way, answer: str) -> Proved | Check:
    # Read anew under a lock: the same code, used in another browser at this moment, is used up.
    authenticator = work.get_one(Authenticator, way.id, populate_existing=True, with_for_update=True)
    checks: dict[str, Callable[[Means, Session, SignIn, Authenticator, str], Proved | Check]] = {
        "phone": _check_phone,
        "totp": _check_app,
        "passkey": _check_passkey,
    }
    result = checks[way.kind](means, work, row, authenticator, answer)
    if isinstance(result, Proved):
        authenticator.last_used_at = means.now
    return result


def _check_phone(means: Means, work: Session, row: SignIn, phone: Authenticator, answer: str) -> Proved | Check:
    # A code answers for the telephone it was sent to and for no other of the account's.
    if row.code_authenticator_id != phone.id:
        return Check.WRONG
    checked = sent_codes.check(means, row, answer)
    if checked is not Check.RIGHT:
        return checked
    methods = "pwd tel mfa" if row.code_channel == "voice" else "pwd sms mfa"
    sent_codes.used(means, work, row, number_of(means, phone))
    return Proved(methods)


def _check_app(means: Means, work: Session, row: SignIn, app: Authenticator, answer: str) -> Proved | Check:
    seed = means.keyring.open(app.sealed_secret or b"", seed_purpose(app.id))
    step = totp.verify(seed, answer, means.now, app.last_step)
    if step is None:
        return Check.WRONG
    app.last_step = step
    return Proved("pwd otp mfa")


def _check_passkey(means: Means, work: Session, row: SignIn, key: Authenticator, answer: str) -> Proved | Check:
    ceremony = ceremony_for(means, row)
    # Whatever the answer is worth, its challenge is used up.
    row.sealed_ceremony = new_ceremony(means, row)
    if ceremony is None:
        return Check.GONE
    try:
        claimed = webauthn.read_claim(answer).credential_id
    except CeremonyFailed:
        return Check.WRONG
    used = _key_with(work, key, claimed)
    verified = use_key(means, work, used, answer, ceremony, require_user_verification=False)
    if verified is None:
        return Check.WRONG
    return Proved(f"pwd {possession(used)} {'user ' if verified else ''}mfa")


def _key_with(work: Session, shown: Authenticator, credential_id: bytes) -> Authenticator:
    # The page asks for any of the account's keys, so the answer may come from another one than its button named.
    found = work.query(Authenticator).filter_by(account_id=shown.account_id, credential_id=credential_id).one_or_none()
    return found if found is not None and found.disabled_at is None else shown


def use_key(
    means: Means, work: Session, key: Authenticator, answer: str, ceremony: Ceremony, *, require_user_verification: bool
) -> bool | None:
    """Check a passkey's answer and note its use: whether it verified the person, or None when it is refused."""
    known = Known(
        key.credential_id or b"",
        key.public_key or b"",
        key.sign_count,
        key.backup_eligible,
        user_handle(key.account_id),
    )
    try:
        used = webauthn.verify_authentication(
            answer,
            party=party(means),
            challenge=ceremony.challenge,
            known=known,
            require_user_verification=require_user_verification,
        )
    except CeremonyFailed:
        return None
    if used.sign_count_regressed:
        record(work, KeyCounterWentBack(account=key.account_id, authenticator=key.id), means.now)
        return None
    key.sign_count, key.backed_up, key.last_used_at = used.sign_count, used.backed_up, means.now
    return used.user_verified


def _after_failure(
    means: Means, work: Session, row: SignIn, way: Way, result: Check, subjects: tuple[Subject, ...]
) -> None:
    if result is not Check.WRONG:
        not_counted(means, work, *subjects)
    elif is_spent(means, work, subjects[0]):
        disable(means, work, row.account_id or "", way)


def disable(means: Means, work: Session, account_id: str, way: Way) -> None:
    """Put a second step out of use after too many failures in a row, and tell the owner (SP 800-63B-4 §3.2.2)."""
    if way.kind == RECOVERY:
        work.execute(update(RecoveryCode).where(RecoveryCode.account_id == account_id).values(used_at=means.now))
        record(work, AuthenticatorDisabled(account=account_id, method=RECOVERY), means.now)
    else:
        work.get_one(Authenticator, way.id).disabled_at = means.now
        disabled = AuthenticatorDisabled(account=account_id, method=way.kind, authenticator=way.id)
        record(work, disabled, means.now)
    tell_owner(means, work, account_id, "authenticator_disabled", method=way.kind)


def channel_of(way: Way) -> PhoneChannel:
    """How the person wants codes on this telephone."""
    return cast(PhoneChannel, way.channel or "sms")
