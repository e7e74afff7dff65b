"""The happy path (OIDF: oidcc-server): request, consent, code, tokens, userinfo; and the claims of the ID token."""

import base64
import hashlib
import json

from flask import Flask

from app import clock
from tests.support.credential_factories import ISSUER, RETURN, RelyingParty, answer_of, subject_of, verified


def test_a_request_ends_with_tokens_and_userinfo(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    tokens = rp.tokens()
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 300
    assert tokens["scope"] == "openid email profile"
    assert rp.userinfo(tokens["access_token"]).get_json() == {
        "sub": subject_of(op, signed_in),
        "email": "person@example.org",
        "email_verified": True,
    }


def test_the_answer_carries_code_state_and_issuer_and_nothing_else(rp: RelyingParty, signed_in: str) -> None:
    response = rp.consent(rp.authorize())
    assert response.location.startswith(f"{RETURN}?")
    answer = answer_of(response)
    assert set(answer) == {"code", "state", "iss"}
    assert answer["state"] == rp.state
    assert answer["iss"] == ISSUER


def test_a_redirect_uri_keeps_the_query_that_it_has(rp: RelyingParty, signed_in: str) -> None:
    rp.redirect_uri = "https://rp.example/other?tenant=1"
    answer = answer_of(rp.consent(rp.authorize()))
    assert answer["tenant"] == "1"
    assert answer["code"]


def test_the_id_token_says_who_for_whom_when_and_how(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    tokens = rp.tokens()
    claims = verified(op, tokens["id_token"])
    now = clock.now().timestamp()
    assert claims["iss"] == ISSUER
    assert claims["aud"] == "strict-rp"
    assert claims["sub"] == subject_of(op, signed_in)
    assert claims["nonce"] == rp.nonce
    assert claims["amr"] == ["pwd", "sms", "mfa"]
    assert claims["acr"] == "http://idmanagement.gov/ns/assurance/ial/1/aal/2"
    assert claims["auth_time"] <= claims["iat"] <= now < claims["exp"] <= now + 600
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def test_the_id_token_holds_nothing_that_is_shared_at_userinfo(rp: RelyingParty, signed_in: str) -> None:
    claims = {"iss", "aud", "sub", "nonce", "amr", "acr", "auth_time", "iat", "exp", "jti", "at_hash"}
    assert set(rp.id_token()) == claims


def test_each_id_token_and_access_token_is_another(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    first, second = rp.tokens(), rp.tokens()
    assert first["access_token"] != second["access_token"]
    assert verified(op, first["id_token"])["jti"] != verified(op, second["id_token"])["jti"]


def test_idtoken_signature_is_rs256_with_a_published_kid(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    head = rp.tokens()["id_token"].partition(".")[0]
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    assert header["alg"] == "RS256"
    assert header["kid"] in [key["kid"] for key in op.test_client().get("/jwks").get_json()["keys"]]


def test_ensure_request_without_nonce_succeeds_for_code_flow(rp: RelyingParty, signed_in: str) -> None:
    assert "nonce" not in rp.id_token(nonce=None)


def test_the_state_may_be_left_out(rp: RelyingParty, signed_in: str) -> None:
    assert set(answer_of(rp.consent(rp.authorize(state=None)))) == {"code", "iss"}


def test_the_token_answer_is_kept_nowhere(rp: RelyingParty, signed_in: str) -> None:
    response = rp.exchange(rp.code())
    assert response.headers["Cache-Control"] == "no-store"
    assert response.mimetype == "application/json"
