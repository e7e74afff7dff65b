"""All tables of the credential service, imported once so that its metadata is complete."""

from pathlib import Path

from app.credential_service.store import (
    accounts,
    consents,
    interactions,
    registrations,
    sent_codes,
    sign_ins,
    signing_keys,
    tokens,
)
from app.credential_service.store.base import Base
from app.storage.migrations import Migrations

__all__ = [
    "MIGRATIONS",
    "accounts",
    "consents",
    "interactions",
    "registrations",
    "sent_codes",
    "sign_ins",
    "signing_keys",
    "tokens",
]

MIGRATIONS = Migrations(Path(__file__).resolve().parent.parent / "migrations", Base.metadata)
