"""Facts about this installation, as start-up and commands ask for them."""

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from app.models.installation import DEMO_DATA, InstallationFact


def holds_demo_data(session: Session) -> bool:
    """Whether the database was ever seeded with demo people. A database without tables holds none."""
    if not inspect(session.connection()).has_table(InstallationFact.__tablename__):
        return False
    return session.get(InstallationFact, DEMO_DATA) is not None
