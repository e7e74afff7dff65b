"""A credential service for one test: its database, its inbox, its clock, and the walks that tests share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app import clock
from app.authenticators import totp
from app.credential_service import create_app
from app.credential_service.context import service_of
from app.credential_service.settings import CredentialSettings
from app.credential_service.store.base import Base, outbox, store
from app.delivery.fake import inbox_ports
from app.delivery.outbox import newest
from app.delivery.worker import Worker
from tests.credential_service.accounts.visitor import Visitor
from tests.support.ready_made import furnish
from tests.support.software_authenticator import SoftwareAuthenticator

ORIGIN = "http://localhost:8001"
EMAIL = "ada@example.test"
PASSWORD = "seven green kettles"
NUMBER = "+46701740605"


@dataclass
class House:
    """One running credential service. `later` moves its clock."""

    app: Flask
    patch: pytest.MonkeyPatch
    passed: timedelta = field(default_factory=timedelta)
    visitors: int = 0

    def visitor(self) -> Visitor:
        """Another browser, at another network address."""
        self.visitors += 1
        return Visitor(self.app, address=f"192.0.2.{self.visitors}")

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.passed += timedelta(**span)

    @property
    def engine(self) -> Engine:
        with self.app.app_context():
            return store.engine

    def now(self) -> datetime:
        """The service's time."""
        return clock.now()

    def messages(self, to: str | None = None) -> list[dict[str, Any]]:
        """Deliver what is due, then give what the inbox has, newest first."""
        keyring = service_of(self.app).keyring
        Worker(self.engine, outbox, keyring, inbox_ports(self.engine, outbox), now=clock.now).drain()
        with Session(self.engine) as session:
            return newest(session, outbox, to)

    def code(self, to: str) -> str:
        """The newest code that was sent there."""
        return next(str(message["code"]) for message in self.messages(to) if message["code"])

    def link(self, to: str) -> str:
        """The path of the link in the newest mail."""
        return next(str(one["link"]) for one in self.messages(to) if one["link"]).removeprefix(ORIGIN)

    def rows(self, table: type[Base]) -> list[Any]:
        """Every row of a table."""
        with Session(self.engine) as session:
            return list(session.scalars(select(table)))

    def count(self, table: type[Base]) -> int:
        """How many rows a table has."""
        with Session(self.engine) as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def to_confirm(self, visitor: Visitor, email: str = EMAIL) -> None:
        """Give an address."""
        visitor.open("/register")
        visitor.press(email=email)

    def to_password(self, visitor: Visitor, email: str = EMAIL) -> None:
        """… and confirm it with the code."""
        self.to_confirm(visitor, email)
        visitor.press(code=self.code(email))

    def to_second_step(self, visitor: Visitor, email: str = EMAIL) -> None:
        """… and choose a password."""
        self.to_password(visitor, email)
        visitor.press(password=PASSWORD)

    def to_phone_code(self, visitor: Visitor, channel: str = "sms", number: str = NUMBER, email: str = EMAIL) -> None:
        """… and give a telephone number."""
        self.to_second_step(visitor, email)
        visitor.open("/register/second-step/phone")
        visitor.press(number=number, channel=channel)

    def register(self, visitor: Visitor, email: str = EMAIL, channel: str = "sms", number: str = NUMBER) -> list[str]:
        """All of it, with a telephone; gives the recovery codes and leaves the person at their page."""
        self.to_phone_code(visitor, channel, number, email)
        visitor.press(code=self.code(number))
        assert visitor.heading == "Keep your recovery codes", visitor.response.text
        return recovery_codes(visitor)

    def register_app(self, visitor: Visitor, email: str = EMAIL) -> bytes:
        """All of it, with an authenticator app; gives the app's secret."""
        self.to_second_step(visitor, email)
        visitor.open("/register/second-step/app")
        secret = app_secret(visitor)
        visitor.press(code=app_code(secret, self.now()))
        assert visitor.heading == "Keep your recovery codes", visitor.response.text
        return secret

    def register_passkey(self, visitor: Visitor, key: SoftwareAuthenticator, email: str = EMAIL) -> None:
        """All of it, with a passkey."""
        self.to_second_step(visitor, email)
        visitor.open("/register/second-step/passkey")
        visitor.press(credential=key.create(visitor.data("options")))
        assert visitor.heading == "Keep your recovery codes", visitor.response.text

    def give_password(self, visitor: Visitor, email: str = EMAIL, password: str = PASSWORD) -> None:
        """The first step of signing in."""
        visitor.open("/sign-in")
        visitor.press("/sign-in", email=email, password=password)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()
        self.patch.undo()


def recovery_codes(visitor: Visitor) -> list[str]:
    """The codes on the page."""
    return ["".join(one.itertext()).strip() for one in visitor.elements("code")]


def app_secret(visitor: Visitor) -> bytes:
    """The secret on the page, as a person would type it into the app."""
    import base64

    typed = "".join(visitor.elements("code")[0].itertext()).replace(" ", "")
    return base64.b32decode(typed + "=" * (-len(typed) % 8))


def app_code(secret: bytes, at: datetime) -> str:
    """What the app shows."""
    import base64

    import pyotp

    return pyotp.TOTP(base64.b32encode(secret).decode().rstrip("=")).generate_otp(totp.step_at(at))


def make_house(tmp_path: Path, **settings: Any) -> House:
    """A credential service with empty tables."""
    given = {
        "env": "test",
        "public_url": ORIGIN,
        "database_url": f"sqlite:///{tmp_path / 'credential.sqlite3'}",
        "keys_file": tmp_path / "keys.json",
        "failure_floor_ms": 0,
    }
    read = CredentialSettings.read(**(given | settings))
    app = create_app(read)
    furnish(app, read.database_url)
    patch = pytest.MonkeyPatch()
    house = House(app, patch)
    actual: Callable[[], datetime] = clock.now
    patch.setattr(clock, "now", lambda: actual() + house.passed)
    return house
