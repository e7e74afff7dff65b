"""Refusals of requests in the audit record, so that support can find one by its code."""

from flask import g

from app import clock
from app.domain.errors import Refusal
from app.flows.identity.note_refusal import note
from app.models.base import db


def note_refusal(refusal: Refusal) -> None:
    """Record the refusal of the current request."""
    note(db.session(), refusal, str(g.get("request_id", "")), clock.now())
