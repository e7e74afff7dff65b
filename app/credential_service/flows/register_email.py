"""Registration, first half: an address is given and confirmed, by a typed code or by the link in the same mail."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from enum import Enum
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.authenticators.throttle import MAILS_TO_ADDRESS, SENDS_FROM_ADDRESS, Allowed, Wait
from app.credential_service.flows.accounts import by_address, fold
from app.credential_service.flows.answers import Answer, Check
from app.credential_service.flows.means import Means, send_code, send_notice
from app.credential_service.flows.registrations import LIFE, email_of, of_browser, seal_email
from app.credential_service.flows.sent_codes import CODE_MINUTES, check, issue, strike_out
from app.credential_service.flows.throttling import (
    CONFIRMATION,
    attempt,
    here,
    may_send,
    not_counted,
    subject,
    succeeded,
)
from app.credential_service.store.registrations import Registration
from app.storage.unit_of_work import unit_of_work

ID_BYTES: Final = 16


class Place(Enum):
    """Where a link was opened: in the browser that registers, in another, or too late to matter."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    OVER = "over"


@dataclass(frozen=True)
class Link:
    """A link as its page shows it; `address` is empty where the link is over."""

    place: Place
    address: str = ""


def start(means: Means, browser_key: str, address: str, request_key: str) -> Allowed | Wait:
    """Begin to register `address` in this browser, in place of what it had begun, and send a mail.

    An address that has an account gets a mail that says so; the work, the answer and the time are the same, so that
    nobody learns from this page who has an account (ASVS 6.3.8).
    """
    with unit_of_work(means.session) as work:
        row = of_browser(work, browser_key, means.now)
        if row is not None and request_key and row.start_request_key == request_key:
            return Allowed()
        decision = _may_mail(means, work, address)
        if isinstance(decision, Wait):
            return decision
        work.execute(
            delete(Registration).where(
                (Registration.browser_key == browser_key) | (Registration.expires_at <= means.now)
            )
        )
        row = _new(means, browser_key, address, request_key)
        work.add(row)
        work.flush()
        _send(means, work, row, request_key)
    return Allowed()


def _may_mail(means: Means, work: Session, address: str) -> Allowed | Wait:
    decision = may_send(means, work, "mails_to_address", fold(address), MAILS_TO_ADDRESS)
    if isinstance(decision, Wait):
        return decision
    return may_send(means, work, "mails_from", means.address, SENDS_FROM_ADDRESS)


def _new(means: Means, browser_key: str, address: str, request_key: str) -> Registration:
    registration_id = str(uuid4())
    return Registration(
        id=registration_id,
        browser_key=browser_key,
        began_key=browser_key,
        created_at=means.now,
        expires_at=means.now + LIFE,
        start_request_key=request_key,
        sealed_email=seal_email(means, registration_id, address),
        account_id=str(uuid4()),
        code_serial=0,
    )


def _send(means: Means, work: Session, row: Registration, request_key: str) -> None:
    address = email_of(means, row)
    # The code is made in both cases: it costs the same, and one that is never sent confirms nothing.
    code = issue(means, row)
    row.code_request_key = request_key
    if by_address(work, address) is None:
        link = f"{means.public_url}/register/confirm/{_token(means, row.id)}"
        row.code_message_id = send_code(
            means, work, "confirm_email", "email", address, code=code, link=link, minutes=CODE_MINUTES
        )
    else:
        sign_in_url = f"{means.public_url}/sign-in"
        row.code_message_id = send_notice(means, work, "have_account", address, sign_in_url=sign_in_url)


def send_again(means: Means, browser_key: str, request_key: str) -> Allowed | Wait:
    """Send the mail again, with a new code and the same link; what was typed wrong so far stays counted."""
    with unit_of_work(means.session) as work:
        row = of_browser(work, browser_key, means.now)
        if row is None or row.confirmed_at is not None or (request_key and row.code_request_key == request_key):
            return Allowed()
        decision = _may_mail(means, work, email_of(means, row))
        if isinstance(decision, Allowed):
            _send(means, work, row, request_key)
    return decision


def confirm_by_code(means: Means, browser_key: str, typed: str) -> Answer:
    """Confirm the address with the code from the mail, typed in the browser that registers.

    Failures count for the address, over all registrations of it: beginning again gives no fresh guesses. Who has been
    shut out by somebody else's guessing still has the link.
    """
    row = of_browser(means.session, browser_key, means.now)
    if row is None:
        return Check.GONE
    if check(means, row, typed) is Check.UNREADABLE:
        return Check.UNREADABLE
    subjects = (subject(means, CONFIRMATION, fold(email_of(means, row))), here(means))
    decision = attempt(means, *subjects)
    if not isinstance(decision, Allowed):
        return decision
    with unit_of_work(means.session) as work:
        row = of_browser(work, browser_key, means.now)
        if row is None:
            return Check.GONE
        checked = Check.RIGHT if row.confirmed_at is not None else check(means, row, typed)
        if checked is Check.RIGHT:
            _confirm(means, row)
            succeeded(means, work, *subjects)
        elif checked is Check.EXPIRED:
            not_counted(means, work, *subjects)
    return checked


def _confirm(means: Means, row: Registration) -> None:
    if row.confirmed_at is None:
        row.confirmed_at = means.now
        strike_out(row)


def look_at_link(means: Means, token: str, browser_key: str) -> Link:
    """What the page behind the link says. Nothing happens yet: programs that guard mailboxes open every link."""
    row = _by_token(means, means.session, token)
    if row is None or (row.confirmed_at is not None and row.browser_key != browser_key):
        return Link(Place.OVER)
    return Link(Place.HERE if row.browser_key == browser_key else Place.ELSEWHERE, email_of(means, row))


def follow_link(means: Means, token: str, browser_key: str) -> bool:
    """Confirm the address with the link and go on in this browser. False when the link is over.

    The registration goes on where the button is pressed, never where it began. Otherwise someone could begin to
    register another person's address and wait: that person's press of a button in a mail they did not expect would
    confirm the address in the stranger's browser, and the stranger would choose the password.
    """
    with unit_of_work(means.session) as work:
        row = _by_token(means, work, token)
        if row is None or (row.confirmed_at is not None and row.browser_key != browser_key):
            return False
        if row.browser_key != browser_key:
            work.execute(delete(Registration).where(Registration.browser_key == browser_key, Registration.id != row.id))
            work.flush()
            row.browser_key = browser_key
        _confirm(means, row)
        succeeded(means, work, subject(means, CONFIRMATION, fold(email_of(means, row))))
    return True


def _token(means: Means, registration_id: str) -> str:
    # Made from the row's id by a key that is not in the database: every mail of one registration carries the same
    # link, and nothing in the table lets anyone make it.
    octets = UUID(registration_id).bytes
    return urlsafe_b64encode(octets + means.keyring.mac("registration-link", octets)).rstrip(b"=").decode()


def _by_token(means: Means, session: Session, token: str) -> Registration | None:
    try:
        octets = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        registration_id = str(UUID(bytes=octets[:ID_BYTES]))
    except ValueError:
        return None
    if not hmac.compare_digest(token.encode(), _token(means, registration_id).encode()):
        return None
    row = session.get(Registration, registration_id, populate_existing=True)
    return row if row is not None and row.expires_at > means.now and row.finished_at is None else None
