"""The end of a sign-in: the session begins in the transaction that accepted the last proof."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.credential_service.flows.means import Means
from app.credential_service.flows.sent_codes import strike_out
from app.credential_service.flows.sessions import Renewal, begin
from app.credential_service.flows.sign_ins import just_finished
from app.credential_service.store.accounts import AccountSession
from app.credential_service.store.sign_ins import SignIn
from app.storage.unit_of_work import unit_of_work


@dataclass(frozen=True)
class SignedIn:
    """The session that began."""

    session: AccountSession


def finish(
    means: Means, work: Session, row: SignIn, account_id: str, methods: str, via: str, renewal: Renewal
) -> SignedIn:
    """Begin the session and close the attempt."""
    session = begin(work, renewal, account_id, methods, via, means.now)
    row.account_id, row.session_id = account_id, session.id
    row.finished_at, row.finished_proof = means.now, renewal.proof
    row.sealed_ceremony = None
    strike_out(row)
    return SignedIn(session)


def resume(means: Means, renewal: Renewal) -> SignedIn | None:
    """The same POST again, within two minutes, from the browser that finished: its answer was lost.

    The lost session ends and one like it begins, as old as the first. Anything else is None, and starts again.
    """
    with unit_of_work(means.session) as work:
        row = just_finished(work, renewal.old_key, means.now)
        lost = work.get(AccountSession, row.session_id) if row is not None and row.session_id else None
        if row is None or lost is None or row.finished_proof != renewal.proof or lost.ended_at is not None:
            return None
        lost.ended_at = means.now
        session = begin(work, renewal, lost.account_id, lost.methods, "resumed", means.now)
        session.authenticated_at, session.expires_at = lost.authenticated_at, lost.expires_at
        row.session_id = session.id
    return SignedIn(session)
