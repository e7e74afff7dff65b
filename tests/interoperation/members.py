"""The credential service on a port of its own, the foreign client that relies on it, and a person with an account."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app import clock
from app.credential_service import create_app
from app.credential_service.context import service_of
from app.credential_service.store.all import MIGRATIONS
from app.credential_service.store.base import outbox, store
from app.delivery.fake import inbox_ports
from app.delivery.outbox import newest
from app.delivery.worker import Worker
from tests.interoperation.node import program
from tests.interoperation.person import Person, Shown
from tests.interoperation.served import served

PASSWORD = "seven green kettles"
# Odd on purpose: Basic must decode both halves after it has taken them apart (RFC 6749 §2.3.1).
SECRET = "s3cret %:+/=&~ of thirty-two signs"


@dataclass(frozen=True)
class Meeting:
    """The credential service at `issuer`, and the foreign client at `client`."""

    app: Flask
    engine: Engine
    issuer: str
    client: str

    def start(self, person: Person, name: str, query: str = "") -> Shown:
        """Send somebody from the client `name` to the credential service."""
        return person.visit(f"{self.client}/{name}/start{query}")

    def code_for(self, address: str) -> str:
        """Deliver what is due; the newest code that went to this address."""
        Worker(self.engine, outbox, service_of(self.app).keyring, inbox_ports(self.engine, outbox)).drain()
        with Session(self.engine) as session:
            return next(str(message["code"]) for message in newest(session, outbox, address))


@contextlib.contextmanager
def meeting(folder: Path, port: int) -> Iterator[Meeting]:
    """Both, until the end of the block. `port` is free; the issuer has to be known before anybody listens."""
    issuer = f"http://localhost:{port}"
    with program("foreign_client.mjs", folder / "log", port=0, issuer=issuer, secret=SECRET) as ready:
        app = _credential_service(folder, issuer, _clients(ready["address"], ready["keys"]))
        with app.app_context():
            engine = store.engine
            MIGRATIONS.upgrade(engine)
        with served(app, port, engine):
            yield Meeting(app, engine, issuer, ready["address"])


def _clients(address: str, keys: dict[str, Any]) -> list[dict[str, Any]]:
    def client(name: str, **more: Any) -> dict[str, Any]:
        return {
            "client_id": name,
            "name": f"The {name} client",
            "redirect_uris": [f"{address}/{name}/callback"],
            "post_logout_redirect_uris": [f"{address}/{name}/signed-out"],
            **more,
        }

    return [
        client("basic", client_secret=SECRET),
        client("spare", client_secret=SECRET),
        client("post", client_secret=SECRET, token_endpoint_auth_method="client_secret_post"),
        client("idme", client_secret=SECRET, profile="idme"),
        client("rsa", token_endpoint_auth_method="private_key_jwt", jwks=keys),
        client("ec", token_endpoint_auth_method="private_key_jwt", jwks_uri=f"{address}/keys"),
        client("public", token_endpoint_auth_method="none"),
    ]


def _credential_service(folder: Path, issuer: str, clients: list[dict[str, Any]]) -> Flask:
    """Under `QAAMS_CREDENTIAL_*` variables and nothing else, as an operator starts it."""
    environment = {
        "ENV": "test",
        "CREDENTIAL_PUBLIC_URL": issuer,
        "CREDENTIAL_DATABASE_URL": f"sqlite:///{folder / 'credential.sqlite3'}",
        "CREDENTIAL_KEYS_FILE": str(folder / "keys.json"),
        "CREDENTIAL_CLIENTS": json.dumps(clients),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(f"QAAMS_{name}", value)
        return create_app()


@dataclass
class Member:
    """A person with an account, whose second step is an authenticator app."""

    meeting: Meeting
    person: Person = field(default_factory=Person)
    email: str = field(default_factory=lambda: f"{uuid4().hex[:10]}@example.com")
    secret: str = ""

    def register(self, shown: Shown) -> Shown:
        """From the page that asks for the address to the page after the recovery codes."""
        person = self.person
        shown = person.submit(shown, email=self.email)
        shown = person.submit(shown, code=self.meeting.code_for(self.email))
        shown = person.submit(shown, password=PASSWORD)
        shown = person.visit(shown.link("Authenticator app"))
        self.secret = (next(shown.document.iter("code")).text or "").replace(" ", "")
        shown = person.submit(shown, code=self._code())
        assert shown.heading == "Keep your recovery codes", shown.text
        return person.submit(shown)

    def sign_in(self, shown: Shown) -> Shown:
        """Password and second step. The app shows its next code: the present one was used to register."""
        assert shown.heading == "Sign in to your ID.me account", shown.text
        shown = self.person.submit(shown, email=self.email, password=PASSWORD)
        return self.person.submit(shown, code=self._code(ahead=1))

    def agree(self, shown: Shown) -> dict[str, Any]:
        """Agree to what the client asks for, and what it then knows."""
        assert shown.heading.startswith("Share your information with"), shown.text
        shown = self.person.submit(shown, decision="agree")
        assert shown.status == 200, shown.text
        return shown.json()

    def _code(self, ahead: int = 0) -> str:
        """What the app shows now, or some steps of 30 seconds ahead."""
        return pyotp.TOTP(self.secret).at(clock.now(), counter_offset=ahead)
