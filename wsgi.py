"""The two WSGI callables, `portal` and `credential_service`; each is built when it is first asked for.

Nothing is built at import: `flask` looks at this file too, and the portal runs where the other service is missing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    portal: Flask
    credential_service: Flask


def _build_portal() -> "Flask":
    from app import create_app

    return create_app()


def _build_credential_service() -> "Flask":
    from app.credential_service import create_app

    return create_app()


BUILDERS = {"portal": _build_portal, "credential_service": _build_credential_service}


def __getattr__(name: str) -> "Flask":
    """Build the service `name` and keep it, so that it is built once a process. AttributeError for any other name."""
    if name not in BUILDERS:
        raise AttributeError(name)
    service = BUILDERS[name]()
    globals()[name] = service
    return service
