"""What a request may hold without being refused (OIDF: the tolerance modules of the Basic plan)."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.credential_service.store.base import store
from app.credential_service.store.interactions import Interaction
from tests.support.credential_factories import RelyingParty, answer_of

NAMED = {
    "display_page": {"display": "page"},
    "display_popup": {"display": "popup"},
    "ui_locales": {"ui_locales": "se fr-CA"},
    "claims_locales": {"claims_locales": "se"},
    "ensure_request_with_unknown_parameter_succeeds": {"extra": "foobar"},
    "ensure_request_with_acr_values_succeeds": {"acr_values": "urn:unknown:1 2"},
    "login_hint": {"login_hint": "somebody@example.org"},
    "response_mode_query": {"response_mode": "query"},
    "empty_parameters": {"prompt": "", "max_age": "", "claims": "", "response_mode": "", "id_token_hint": ""},
    "unknown_scope": {"scope": "openid groups offline_access"},
}


@pytest.mark.parametrize("changed", NAMED.values(), ids=NAMED.keys())
def test_is_tolerated(rp: RelyingParty, signed_in: str, changed: dict[str, str]) -> None:
    assert rp.id_token(**changed)["sub"]


def test_alternate_happy_flow_order_does_not_matter(rp: RelyingParty, signed_in: str) -> None:
    values = sorted(rp.parameters(scope="profile email openid").items(), reverse=True)
    response = rp.consent(rp.browser.get("/authorize", query_string=values))
    assert rp.exchange(answer_of(response)["code"]).get_json()["scope"] == "profile email openid"


def test_unknown_scopes_are_not_granted(rp: RelyingParty, signed_in: str) -> None:
    assert rp.tokens(scope="openid groups email openid")["scope"] == "openid email"


def test_ensure_post_request_succeeds(rp: RelyingParty, signed_in: str) -> None:
    response = rp.browser.post("/authorize", data=rp.parameters())
    assert response.status_code == 303
    assert response.location.startswith("/authorize?")
    assert rp.exchange(answer_of(rp.consent(rp.browser.get(response.location)))["code"]).status_code == 200


def test_a_post_from_another_site_comes_without_a_cookie_and_sets_none(op: Flask, rp: RelyingParty) -> None:
    response = op.test_client().post("/authorize", data=rp.parameters(), headers={"Origin": "https://rp.example"})
    assert response.status_code == 303
    assert "Set-Cookie" not in response.headers


def test_a_post_that_is_wrong_is_told_the_client(rp: RelyingParty) -> None:
    answer = answer_of(rp.browser.post("/authorize", data=rp.parameters(scope="email")))
    assert answer["error"] == "invalid_scope"


def test_a_post_too_long_for_an_address_is_told_the_client(rp: RelyingParty) -> None:
    answer = answer_of(rp.browser.post("/authorize", data=rp.parameters(extra="x" * 5000)))
    assert answer["error"] == "invalid_request"


def test_acr_values_that_are_met_are_named_in_the_id_token(rp: RelyingParty, signed_in: str) -> None:
    wished = "urn:unknown urn:acr.login.gov:auth-only http://idmanagement.gov/ns/assurance/aal/2"
    told = rp.id_token(acr_values=wished)
    assert told["acr"] == "urn:acr.login.gov:auth-only"
    # Login.gov's acr tells no level, so it is told beside; nobody else is told it.
    assert told["aal"] == "http://idmanagement.gov/ns/assurance/aal/2"
    assert "aal" not in rp.id_token()


def test_an_essential_acr_that_cannot_be_met_is_told_the_client(rp: RelyingParty, signed_in: str) -> None:
    claims = '{"id_token": {"acr": {"essential": true, "value": "http://idmanagement.gov/ns/assurance/ial/2/aal/2"}}}'
    assert answer_of(rp.authorize(claims=claims))["error"] == "unmet_authentication_requirements"


def test_an_essential_acr_that_is_met_is_named(rp: RelyingParty, signed_in: str) -> None:
    claims = '{"id_token": {"acr": {"essential": true, "values": ["x", "http://idmanagement.gov/ns/assurance/aal/2"]}}}'
    assert rp.id_token(claims=claims)["acr"] == "http://idmanagement.gov/ns/assurance/aal/2"


def test_claims_essential(rp: RelyingParty, signed_in: str) -> None:
    claims = '{"userinfo": {"email": {"essential": true}, "unknown": null}}'
    tokens = rp.tokens(scope="openid", claims=claims)
    assert rp.userinfo(tokens["access_token"]).get_json()["email"] == "person@example.org"


def test_a_browser_lets_at_most_five_requests_wait(op: Flask, browser: FlaskClient, rp: RelyingParty) -> None:
    places = [rp.authorize().location for _ in range(7)]
    with op.app_context():
        waiting = {row.id for row in store.session.query(Interaction)}
    assert len(waiting) == 5
    assert places[0].partition("i=")[2] not in waiting
    assert places[-1].partition("i=")[2] in waiting
