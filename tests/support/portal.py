"""A portal for one test: its app, its database, its provider, and the walks through it that tests share."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from app.access.portal import portal_of
from app.delivery.fake import inbox_ports
from app.delivery.outbox import newest
from app.delivery.worker import Worker
from app.models.all import MIGRATIONS
from app.models.audit import tables as audit
from app.models.base import Base, db
from app.models.outbox import outbox
from app.settings import ProviderSettings, Settings
from app.storage.engine import make_engine
from app.storage.keyring import Keyring
from app.storage.types import UtcDateTime
from tests.support.client import LintingClient
from tests.support.hostile_provider import CLIENT_ID, CLIENT_SECRET, HostileProvider

PROVIDER = "idme"
Row = TypeVar("Row", bound=Base)


@dataclass
class PortalUnderTest:
    """One running portal and what it stands on."""

    app: Flask
    provider: HostileProvider
    client: LintingClient = field(init=False)

    def __post_init__(self) -> None:
        self.app.test_client_class = LintingClient
        self.client = self.browser()

    def browser(self) -> LintingClient:
        """Another person's browser, without cookies."""
        return self.app.test_client()  # type: ignore[return-value]

    def restarted(self) -> "PortalUnderTest":
        """The same portal after its processes were started anew: what was only in memory is gone."""
        return PortalUnderTest(create_app(portal_of(self.app).settings), self.provider)

    @property
    def engine(self) -> Engine:
        with self.app.app_context():
            return db.engine

    @property
    def keyring(self) -> Keyring:
        return portal_of(self.app).keyring

    def count(self, table: type[Base]) -> int:
        """How many rows a table has."""
        with Session(self.engine) as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def rows(self, table: type[Row]) -> Sequence[Row]:
        """All rows of a table."""
        with Session(self.engine) as session:
            return session.scalars(select(table)).all()

    def events(self, kind: str | None = None) -> list[tuple[str, dict[str, Any]]]:
        """The audit record: kinds and payloads, oldest first."""
        with Session(self.engine) as session:
            found = session.execute(select(audit.event.c.kind, audit.event.c.payload).order_by(audit.event.c.serial))
            return [(name, json.loads(payload)) for name, payload in found if kind in (None, name)]

    def pass_time(self, amount: timedelta) -> None:
        """Make everything that is kept older by `amount`, as if that much time had gone by; the record stays."""
        with self.engine.begin() as connection:
            for table in set(Base.metadata.tables.values()) - {audit.event, audit.head}:
                moments = [column for column in table.columns if isinstance(column.type, UtcDateTime)]
                if not moments:
                    continue
                for row in connection.execute(select(table)).mappings().all():
                    moved = {column.name: row[column] - amount for column in moments if row[column] is not None}
                    same = [column == row[column] for column in table.primary_key]
                    connection.execute(update(table).where(*same).values(**moved))

    def messages(self, to: str | None = None) -> list[dict[str, str | None]]:
        """Deliver what is due, then give what the inbox has, newest first."""
        Worker(self.engine, outbox, self.keyring, inbox_ports(self.engine, outbox)).drain()
        with Session(self.engine) as session:
            return newest(session, outbox, to)

    def leave(self, browser: LintingClient | None = None, intent: str = "sign-in") -> str:
        """Go from the chooser to the provider; the authorization request's address."""
        browser = browser or self.client
        response = browser.submit(f"/sign-in/{PROVIDER}", page="/sign-in", intent=intent)
        assert response.status_code == 303, response.text
        return response.headers["Location"]

    def come_back(self, url: str, browser: LintingClient | None = None, **changes: str | None) -> TestResponse:
        """The provider's redirect, after the person agreed there."""
        arguments = self.provider.approve(url, **changes)
        return (browser or self.client).get(f"/callback/{PROVIDER}?{urlencode(arguments)}")

    def arrive(self, browser: LintingClient | None = None) -> TestResponse:
        """From the chooser to the answer of the callback."""
        return self.come_back(self.leave(browser), browser)

    def sign_in(self, browser: LintingClient | None = None) -> TestResponse:
        """All the way to home, agreeing where it is asked."""
        browser = browser or self.client
        response = self.arrive(browser)
        if response.headers["Location"] == "/consent/email":
            response = browser.submit("/consent/email", address="0")
        assert response.headers["Location"] == "/", response.text
        return browser.get("/")


def make_portal(folder: Path, database_url: str, provider: HostileProvider, **settings: object) -> PortalUnderTest:
    """A portal with migrated tables and one provider. `database_url` names an empty database, or a file to be made."""
    given = {
        "env": "test",
        "database_url": database_url,
        "keys_file": folder / "keys.json",
        "failure_floor_ms": 0,
        "provider_time_limit": 2.0,
        "provider_settings": (stand_in(provider),),
    }
    file = Path(database_url.removeprefix("sqlite:///"))
    if database_url.startswith("sqlite:") and not file.exists():
        file.write_bytes(_migrated_file())
    app = create_app(Settings.read(**(given | settings)))
    with app.app_context():
        if not database_url.startswith("sqlite:"):
            MIGRATIONS.upgrade(db.engine)
    return PortalUnderTest(app, provider)


@cache
def _migrated_file() -> bytes:
    """A SQLite database at the newest revision, made once a run."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "migrated.sqlite3")
        engine = make_engine(f"sqlite:///{file}")
        MIGRATIONS.upgrade(engine)
        engine.dispose()
        return file.read_bytes()


def stand_in(provider: HostileProvider, **changes: object) -> ProviderSettings:
    """The provider of the tests as a plain OpenID Provider under ID.me's key."""
    given = {
        "provider": PROVIDER,
        "issuer": provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "label": "ID.me",
        "adapter": "oidc",
        "scope": "openid email",
    }
    return ProviderSettings(**(given | changes))
