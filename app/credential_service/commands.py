"""The commands of the credential service: `flask --app app.credential_service NAME`. Most come from the kit."""

import click
from flask import Flask
from flask.cli import AppGroup

from app import clock
from app.credential_service.context import CredentialService
from app.credential_service.flows.expiry import erase_expired
from app.credential_service.flows.keys import ensure_key
from app.credential_service.signing_keys import rotate
from app.credential_service.store.all import MIGRATIONS
from app.credential_service.store.base import audit, outbox, store
from app.storage.unit_of_work import unit_of_work
from app.web import commands


def register(app: Flask, running: CredentialService) -> None:
    """Hang every command on the app."""
    commands.register(
        app,
        commands.Parts(
            engine=lambda: store.engine,
            migrations=MIGRATIONS,
            outbox=outbox,
            audit=audit,
            keyring=running.keyring,
            settings=running.settings,
            erase_expired=erase_expired,
        ),
    )
    app.cli.add_command(_signing_keys(running))


def _signing_keys(running: CredentialService) -> AppGroup:
    group = AppGroup("signing-keys", help="The keys that sign ID tokens.")

    @group.command("ensure")
    def ensure() -> None:
        """Make the first key where there is none."""
        ensure_key(store.session(), running.keyring, clock.now())

    @group.command("rotate")
    def change() -> None:
        """Sign with a new key from now on; the one before stays published until what it signed has expired."""
        with unit_of_work(store.session()) as work:
            kid = rotate(work, running.keyring, clock.now())
        click.echo(f"The key {kid} signs from now on.")

    return group
