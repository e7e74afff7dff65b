"""The key set as relying parties fetch it; the first key is made when somebody first asks."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.credential_service.signing_keys import published, signing_key
from app.storage.keyring import Keyring
from app.storage.unit_of_work import unit_of_work


def key_set(session: Session, keyring: Keyring, now: datetime) -> list[dict[str, Any]]:
    """The public keys, the newest first; never empty."""
    keys = published(session, now)
    if not keys:
        ensure_key(session, keyring, now)
    return keys or published(session, now)


def ensure_key(session: Session, keyring: Keyring, now: datetime) -> None:
    """See to it that there is a key, so that nobody waits for one to be made. Done by whoever starts the service."""
    with unit_of_work(session) as work:
        signing_key(work, keyring, now)
