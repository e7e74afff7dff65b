"""The unfinished sign-in of a browser: finding it, and the ways in which its account can take the second step."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.credential_service.flows.accounts import authenticators_of, recovery_codes_of
from app.credential_service.store.accounts import Authenticator
from app.credential_service.store.sign_ins import SignIn

LIFE: Final = timedelta(minutes=15)
REPLAY: Final = timedelta(seconds=120)
"""How long a POST whose answer was lost may be sent again."""
RECOVERY: Final = "recovery"
"""The name of the way by recovery code, where others have their authenticator's id."""


@dataclass(frozen=True)
class Way:
    """One way to take the second step, as a page offers it. `ending` is a telephone's last digits."""

    id: str
    kind: str
    channel: str | None = None
    ending: str = ""


def of_browser(session: Session, browser_key: str, now: datetime, *, lock: bool = False) -> SignIn | None:
    """The live attempt of this browser that knows whose account it is for, or that a passkey is to say so.

    With `lock`, a second POST of the same attempt waits for the first, and then finds none.
    """
    found = select(SignIn).where(
        SignIn.browser_key == browser_key, SignIn.expires_at > now, SignIn.finished_at.is_(None)
    )
    return session.scalars(found.with_for_update() if lock else found).one_or_none()


def just_finished(session: Session, browser_key: str, now: datetime) -> SignIn | None:
    """The attempt that this browser, under the name it had, finished within the last two minutes."""
    row = session.scalars(select(SignIn).where(SignIn.browser_key == browser_key)).one_or_none()
    return row if row is not None and row.finished_at is not None and now < row.finished_at + REPLAY else None


def replace(work: Session, row: SignIn, now: datetime) -> None:
    """Store a new attempt in place of the browser's last one, and let go of those that are over."""
    work.execute(delete(SignIn).where((SignIn.browser_key == row.browser_key) | (SignIn.expires_at <= now)))
    work.add(row)
    work.flush()


def ways(session: Session, account_id: str) -> list[Way]:
    """The ways that are open, the one used last first; recovery codes at the end."""
    found = [way_of(one) for one in authenticators_of(session, account_id)]
    left = [code for code in recovery_codes_of(session, account_id) if code.used_at is None]
    return [*found, *([Way(RECOVERY, RECOVERY)] if left else [])]


def way_of(one: Authenticator) -> Way:
    """An authenticator as a way."""
    return Way(one.id, one.kind, one.channel, one.label if one.kind == "phone" else "")


def chosen(session: Session, account_id: str, way_id: str | None) -> Way | None:
    """The way that was asked for, if it is the account's and open; the first one where none was asked for."""
    found = ways(session, account_id)
    if not way_id:
        return found[0] if found else None
    return next((way for way in found if way.id == way_id), None)
