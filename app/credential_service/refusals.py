"""Refusals of requests in the audit record, so that support can find one by its code."""

from flask import g

from app import clock
from app.credential_service.audit_events import RequestRefused, record
from app.credential_service.store.base import store
from app.domain.errors import Refusal
from app.storage.unit_of_work import unit_of_work


def note_refusal(refusal: Refusal) -> None:
    """Record the refusal of the current request."""
    with unit_of_work(store.session()) as work:
        record(work, RequestRefused(refusal.code, str(g.get("request_id", ""))), clock.now())
