"""The two WSGI callables, `portal` and `credential_service`; each is built when it is first asked for.

Nothing is built at import: `flask` looks at this file too, and the portal runs where the other service is missing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    from app.storage.migrations import Migrations

    portal: Flask
    credential_service: Flask


def _build_portal() -> "Flask":
    from app import create_app
    from app.models.all import MIGRATIONS
    from app.models.base import db

    return _with_tables(create_app(), db, MIGRATIONS)


def _build_credential_service() -> "Flask":
    from app.credential_service import create_app
    from app.credential_service.store.all import MIGRATIONS
    from app.credential_service.store.base import store

    return _with_tables(create_app(), store, MIGRATIONS)


def _with_tables(service: "Flask", handle: "SQLAlchemy", migrations: "Migrations") -> "Flask":
    # On a laptop and in tests a service is started as it is; in production migrating is a step of its own.
    if service.config["QAAMS_ENV"] != "production":
        with service.app_context():
            migrations.make_current(handle.engine)
    return service


BUILDERS = {"portal": _build_portal, "credential_service": _build_credential_service}


def __getattr__(name: str) -> "Flask":
    """Build the service `name` and keep it, so that it is built once a process. AttributeError for any other name."""
    if name not in BUILDERS:
        raise AttributeError(name)
    service = BUILDERS[name]()
    globals()[name] = service
    return service
