"""The portal's commands, one file a group; those that both services have come from the kit."""

from flask import Flask

from app.access.portal import portal_of
from app.flows.identity.erase_expired import erase_expired
from app.models.all import MIGRATIONS
from app.models.audit import tables as audit
from app.models.base import db
from app.models.outbox import outbox
from app.web import commands


def register(app: Flask) -> None:
    """Hang every command on the app."""
    from app.cli import seed, usernames

    running = portal_of(app)
    commands.register(
        app,
        commands.Parts(
            engine=lambda: db.engine,
            migrations=MIGRATIONS,
            outbox=outbox,
            audit=audit,
            keyring=running.keyring,
            settings=running.settings,
            erase_expired=erase_expired,
        ),
    )
    usernames.register(app)
    seed.register(app)
