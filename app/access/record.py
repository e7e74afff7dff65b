"""Refusals of requests in the audit record, so that support can find one by its code."""

import logging

from flask import g
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.domain.errors import Refusal
from app.flows.identity.note_refusal import note
from app.models.base import db

log = logging.getLogger(__name__)


def note_refusal(refusal: Refusal) -> None:
    """Record the refusal of the current request. The answer never depends on whether that worked."""
    try:
        note(db.session(), refusal, str(g.get("request_id", "")), clock.now())
    except SQLAlchemyError:
        log.exception("a refusal could not be recorded in request %s", g.get("request_id"))
