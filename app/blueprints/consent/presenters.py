"""What the consent page shows, and the words of the notice that follows an agreement."""

from dataclasses import dataclass
from datetime import datetime

from app.access.portal import Portal
from app.delivery.message import Message
from app.flows.identity.arrivals import read_claims
from app.models.sign_in import Arrival
from app.web.messages import compose


@dataclass(frozen=True)
class ConsentPage:
    """An arrival as its page shows it. `finished` when the person agreed already and the answer was lost."""

    arrival: str
    provider: str
    emails: tuple[str, ...]
    finished: bool


def consent_page(running: Portal, arrival: Arrival) -> ConsentPage:
    """The page of an open arrival, or of one just finished."""
    label = running.parties[arrival.provider].config.label if arrival.provider in running.parties else arrival.provider
    if arrival.finished_at is not None:
        return ConsentPage(arrival.id, label, (), finished=True)
    claims, _ = read_claims(running.keyring, arrival)
    return ConsentPage(arrival.id, label, claims.emails, finished=False)


def notice(address: str, receipt_id: str, agreed_at: datetime) -> Message:
    """Tells the address that it is now used, and what to do if that was somebody else."""
    return compose("email_agreed", "email", address, receipt_id=receipt_id, agreed_at=agreed_at)
