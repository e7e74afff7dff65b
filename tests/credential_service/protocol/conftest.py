"""A provider on SQLite, a browser, an account that is signed in in it, and a relying party.

The provider is not called `app`: pytest-flask would push a context around each test for that, and requests would share
what belongs to one.
"""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.credential_factories import RelyingParty, add_account, credential_app, sign_in
from tests.support.ready_made import hand_out_keys


@pytest.fixture(autouse=True)
def ready_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making an RSA key takes longer than most of these tests."""
    hand_out_keys(monkeypatch)


@pytest.fixture
def op(tmp_path: Path) -> Flask:
    return credential_app(tmp_path)


@pytest.fixture
def browser(op: Flask) -> FlaskClient:
    return op.test_client()


@pytest.fixture
def account(op: Flask) -> str:
    return add_account(op, "person@example.org")


@pytest.fixture
def signed_in(op: Flask, browser: FlaskClient, account: str) -> str:
    sign_in(op, browser, account)
    return account


@pytest.fixture
def rp(op: Flask, browser: FlaskClient) -> RelyingParty:
    return RelyingParty(op, browser)
