"""All tables of the portal, imported once so that its metadata is complete."""

from pathlib import Path

from app.models import account, audit, consent, installation, outbox, session, sign_in, username
from app.models.base import Base
from app.storage.migrations import Migrations

__all__ = ["MIGRATIONS", "account", "audit", "consent", "installation", "outbox", "session", "sign_in", "username"]

MIGRATIONS = Migrations(Path(__file__).resolve().parent.parent / "migrations", Base.metadata)
