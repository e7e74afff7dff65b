"""A request waits in the browser that brought it, for an hour, and is answered once."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from app.credential_service.flows.interactions import find, rebind
from app.credential_service.store.accounts import AccountSession
from app.credential_service.store.base import store
from app.credential_service.store.interactions import Interaction
from app.credential_service.store.tokens import AuthorizationCode
from app.storage.unit_of_work import unit_of_work
from tests.support.credential_factories import RelyingParty, add_account, answer_of, make_older, sign_in

OVER, ANSWERED, ROUND = "CS-203", "CS-204", "CS-205"


def test_another_browser_cannot_go_on(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    place = rp.authorize().location
    other = op.test_client()
    sign_in(op, other, add_account(op, "other@example.org"))
    response = other.get(place)
    assert response.status_code == 400
    assert OVER in response.text
    assert rp.browser.get(place).status_code == 200


def test_a_browser_without_a_cookie_cannot_go_on(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    assert OVER in op.test_client().get(rp.authorize().location).text


def test_after_an_hour_it_is_over(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    place = rp.authorize().location
    make_older(op, Interaction, timedelta(minutes=59))
    assert rp.browser.get(place).status_code == 200
    make_older(op, Interaction, timedelta(minutes=1))
    assert OVER in rp.browser.get(place).text


def test_nonsense_is_over(rp: RelyingParty, signed_in: str) -> None:
    for place in ("/consent", "/consent?i=", "/consent?i=nonsense", f"/consent?i={'x' * 3000}"):
        response = rp.browser.get(place)
        assert response.status_code == 400
        assert OVER in response.text


def test_two_tabs_go_on_side_by_side(rp: RelyingParty, signed_in: str) -> None:
    first = rp.browser.get(rp.authorize(state="first").location)
    second = rp.browser.get(rp.authorize(state="second").location)
    assert answer_of(rp.consent(second))["state"] == "second"
    assert answer_of(rp.consent(first))["state"] == "first"


def test_signing_in_takes_what_waits_along(op: Flask, rp: RelyingParty) -> None:
    waiting = rp.authorize().location.partition("i=")[2]
    with op.app_context(), unit_of_work(store.session()) as work:
        row = work.get_one(Interaction, waiting)
        old, now = row.browser_key, row.created_at
        rebind(work, old, "f" * 64)
        assert find(work, waiting, "f" * 64, now).id == waiting


def test_a_covered_request_that_waited_for_sign_in_is_answered_without_a_question(
    op: Flask, browser: FlaskClient, rp: RelyingParty, signed_in: str
) -> None:
    rp.code()
    place = rp.authorize(prompt="login").location.replace("/sign-in", "/consent")
    sign_in(op, browser, signed_in)
    first = answer_of(browser.get(place))
    # The answer may have been lost: the same page leads to the same place.
    assert answer_of(browser.get(place)) == first
    assert rp.exchange(first["code"]).status_code == 200
    assert ANSWERED in browser.get(place).text


def test_a_code_is_not_given_again_to_the_next_person(
    op: Flask, browser: FlaskClient, rp: RelyingParty, signed_in: str
) -> None:
    place = rp.authorize().location
    rp.consent(browser.get(place))
    sign_in(op, browser, add_account(op, "other@example.org"))
    assert ANSWERED in browser.get(place).text


def test_round_and_round_is_stopped(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    rp.code()
    for _ in range(10):
        assert rp.authorize().status_code == 303
    stopped = rp.authorize()
    assert stopped.status_code == 429
    assert ROUND in stopped.text
    make_older(op, AuthorizationCode, timedelta(seconds=10))
    assert rp.authorize().status_code == 303


def test_a_session_that_ended_opens_nothing(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    rp.code()
    make_older(op, AccountSession, timedelta(minutes=31))
    assert rp.authorize().location.startswith("/sign-in?i=")
