"""The userinfo endpoint (OIDC Core §5.3): three ways to bring the token, what comes back, what is refused."""

from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.credential_service.flows.consents import current_consent, take_back
from app.credential_service.store.base import store
from app.credential_service.store.tokens import AccessToken
from app.storage.unit_of_work import unit_of_work
from tests.support.credential_factories import RelyingParty, add_account, make_older, sign_in


def challenge(response: TestResponse, status: int = 401) -> str:
    assert response.status_code == status, response.text
    assert response.headers["Cache-Control"] == "no-store"
    return str(response.headers["WWW-Authenticate"])


def test_userinfo_get(rp: RelyingParty, signed_in: str) -> None:
    response = rp.userinfo(rp.tokens()["access_token"])
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"


def test_userinfo_post_header(rp: RelyingParty, signed_in: str) -> None:
    headers = {"Authorization": f"bearer {rp.tokens()['access_token']}"}
    assert rp.app.test_client().post("/userinfo", headers=headers).get_json()["sub"]


def test_userinfo_post_body(rp: RelyingParty, signed_in: str) -> None:
    data = {"access_token": rp.tokens()["access_token"]}
    assert rp.app.test_client().post("/userinfo", data=data).get_json()["sub"]


def test_a_token_in_the_address_does_not_count(rp: RelyingParty, signed_in: str) -> None:
    response = rp.app.test_client().get("/userinfo", query_string={"access_token": rp.tokens()["access_token"]})
    assert "error" not in challenge(response)


@pytest.mark.parametrize("header", [None, "", "Basic abc", "bearertoken"])
def test_no_token_is_asked_for_without_an_error(op: Flask, header: str | None) -> None:
    headers = {"Authorization": header} if header is not None else {}
    shown = challenge(op.test_client().get("/userinfo", headers=headers))
    assert shown.startswith("Bearer realm=")
    assert "error" not in shown


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Bearer a b", "Bearer \xe4", "Bearer " + "x" * 3000])
def test_a_wrong_token_is_an_invalid_token(op: Flask, header: str) -> None:
    response = op.test_client().get("/userinfo", headers={"Authorization": header})
    assert 'error="invalid_token"' in challenge(response)


def test_two_tokens_are_an_invalid_request(rp: RelyingParty, signed_in: str) -> None:
    token = rp.tokens()["access_token"]
    program = rp.app.test_client()
    twice = program.post("/userinfo", data={"access_token": token}, headers={"Authorization": f"Bearer {token}"})
    assert (twice.status_code, twice.get_json()["error"]) == (400, "invalid_request")
    doubled = program.post("/userinfo", data={"access_token": [token, token]})
    assert doubled.status_code == 400


def test_a_token_lives_five_minutes(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    token = rp.tokens()["access_token"]
    make_older(op, AccessToken, timedelta(seconds=295))
    assert rp.userinfo(token).status_code == 200
    make_older(op, AccessToken, timedelta(seconds=5))
    assert 'error="invalid_token"' in challenge(rp.userinfo(token))


def test_a_consent_that_is_taken_back_ends_its_tokens_and_codes(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    token, code = rp.tokens()["access_token"], rp.code()
    with op.app_context(), unit_of_work(store.session()) as work:
        consent = current_consent(work, signed_in, "strict-rp")
        assert consent is not None
        now = consent.agreed_at
        assert not take_back(work, "somebody else", consent.id, now)
        assert take_back(work, signed_in, consent.id, now)
        assert not take_back(work, signed_in, consent.id, now)
    assert rp.userinfo(token).status_code == 401
    assert rp.exchange(code).get_json()["error"] == "invalid_grant"
    assert rp.authorize().location.startswith("/consent")


NAMED = {"name": "Grace Hopper", "given_name": "Grace", "family_name": "Hopper"}


@pytest.mark.parametrize(
    ("scope", "shared"),
    [
        ("openid", set()),
        ("openid profile", {"name", "given_name", "family_name", "updated_at"}),
        ("openid email", {"email", "email_verified"}),
        ("openid address phone", set()),
        ("email openid profile", {"name", "given_name", "family_name", "updated_at", "email", "email_verified"}),
    ],
)
def test_scopes_land_in_userinfo(op: Flask, rp: RelyingParty, scope: str, shared: set[str]) -> None:
    account = add_account(op, "grace@example.org", given_name="Grace", family_name="Hopper")
    sign_in(op, rp.browser, account)
    claims = rp.userinfo(rp.tokens(scope=scope)["access_token"]).get_json()
    assert set(claims) == shared | {"sub"}
    assert all(claims[name] == value for name, value in NAMED.items() if name in shared)


def test_who_gave_no_name_has_none_to_share(rp: RelyingParty, signed_in: str) -> None:
    claims = rp.userinfo(rp.tokens(scope="openid profile")["access_token"]).get_json()
    assert set(claims) == {"sub"}


def test_half_a_name_is_half_a_name(op: Flask, rp: RelyingParty) -> None:
    sign_in(op, rp.browser, add_account(op, given_name="Teller"))
    claims = rp.userinfo(rp.tokens(scope="openid profile")["access_token"]).get_json()
    assert (claims["name"], claims["given_name"], "family_name" in claims) == ("Teller", "Teller", False)
