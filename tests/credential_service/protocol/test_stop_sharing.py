"""Taking an agreement back on the account page: its own only, at once, and the next request asks again."""

import re

from flask import Flask
from flask.testing import FlaskClient

from tests.support.credential_factories import RelyingParty, add_account, events, sign_in

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
STOP = re.compile(r'action="(/account/services/[^"]+/stop)"')


def stop(browser: FlaskClient, path: str) -> int:
    token = TOKEN.search(browser.get("/account").text)
    assert token is not None
    return browser.post(path, data={"csrf_token": token[1]}).status_code


def stop_path(browser: FlaskClient) -> str:
    found = STOP.search(browser.get("/account").text)
    assert found is not None
    return found[1]


def test_it_ends_at_once_and_is_asked_again(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    token = rp.tokens()["access_token"]
    assert rp.userinfo(token).status_code == 200
    assert stop(rp.browser, stop_path(rp.browser)) == 303
    assert rp.userinfo(token).status_code == 401
    assert "None yet" in rp.browser.get("/account").text
    assert "/consent" in rp.authorize().location
    assert "consent.taken_back" in events(op)


def test_nobody_ends_another_persons(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    token = rp.tokens()["access_token"]
    path = stop_path(rp.browser)
    other = op.test_client()
    sign_in(op, other, add_account(op, "other@example.org"))
    stop(other, path)
    assert rp.userinfo(token).status_code == 200


def test_without_a_token_or_a_session_nothing_ends(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    token = rp.tokens()["access_token"]
    path = stop_path(rp.browser)
    assert rp.browser.post(path).status_code == 400
    assert op.test_client().post(path).headers["Location"] == "/sign-in"
    assert rp.userinfo(token).status_code == 200
