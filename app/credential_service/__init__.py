"""The credential service: a real OpenID Provider that stands in for ID.me. Importing this package loads nothing."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.credential_service.settings import CredentialSettings


def create_app(settings: "CredentialSettings | None" = None) -> "Flask":
    """The credential service as a WSGI app. SettingsError when the settings are missing, unsafe or contradictory."""
    from app.credential_service import blueprints, commands, context, refusals
    from app.credential_service.settings import CredentialSettings
    from app.credential_service.store.base import store
    from app.storage import database
    from app.web import guard, kit

    settings = settings or CredentialSettings.read()
    running = context.CredentialService(settings, settings.open_keyring())
    app = kit.new_app(
        __name__,
        settings,
        face=context.face(settings),
        cookie="credential_session",
        templates=(Path(__file__).resolve().parent / "templates",),
        on_refusal=refusals.note_refusal,
    )
    database.install(app, store, settings.database_url)
    context.install(app, running)
    blueprints.register_all(app, running)
    commands.register(app, running)
    guard.require_all(app)
    return app
