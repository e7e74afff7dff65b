"""Sessions begin and end here, whatever way the person signed in. The browser's cookie is `session`'s."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.credential_service.account_events import SessionBegan, SessionEnded, record
from app.credential_service.flows.interactions import rebind
from app.credential_service.store.accounts import AccountSession
from app.storage.sessions import limits

ASSURANCE = "aal2"


@dataclass(frozen=True)
class Renewal:
    """The browser's identifier before and after its session begins; it gets `token` once the session is stored.

    `proof` recognises the POST that begins the session, should its answer be lost (`Means.proof`).
    """

    old_key: str
    new_key: str
    token: str = field(repr=False)
    proof: bytes = field(repr=False)


def begin(work: Session, renewal: Renewal, account_id: str, methods: str, via: str, now: datetime) -> AccountSession:
    """Begin a session in the caller's unit of work. `methods` are `amr` values, `via` the second step for the record.

    The session that the browser had ends, and the requests of relying parties that wait in it follow it to its new
    identifier (ASVS 7.2.4).
    """
    end_of_browser(work, renewal.old_key, now)
    row = AccountSession(
        key=renewal.new_key, account_id=account_id, assurance=ASSURANCE, methods=methods, **limits(now)
    )
    work.add(row)
    work.flush()
    rebind(work, renewal.old_key, renewal.new_key)
    record(work, SessionBegan(account=account_id, session=row.id, method=via), now)
    return row


def end_of_browser(work: Session, browser_key: str, now: datetime) -> None:
    """End the session of a browser, if it has one."""
    found = select(AccountSession).where(AccountSession.key == browser_key, AccountSession.ended_at.is_(None))
    for row in work.scalars(found):
        row.ended_at = now
        record(work, SessionEnded(account=row.account_id, session=row.id), now)
