"""A credential service on SQLite, a browser, an account that is signed in in it, and a relying party."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.credential_factories import RelyingParty, add_account, credential_app, sign_in


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return credential_app(tmp_path)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def account(app: Flask) -> str:
    return add_account(app, "person@example.org")


@pytest.fixture
def signed_in(app: Flask, client: FlaskClient, account: str) -> str:
    sign_in(app, client, account)
    return account


@pytest.fixture
def rp(app: Flask, client: FlaskClient) -> RelyingParty:
    return RelyingParty(app, client)
