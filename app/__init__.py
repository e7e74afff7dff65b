"""The portal. Importing this package loads nothing; `create_app` puts the parts together."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.settings import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """The portal as a WSGI app. SettingsError when the settings are missing, unsafe or contradictory."""
    from app import blueprints, cli
    from app.access import portal, record, session
    from app.models.base import db
    from app.settings import Settings
    from app.storage import database
    from app.web import guard, kit

    settings = settings or Settings.read()
    running = portal.Portal(
        settings,
        settings.open_keyring(),
        portal.relying_parties(settings),
    )
    app = kit.new_app(
        __name__, settings, face=portal.face(settings), cookie="qaams_session", on_refusal=record.note_refusal
    )
    database.install(app, db, settings.database_url)
    portal.install(app, running)
    session.install(app)
    blueprints.register(app, running)
    cli.register(app)
    guard.require_all(app)
    portal.refuse_demo_data(app)
    return app
