"""The unfinished registration of a browser: finding it, which stage it is at, and opening what it keeps sealed."""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.authenticators import webauthn
from app.authenticators.webauthn import Ceremony, RelyingParty, User
from app.credential_service.flows.means import Means
from app.credential_service.store.registrations import Registration

LIFE: Final = timedelta(hours=24)
REPLAY: Final = timedelta(seconds=120)
"""How long a POST whose answer was lost may be sent again."""
PARTY_NAME: Final = "Credential service"


class Stage(StrEnum):
    """What a registration waits for; ELSEWHERE is for the browser that it has left."""

    EMAIL = "email"
    CONFIRM = "confirm"
    PASSWORD = "password"  # noqa: S105 - the name of a stage
    SECOND_STEP = "second_step"
    RECOVERY_CODES = "recovery_codes"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Phone:
    """The telephone that is being set up."""

    number: str
    channel: str


def of_browser(session: Session, browser_key: str, now: datetime, *, lock: bool = False) -> Registration | None:
    """The live registration that this browser may go on with. With `lock`, one POST of it waits for the other."""
    found = select(Registration).where(Registration.browser_key == browser_key, Registration.expires_at > now)
    return session.scalars(found.with_for_update() if lock else found).one_or_none()


def stage_of(session: Session, browser_key: str, now: datetime) -> Stage:
    """Where the person in this browser should be."""
    row = of_browser(session, browser_key, now)
    if row is not None:
        return stage(row)
    left = select(Registration.id).where(Registration.began_key == browser_key, Registration.expires_at > now)
    return Stage.ELSEWHERE if session.scalars(left.limit(1)).first() else Stage.EMAIL


def stage(row: Registration) -> Stage:
    """The stage of a registration."""
    if row.confirmed_at is None:
        return Stage.CONFIRM
    if row.password_hash is None:
        return Stage.PASSWORD
    return Stage.SECOND_STEP if row.finished_at is None else Stage.RECOVERY_CODES


def just_finished(session: Session, browser_key: str, now: datetime) -> Registration | None:
    """The registration that this browser, under the name it had, finished within the last two minutes."""
    found = select(Registration).where(Registration.previous_key == browser_key, Registration.finished_at.is_not(None))
    row = session.scalars(found).first()
    return row if row is not None and row.finished_at is not None and now < row.finished_at + REPLAY else None


def seal_email(means: Means, registration_id: str, address: str) -> bytes:
    """The address, for the row of this registration only."""
    return means.keyring.seal(address.encode(), f"registration:{registration_id}:email")


def email_of(means: Means, row: Registration) -> str:
    """The address that the person gave."""
    return means.keyring.open(row.sealed_email, f"registration:{row.id}:email").decode()


def seal_seed(means: Means, row: Registration, seed: bytes) -> bytes:
    """The secret of an authenticator app that may be set up."""
    return means.keyring.seal(seed, f"registration:{row.id}:seed")


def seed_of(means: Means, row: Registration) -> bytes:
    """The secret of the authenticator app."""
    return means.keyring.open(row.sealed_seed or b"", f"registration:{row.id}:seed")


def seal_phone(means: Means, row: Registration, phone: Phone) -> bytes:
    """The telephone, for this row."""
    return means.keyring.seal(json.dumps([phone.number, phone.channel]).encode(), f"registration:{row.id}:phone")


def phone_of(means: Means, row: Registration) -> Phone | None:
    """The telephone that is being set up, if a number was given."""
    if row.sealed_phone is None:
        return None
    number, channel = json.loads(means.keyring.open(row.sealed_phone, f"registration:{row.id}:phone"))
    return Phone(number, channel)


def new_ceremony(means: Means, row: Registration) -> bytes:
    """Sealed options for making a passkey; their challenge is good for one answer."""
    address = email_of(means, row)
    user = User(user_handle(row.account_id), address, address)
    return seal_ceremony(means, f"registration:{row.id}", webauthn.registration(party(means), user))


def ceremony_of(means: Means, row: Registration) -> Ceremony:
    """What the browser is asked for when it is to make a passkey."""
    return open_ceremony(means, f"registration:{row.id}", row.sealed_ceremony or b"")


def seal_ceremony(means: Means, owner: str, ceremony: Ceremony) -> bytes:
    """A ceremony, for the row that is called `owner`."""
    plain = json.dumps([ceremony.options, b64encode(ceremony.challenge).decode()]).encode()
    return means.keyring.seal(plain, f"{owner}:ceremony")


def open_ceremony(means: Means, owner: str, sealed: bytes) -> Ceremony:
    """The ceremony that was sealed."""
    options, challenge = json.loads(means.keyring.open(sealed, f"{owner}:ceremony"))
    return Ceremony(options, b64decode(challenge))


def user_handle(account_id: str) -> bytes:
    """What passkeys call an account: 16 bytes that say nothing."""
    return UUID(account_id).bytes


def party(means: Means) -> RelyingParty:
    """This service, as WebAuthn knows it: from the public URL alone."""
    return RelyingParty(urlsplit(means.public_url).hostname or "", means.public_url, PARTY_NAME)
