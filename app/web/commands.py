"""Commands that both services have: migrate the database, deliver the outbox, verify the audit record.

`flask NAME` for the portal, `flask --app app.credential_service NAME` for the credential service.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TextIO

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import clock
from app.delivery.message import Channel
from app.delivery.outbox import OutboxTables
from app.delivery.ports import Port
from app.settings import ServiceSettings
from app.storage.keyring import Keyring
from app.storage.migrations import Migrations
from app.storage.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from app.audit.tables import AuditTables

HOUSEKEEPING_SECONDS = 30.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """What the commands need of a service. `erase_expired(session, now)` erases what is past its time."""

    engine: Callable[[], Engine]
    migrations: Migrations
    outbox: OutboxTables
    audit: "AuditTables"
    keyring: Keyring
    settings: ServiceSettings
    erase_expired: Callable[[Session, datetime], int]


def register(app: Flask, parts: Parts) -> None:
    """Hang the commands on the app."""
    for group in (_database(parts), _outbox(parts), _audit(parts)):
        app.cli.add_command(group)


def _database(parts: Parts) -> AppGroup:
    group = AppGroup("database", help="The database and its migrations.")

    @group.command("migrate")
    def migrate() -> None:
        """Bring the database to the revision this code needs."""
        parts.migrations.upgrade(parts.engine())
        click.echo(f"The database is at revision {parts.migrations.head}.")

    @group.command("write-migration")
    @click.argument("number")
    @click.argument("slug")
    def write_migration(number: str, slug: str) -> None:
        """Write migration NUMBER_SLUG.py from how the tables differ from the database; read it before you keep it."""
        parts.migrations.write(parts.engine(), number, slug)
        click.echo(f"Pin it when it is right: echo {number} > {parts.migrations.folder / 'HEAD'}")

    return group


def _outbox(parts: Parts) -> AppGroup:
    group = AppGroup("outbox", help="Messages on their way out.")

    @group.command("drain")
    def drain() -> None:
        """Send everything that is due now, then end."""
        from app.delivery.worker import Worker

        handled = Worker(parts.engine(), parts.outbox, parts.keyring, _ports(parts)).drain()
        click.echo(f"{handled} messages handled.")

    @group.command("work")
    def work() -> None:
        """Send messages as they come and erase what is past its time, until stopped."""
        from app.delivery.worker import Worker, stop_on_signals

        stop = stop_on_signals()
        engine = parts.engine()
        keeper = threading.Thread(target=_keep_house, args=(parts, engine, stop), daemon=True)
        keeper.start()
        Worker(engine, parts.outbox, parts.keyring, _ports(parts)).run(stop)

    return group


def _ports(parts: Parts) -> Mapping[Channel, Port]:
    """The fake inbox outside production; in production the ports that the settings name, and none for the rest."""
    from app.delivery.fake import inbox_ports
    from app.delivery.mail import MailPort

    settings = parts.settings
    ports: dict[Channel, Port] = {}
    if settings.shows_outbox:
        ports |= inbox_ports(parts.engine(), parts.outbox)
    if settings.mail_url is not None:
        ports["email"] = MailPort(settings.mail_url, settings.mail_from)
    return ports


def _keep_house(parts: Parts, engine: Engine, stop: threading.Event) -> None:
    while not stop.wait(HOUSEKEEPING_SECONDS):
        try:
            with Session(engine) as session, unit_of_work(session) as work:
                parts.erase_expired(work, clock.now())
        except SQLAlchemyError:
            # A database that is busy or away for a moment: what is past its time goes at the next round.
            log.exception("what is past its time could not be erased")


def _audit(parts: Parts) -> AppGroup:
    group = AppGroup("audit", help="The audit record.")

    @group.command("export")
    def export() -> None:
        """Print the record as JSON lines, for verifying it elsewhere."""
        from app.audit import chain

        with Session(parts.engine()) as session:
            for line in chain.export(session, parts.audit):
                click.echo(line)

    @group.command("verify")
    @click.option("--file", type=click.File(encoding="utf-8"), help="An export to verify, instead of the database.")
    @click.option("--noted", help="A hash that an earlier verification gave; it has to occur.")
    def verify(file: TextIO | None, noted: str | None) -> None:
        """Check that the record is whole; exit 1 when it is not."""
        from app.audit import chain

        if file is not None:
            result = chain.verify_export(file, noted)
        else:
            with Session(parts.engine()) as session:
                result = chain.verify(session, parts.audit, noted)
        if not result.ok:
            raise click.ClickException(f"event {result.broken_serial} does not hold: {result.broken}")
        click.echo(f"{result.events} events hold. The last hash is {result.last_hash}.")

    return group
