"""Refusals of requests in the audit record, so that support can find one by its code."""

import logging

from flask import g
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.credential_service.audit_events import RequestRefused, record
from app.credential_service.store.base import store
from app.domain.errors import Refusal
from app.storage.unit_of_work import unit_of_work

log = logging.getLogger(__name__)


def note_refusal(refusal: Refusal) -> None:
    """Record the refusal of the current request. The answer never depends on whether that worked."""
    request_id = str(g.get("request_id", ""))
    try:
        with unit_of_work(store.session()) as work:
            record(work, RequestRefused(refusal.code, request_id), clock.now())
    except SQLAlchemyError:
        log.exception("a refusal could not be recorded in request %s", request_id)
