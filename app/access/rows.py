"""The database session of a request, which a view hands to flows and named queries and does not use itself."""

from typing import cast

from sqlalchemy.orm import Session

from app.models.base import db


def rows() -> Session:
    """The session of this request; it ends with the request."""
    return cast(Session, db.session())
