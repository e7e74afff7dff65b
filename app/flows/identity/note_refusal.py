"""Note in the audit record that a request was refused."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.audit.events import BadRequestRefused
from app.audit.record import record
from app.domain.errors import Refusal
from app.storage.unit_of_work import unit_of_work


def note(session: Session, refusal: Refusal, request_id: str, now: datetime) -> None:
    """Record the code under the request's id, in a unit of work of its own."""
    with unit_of_work(session) as work:
        record(work, BadRequestRefused(code=refusal.code, request_id=request_id), now)
