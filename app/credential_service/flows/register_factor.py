"""Registration: the second step is set up and proved. The account it completes is made by `create_account`."""

from collections.abc import Callable
from typing import cast

from sqlalchemy.exc import IntegrityError

from app.authenticators import recovery_codes, totp, webauthn
from app.authenticators.one_time_code import normalise
from app.authenticators.phone import PhoneNumber
from app.authenticators.throttle import Allowed, Wait
from app.authenticators.webauthn import CeremonyFailed, Registered
from app.credential_service.flows import sent_codes
from app.credential_service.flows.answers import Answer, Check
from app.credential_service.flows.create_account import Finished, create, credential_is_known
from app.credential_service.flows.means import Means
from app.credential_service.flows.registrations import (
    Phone,
    Stage,
    ceremony_of,
    new_ceremony,
    of_browser,
    party,
    phone_of,
    seal_phone,
    seed_of,
    stage,
)
from app.credential_service.flows.sent_codes import PhoneChannel, send_to_phone
from app.credential_service.flows.sessions import Renewal
from app.credential_service.flows.throttling import (
    CONFIRMATION,
    Subject,
    attempt,
    here,
    not_counted,
    subject,
    succeeded,
)
from app.credential_service.store.accounts import Authenticator
from app.credential_service.store.registrations import Registration
from app.storage.unit_of_work import unit_of_work

Prove = Callable[[Registration], Check]
Bind = Callable[[Registration], Authenticator]


def ready(means: Means, browser_key: str) -> Registration | None:
    """The registration, if a second step may be set up in it: the address is confirmed and the password chosen."""
    row = of_browser(means.session, browser_key, means.now)
    return row if row is not None and stage(row) is Stage.SECOND_STEP else None


def give_number(
    means: Means, browser_key: str, number: PhoneNumber, channel: PhoneChannel, request_key: str
) -> Allowed | Wait | Check:
    """Remember the telephone and send it a code. Its channel is what the person wants codes by from now on."""
    return _send(means, browser_key, Phone(number.e164, channel), request_key)


def send_again(means: Means, browser_key: str, channel: PhoneChannel, request_key: str) -> Allowed | Wait | Check:
    """Send a new code to the telephone, by either channel."""
    row = ready(means, browser_key)
    phone = phone_of(means, row) if row is not None else None
    return _send(means, browser_key, Phone(phone.number, channel), request_key) if phone is not None else Check.GONE


def _send(means: Means, browser_key: str, phone: Phone, request_key: str) -> Allowed | Wait | Check:
    with unit_of_work(means.session) as work:
        row = of_browser(work, browser_key, means.now)
        if row is None or stage(row) is not Stage.SECOND_STEP:
            return Check.GONE
        decision = send_to_phone(means, work, row, phone.number, cast(PhoneChannel, phone.channel), request_key)
        if isinstance(decision, Allowed):
            row.sealed_phone = seal_phone(means, row, phone)
    return decision


def prove_phone(means: Means, browser_key: str, typed: str, renewal: Renewal) -> Answer | Finished:
    """Finish with the code that was sent to the telephone."""
    row = ready(means, browser_key)
    phone = phone_of(means, row) if row is not None else None
    if phone is None:
        return Check.GONE
    if normalise(typed) is None:
        return Check.UNREADABLE

    def bind(row: Registration) -> Authenticator:
        return Authenticator(kind="phone", channel=phone.channel, label=sent_codes.phone_ending(phone.number))

    # Counted for the number: giving it again, here or in another registration, gives no fresh guesses.
    subjects = (subject(means, CONFIRMATION, phone.number), here(means))
    return _finish(means, browser_key, lambda row: sent_codes.check(means, row, typed), bind, subjects, renewal)


def prove_app(means: Means, browser_key: str, typed: str, renewal: Renewal) -> Answer | Finished:
    """Finish with a code of the authenticator app."""
    row = ready(means, browser_key)
    if row is None:
        return Check.GONE
    if normalise(typed) is None:
        return Check.UNREADABLE

    def step(row: Registration) -> int | None:
        return totp.verify(seed_of(means, row), typed, means.now, None)

    def bind(row: Registration) -> Authenticator:
        return Authenticator(kind="totp", last_step=step(row))

    def prove(row: Registration) -> Check:
        return Check.RIGHT if step(row) is not None else Check.WRONG

    subjects = (subject(means, CONFIRMATION, f"app:{row.id}"), here(means))
    return _finish(means, browser_key, prove, bind, subjects, renewal)


def prove_passkey(means: Means, browser_key: str, answer: str, renewal: Renewal) -> Answer | Finished:
    """Finish with a new passkey or security key that has verified the person (SP 800-63B-4 App. B)."""
    row = ready(means, browser_key)
    if row is None:
        return Check.GONE
    if not answer:
        return Check.UNREADABLE
    try:
        made = webauthn.verify_registration(answer, party=party(means), challenge=ceremony_of(means, row).challenge)
    except CeremonyFailed:
        _renew_ceremony(means, browser_key)
        return Check.WRONG

    def prove(row: Registration) -> Check:
        return Check.WRONG if credential_is_known(means.session, made.credential_id) else Check.RIGHT

    result = _finish(means, browser_key, prove, lambda _: _bind_passkey(made), (here(means),), renewal)
    if result is Check.WRONG:
        _renew_ceremony(means, browser_key)
    return result


def _renew_ceremony(means: Means, browser_key: str) -> None:
    with unit_of_work(means.session) as work:
        row = of_browser(work, browser_key, means.now)
        if row is not None:
            row.sealed_ceremony = new_ceremony(means, row)


def _bind_passkey(made: Registered) -> Authenticator:
    return Authenticator(
        kind="passkey",
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=" ".join(made.transports),
        aaguid=made.aaguid,
        backup_eligible=made.backup_eligible,
        backed_up=made.backed_up,
    )


def _finish(
    means: Means,
    browser_key: str,
    prove: Prove,
    bind: Bind,
    subjects: tuple[Subject, ...],
    renewal: Renewal,
) -> Answer | Finished:
    """Count, check, and make the account in the very transaction that accepts the proof."""
    decision = attempt(means, *subjects)
    if not isinstance(decision, Allowed):
        return decision
    row = ready(means, browser_key)
    # Ten slow hashes: made before the transaction, and only for who has the right answer.
    sheet = recovery_codes.issue() if row is not None and prove(row) is Check.RIGHT else None
    try:
        with unit_of_work(means.session) as work:
            row = of_browser(work, browser_key, means.now, lock=True)
            if row is None or stage(row) is not Stage.SECOND_STEP:
                return Check.GONE
            checked = prove(row)
            if checked is Check.RIGHT and sheet is not None:
                succeeded(means, work, *subjects)
                return create(means, work, row, bind(row), sheet, renewal)
            if checked is not Check.WRONG:
                not_counted(means, work, *subjects)
    except IntegrityError:
        return Check.TAKEN  # the address got its account in another browser at this very moment
    return checked
