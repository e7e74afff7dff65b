"""Six-digit codes that are sent: issued for a row, carried by mail, text or call, checked once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, Literal

from sqlalchemy.orm import Session

from app.authenticators import one_time_code
from app.authenticators.one_time_code import LIFETIME
from app.authenticators.phone import ending, spoken
from app.authenticators.throttle import CODES_TO_NUMBER, SENDS_FROM_ADDRESS, Allowed, RatePolicy, Wait
from app.credential_service.flows.answers import OF_CODES, Check
from app.credential_service.flows.means import Means, send_code
from app.credential_service.flows.throttling import may_send, sent_code_used
from app.credential_service.store.base import outbox
from app.credential_service.store.registrations import Registration
from app.credential_service.store.sign_ins import SignIn
from app.delivery.outbox import delivery
from app.delivery.ports import Reason

PhoneChannel = Literal["sms", "voice"]
Asking = Registration | SignIn

TO_NUMBER: Final = "codes_to_number"
FROM_ADDRESS: Final = "codes_from"
CODE_MINUTES: Final = LIFETIME // timedelta(minutes=1)


def issue(means: Means, row: Asking) -> str:
    """Make a new code for the row; the one before is void. Returns the code, for the message and nothing else."""
    row.code_serial += 1
    issued = one_time_code.issue(key=_key(means), salt_id=_salt(row), now=means.now)
    row.code_hash, row.code_expires_at = issued.keyed_hash, issued.expires_at
    return issued.code


def check(means: Means, row: Asking, typed: str) -> Check:
    """Compare what was typed with the row's code. The caller strikes the code out where it is accepted."""
    if one_time_code.normalise(typed) is None:
        return Check.UNREADABLE
    if row.code_hash is None or row.code_expires_at is None:
        return Check.WRONG
    checked = one_time_code.verify(
        typed,
        key=_key(means),
        salt_id=_salt(row),
        keyed_hash=row.code_hash,
        expires_at=row.code_expires_at,
        now=means.now,
    )
    return OF_CODES[checked]


def strike_out(row: Asking) -> None:
    """Make the code worthless, and forget how it was sent."""
    row.code_hash = row.code_expires_at = row.code_channel = row.code_message_id = row.code_request_key = None


def send_to_phone(
    means: Means, work: Session, row: Asking, number: str, channel: PhoneChannel, request_key: str
) -> Allowed | Wait:
    """Send a fresh code to a number, unless this very form has sent one already. Wait says when the next may go."""
    if row.code_hash is not None and request_key and row.code_request_key == request_key:
        return Allowed()
    decision = _may_send_to_phone(means, work, number)
    if isinstance(decision, Wait):
        return decision
    code = issue(means, row)
    row.code_channel, row.code_request_key = channel, request_key
    row.code_message_id = send_code(
        means, work, "phone_code", channel, number, code=code, spoken=spoken(code), minutes=CODE_MINUTES
    )
    return Allowed()


def _may_send_to_phone(means: Means, work: Session, number: str) -> Allowed | Wait:
    rules: Sequence[tuple[str, str, Sequence[RatePolicy]]] = (
        (TO_NUMBER, number, CODES_TO_NUMBER),
        (FROM_ADDRESS, means.address, SENDS_FROM_ADDRESS),
    )
    for scope, to, policies in rules:
        decision = may_send(means, work, scope, to, policies)
        if isinstance(decision, Wait):
            return decision
    return Allowed()


def used(means: Means, work: Session, row: Asking, number: str) -> None:
    """A code sent to this number was accepted."""
    strike_out(row)
    sent_code_used(means, work, TO_NUMBER, number)


def failure_of(session: Session, row: Asking) -> Reason | None:
    """Why the last message could not be delivered, as far as is known by now."""
    if row.code_message_id is None:
        return None
    found = delivery(session, outbox, row.code_message_id)
    return found.reason if found is not None and found.state == "failed" else None


def phone_ending(number: str) -> str:
    """The last two digits, to name a telephone by."""
    return ending(number)


def _key(means: Means) -> bytes:
    return means.keyring.mac("one-time-code", b"")


def _salt(row: Asking) -> str:
    return f"{row.__tablename__}:{row.id}:{row.code_serial}"
