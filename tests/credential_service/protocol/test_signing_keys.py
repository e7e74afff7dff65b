"""The keys: published, sealed, rotated without breaking what was signed (OIDF: oidcc-server-rotate-keys)."""

import base64
import json
from datetime import timedelta

import pytest
from flask import Flask
from joserfc.errors import JoseError

from app import clock
from app.credential_service.flows.keys import key_set
from app.credential_service.signing_keys import own_claims, published, rotate
from app.credential_service.store.base import store
from app.credential_service.store.signing_keys import SigningKey
from app.storage.unit_of_work import unit_of_work
from tests.support.credential_factories import ISSUER, RelyingParty, events, make_older, verified


@pytest.fixture(autouse=True)
def ready_keys() -> None:
    """Here the service makes its own."""


def turn(op: Flask) -> str:
    with op.app_context(), unit_of_work(store.session()) as work:
        return rotate(work, op.extensions["credential_service"].keyring, clock.now())


def kids(op: Flask) -> list[str]:
    return [key["kid"] for key in op.test_client().get("/jwks").get_json()["keys"]]


def test_the_first_key_is_made_once(op: Flask) -> None:
    assert kids(op) == kids(op)
    assert events(op) == ["signing_key.made"]


def test_the_key_set_holds_public_parts_only(op: Flask) -> None:
    response = op.test_client().get("/jwks")
    (key,) = response.get_json()["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")
    assert len(base64.urlsafe_b64decode(key["n"] + "==")) == 256
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.mimetype == "application/jwk-set+json"
    assert "Set-Cookie" not in response.headers


def test_the_private_part_is_sealed(op: Flask) -> None:
    kids(op)
    with op.app_context():
        row = store.session.query(SigningKey).one()
        assert b"PRIVATE KEY" not in (row.sealed_private or b"")
        assert row.sealed_private


def test_server_rotate_keys(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    old = rp.tokens()["id_token"]
    before = kids(op)
    made = turn(op)
    assert kids(op) == [made, *before]
    new = rp.tokens()["id_token"]
    header = json.loads(base64.urlsafe_b64decode(new.partition(".")[0] + "=="))
    assert header["kid"] == made
    assert verified(op, old)["sub"] == verified(op, new)["sub"]


def test_a_retired_key_goes_when_what_it_signed_has_expired(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    old = rp.tokens()["id_token"]
    made = turn(op)
    make_older(op, SigningKey, timedelta(minutes=19))
    assert len(kids(op)) == 2
    make_older(op, SigningKey, timedelta(minutes=1))
    assert kids(op) == [made]
    with pytest.raises((JoseError, ValueError)):
        verified(op, old)


def test_a_retired_key_cannot_sign_any_more(op: Flask) -> None:
    (first,) = kids(op)
    turn(op)
    with op.app_context():
        assert store.session.get_one(SigningKey, first).sealed_private is None


def test_a_hint_signed_by_a_retired_key_is_still_ours(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    old = rp.tokens()["id_token"]
    turn(op)
    make_older(op, SigningKey, timedelta(days=30))
    with op.app_context():
        claims = own_claims(store.session(), old, ISSUER)
        assert claims is not None
        assert own_claims(store.session(), old, "https://other.example") is None


def test_there_is_always_a_key_to_be_had(op: Flask) -> None:
    with op.app_context():
        now = clock.now()
        assert not published(store.session(), now)
        assert key_set(store.session(), op.extensions["credential_service"].keyring, now)


def test_the_commands_make_and_change_the_key(op: Flask) -> None:
    runner = op.test_cli_runner()
    assert runner.invoke(args=["signing-keys", "ensure"]).exit_code == 0
    (first,) = kids(op)
    assert runner.invoke(args=["signing-keys", "ensure"]).exit_code == 0
    result = runner.invoke(args=["signing-keys", "rotate"])
    assert result.exit_code == 0
    newest = kids(op)[0]
    assert newest != first
    assert newest in result.output
