"""Who has to authenticate or consent again, and what is answered where no page may be shown (OIDC Core §3.1.2.1)."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.credential_factories import RelyingParty, add_account, answer_of, sign_in, subject_of


def test_nobody_signed_in_leads_to_sign_in(rp: RelyingParty) -> None:
    assert rp.authorize().location.startswith("/sign-in?i=")


@pytest.mark.parametrize("changed", [{"prompt": "create"}, {"op": "signup"}])
def test_a_wish_to_register_leads_to_registration(rp: RelyingParty, changed: dict[str, str]) -> None:
    assert rp.authorize(**changed).location.startswith("/register?i=")


def test_a_wish_to_register_is_met_by_the_new_account(op: Flask, browser: FlaskClient, rp: RelyingParty) -> None:
    place = rp.authorize(prompt="create").location
    created = add_account(op, "new@example.org")
    sign_in(op, browser, created)
    answer = answer_of(rp.consent(browser.get(place.replace("/register", "/consent"))))
    assert rp.exchange(answer["code"]).status_code == 200


def test_prompt_login_asks_who_is_signed_in_and_gives_a_later_auth_time(
    op: Flask, browser: FlaskClient, rp: RelyingParty, account: str
) -> None:
    sign_in(op, browser, account, ago=timedelta(minutes=5))
    before = rp.id_token()["auth_time"]
    place = rp.authorize(prompt="login").location
    assert place.startswith("/sign-in?i=")
    sign_in(op, browser, account)
    answer = answer_of(browser.get(place.replace("/sign-in", "/consent")))
    assert answer["code"]
    assert rp.id_token()["auth_time"] > before


def test_prompt_login_is_not_met_by_going_on(rp: RelyingParty, signed_in: str) -> None:
    place = rp.authorize(prompt="login").location
    assert rp.browser.get(place.replace("/sign-in", "/consent")).location == place


def test_prompt_select_account_asks_again(rp: RelyingParty, signed_in: str) -> None:
    assert rp.authorize(prompt="select_account").location.startswith("/sign-in?i=")


def test_prompt_none_not_logged_in(rp: RelyingParty) -> None:
    assert answer_of(rp.authorize(prompt="none"))["error"] == "login_required"


def test_prompt_none_logged_in(rp: RelyingParty, signed_in: str) -> None:
    first = rp.id_token()
    second = rp.id_token(prompt="none")
    assert (first["sub"], first["auth_time"]) == (second["sub"], second["auth_time"])


def test_prompt_none_without_consent(rp: RelyingParty, signed_in: str) -> None:
    assert answer_of(rp.authorize(prompt="none"))["error"] == "consent_required"


def test_prompt_none_cannot_register(rp: RelyingParty, signed_in: str) -> None:
    assert answer_of(rp.authorize(prompt="none", op="signup"))["error"] == "interaction_required"


def test_prompt_consent_asks_again(rp: RelyingParty, signed_in: str) -> None:
    rp.code()
    assert rp.authorize(prompt="consent").location.startswith("/consent?i=")


@pytest.mark.parametrize(("max_age", "asked"), [("1", True), ("0", True), ("10000", False)])
def test_max_age(op: Flask, browser: FlaskClient, rp: RelyingParty, account: str, max_age: str, *, asked: bool) -> None:
    sign_in(op, browser, account, ago=timedelta(seconds=30))
    rp.code()
    response = rp.authorize(max_age=max_age)
    assert response.location.startswith("/sign-in?i=") is asked


def test_max_age_with_prompt_none_and_an_old_session(
    op: Flask, browser: FlaskClient, rp: RelyingParty, account: str
) -> None:
    sign_in(op, browser, account, ago=timedelta(minutes=5))
    rp.code()
    assert answer_of(rp.authorize(prompt="none", max_age="60"))["error"] == "login_required"


def test_max_age_is_met_by_signing_in_for_the_request(
    op: Flask, browser: FlaskClient, rp: RelyingParty, account: str
) -> None:
    place = rp.authorize(max_age="0").location
    sign_in(op, browser, account)
    assert browser.get(place.replace("/sign-in", "/consent")).status_code == 200


def test_id_token_hint_reissues_silently_for_the_same_person(rp: RelyingParty, signed_in: str) -> None:
    tokens = rp.tokens()
    again = rp.id_token(prompt="none", id_token_hint=tokens["id_token"])
    assert again["sub"] == subject_of(rp.app, signed_in)


def test_id_token_hint_of_somebody_else_is_login_required(
    op: Flask, browser: FlaskClient, rp: RelyingParty, signed_in: str
) -> None:
    hint = rp.tokens()["id_token"]
    sign_in(op, browser, add_account(op, "other@example.org"), ago=timedelta(seconds=5))
    rp.code()
    assert answer_of(rp.authorize(prompt="none", id_token_hint=hint))["error"] == "login_required"


def test_id_token_hint_of_somebody_else_asks_to_sign_in(
    op: Flask, browser: FlaskClient, rp: RelyingParty, signed_in: str
) -> None:
    hint = rp.tokens()["id_token"]
    other = add_account(op, "other@example.org")
    sign_in(op, browser, other, ago=timedelta(seconds=5))
    place = rp.authorize(id_token_hint=hint).location
    assert place.startswith("/sign-in?i=")
    sign_in(op, browser, other)
    assert answer_of(browser.get(place.replace("/sign-in", "/consent")))["error"] == "login_required"


def test_a_subject_wished_by_the_claims_parameter_has_to_be_the_one(rp: RelyingParty, signed_in: str) -> None:
    rp.code()
    claims = '{"id_token": {"sub": {"value": "%s"}}}'
    assert "code" in answer_of(rp.authorize(prompt="none", claims=claims % subject_of(rp.app, signed_in)))
    assert answer_of(rp.authorize(prompt="none", claims=claims % "somebody"))["error"] == "login_required"
