"""`flask seed`: demo people for a laptop or a test, imported like anybody else; refused in production."""

import csv
import hashlib
from base64 import b64encode
from io import BytesIO, StringIO
from typing import Final

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from app import clock
from app.access.portal import portal
from app.domain.identity.usernames import COLUMNS, Problem
from app.flows.identity.import_usernames import RefusedRow, Tally, import_usernames
from app.models.base import db
from app.models.installation import DEMO_DATA, InstallationFact
from app.storage.unit_of_work import unit_of_work

DEMO_PASSWORD: Final = "correct horse battery 9"  # noqa: S105 - printed for everybody to try; refused in production
OLD_ITERATIONS: Final = 100_000
"""Of PBKDF2, as the old system had it: so that signing in first replaces the hash."""

_PEOPLE: Final = (
    ("demo-ro", "ro@example.com", "Rosa", "Okafor", "ro"),
    ("demo-contact", "contact@example.com", "Chidi", "Contreras", "contact"),
    ("demo-poa", "poa@example.com", "Paula", "Oyelaran", "poa"),
)


@click.command("seed")
@with_appcontext
def seed_command() -> None:
    """Add the demo people, once; a second run changes nothing."""
    if portal().settings.env == "production":
        raise click.ClickException("Production refuses demo data.")
    tally = seed(db.session())
    click.echo(f"Demo people: {tally.added} added. Sign in as demo-ro with the password: {DEMO_PASSWORD}")


def seed(session: Session) -> Tally:
    """Mark the installation as one with demo data, then import the people through the ordinary flow."""
    with unit_of_work(session) as work:
        if work.get(InstallationFact, DEMO_DATA) is None:
            work.add(InstallationFact(name=DEMO_DATA, value=clock.today().isoformat()))
    tally = Tally()
    import_usernames(session, BytesIO(demo_file()), clock.now(), _accept_changed, tally)
    return tally


def demo_file() -> bytes:
    """The usernames file of the demo people; the same at each call, so that importing it again is no change."""
    text = StringIO()
    rows = csv.DictWriter(text, fieldnames=tuple(COLUMNS))
    rows.writeheader()
    for username, email, given_name, family_name, role in _PEOPLE:
        rows.writerow(
            {
                "username": username,
                "email": email,
                "given_name": given_name,
                "family_name": family_name,
                "password_hash": _old_hash(f"demo{role}"),
                "role": role,
                "cohort": "demo",
                "status": "active",
            }
        )
    return text.getvalue().encode()


def _old_hash(salt: str) -> str:
    # A fixed salt: the password is public anyway.
    made = hashlib.pbkdf2_hmac("sha256", DEMO_PASSWORD.encode(), salt.encode(), OLD_ITERATIONS)
    return f"pbkdf2_sha256${OLD_ITERATIONS}${salt}${b64encode(made).decode()}"


def _accept_changed(row: RefusedRow) -> None:
    """Someone who tried the demo may have changed a person; that is theirs to do. Anything else is our mistake."""
    if [fault.problem for fault in row.faults] != [Problem.DIFFERS]:
        raise click.ClickException("The demo people cannot be imported.")


def register(app: Flask) -> None:
    """Offer the command."""
    app.cli.add_command(seed_command)
