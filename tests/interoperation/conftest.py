"""The foreign provider, the portal as an operator sets it up for it, and people who walk between the two."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import Engine

from app import create_app
from app.access.portal import portal_of
from app.models.all import MIGRATIONS
from app.models.base import db
from app.oidc_client.client import RelyingParty
from tests.interoperation.node import program
from tests.interoperation.person import Person
from tests.support.client import LintingClient
from tests.support.running import free_ports

PORTAL = "http://localhost:8000"
AAL2 = "http://idmanagement.gov/ns/assurance/aal/2"
# Odd on purpose: Basic must encode both halves before it joins them (RFC 6749 §2.3.1).
ODD_ID, ODD_SECRET = "portal:one", "s3cret %:+/=&~ of thirty-two signs"
SECRET = "another-secret-of-thirty-two-signs"
ACCOUNT = {
    "id": "b7c1e0",
    "login": "officer",
    "password": "elsewhere 7",
    "claims": {
        "email": "officer@example.com",
        "email_verified": True,
        "given_name": "Ada",
        "family_name": "Lovelace",
    },
}


@dataclass(frozen=True)
class ForeignProvider:
    """A provider that runs; `private_keys` are the files of the clients that sign.

    `served_portal` is where its client "served" is expected, by a port that is free.
    """

    issuer: str
    served_portal: str
    private_keys: dict[str, Path]


def _client(client_id: str, method: str, portal: str = PORTAL, **more: Any) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "token_endpoint_auth_method": method,
        "redirect_uris": [f"{portal}/callback/other"],
        "post_logout_redirect_uris": [f"{portal}/signed-out"],
        **more,
    }


def _signing_client(folder: Path, name: str, key: RSAKey | ECKey, **more: Any) -> dict[str, Any]:
    (folder / f"{name}.pem").write_bytes(key.as_pem(private=True))
    return _client(name, "private_key_jwt", jwks={"keys": [key.as_dict(private=False)]}, **more)


@pytest.fixture(scope="session")
def foreign_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignProvider]:
    """oidc-provider with a client of every kind."""
    folder, served_portal = tmp_path_factory.mktemp("provider"), f"http://localhost:{free_ports(1)[0]}"
    es256 = {"id_token_signed_response_alg": "ES256", "userinfo_signed_response_alg": "ES256"}
    clients = [
        _client(ODD_ID, "client_secret_basic", client_secret=ODD_SECRET),
        _client("served", "client_secret_basic", served_portal, client_secret=SECRET),
        _client("public", "none", id_token_signed_response_alg="ES256"),
        _signing_client(folder, "rsa", RSAKey.generate_key(2048), userinfo_signed_response_alg="RS256"),
        _signing_client(folder, "ec", ECKey.generate_key("P-256"), **es256),
    ]
    methods = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
    with program(
        "foreign_provider.mjs", folder / "log", port=0, clients=clients, methods=methods, acr=AAL2, account=ACCOUNT
    ) as ready:
        private_keys = {name: folder / f"{name}.pem" for name in ("rsa", "ec")}
        yield ForeignProvider(ready["issuer"], served_portal, private_keys)


@pytest.fixture(scope="session")
def posting_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignProvider]:
    """Another one, which takes secrets in the body only."""
    folder = tmp_path_factory.mktemp("posting")
    clients = [_client("posting", "client_secret_post", client_secret=SECRET)]
    with program(
        "foreign_provider.mjs",
        folder / "log",
        port=0,
        clients=clients,
        methods=["client_secret_post"],
        acr=AAL2,
        account=ACCOUNT,
    ) as ready:
        yield ForeignProvider(ready["issuer"], PORTAL, {})


@dataclass(frozen=True)
class SetUp:
    """A portal that an operator set up."""

    app: Flask
    engine: Engine

    def person(self) -> Person:
        """Somebody new at a browser."""
        return Person(self.app.test_client(), PORTAL)  # type: ignore[arg-type]

    @property
    def party(self) -> RelyingParty:
        """What the portal says to the provider."""
        return portal_of(self.app).parties["other"]


OperatorSets = Callable[..., SetUp]


@pytest.fixture
def operator_sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[OperatorSets]:
    """The portal under `QAAMS_*` variables and nothing else, as an operator starts it."""
    engines = []

    def set_up(provider: ForeignProvider, **variables: str) -> SetUp:
        environment = {
            "ENV": "test",
            "DATABASE_URL": f"sqlite:///{tmp_path / 'portal.sqlite3'}",
            "KEYS_FILE": str(tmp_path / "keys.json"),
            "PROVIDERS": "other",
            "OTHER_ISSUER": provider.issuer,
            "OTHER_LABEL": "Elsewhere",
            "OTHER_ACR_VALUES": AAL2,
        }
        for name, value in (environment | variables).items():
            monkeypatch.setenv(f"QAAMS_{name}", value)
        app = create_app()
        app.test_client_class = LintingClient
        with app.app_context():
            MIGRATIONS.upgrade(db.engine)
            engines.append(db.engine)
            return SetUp(app, db.engine)

    yield set_up
    for engine in engines:
        engine.dispose()
