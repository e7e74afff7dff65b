"""What rests on locks and on the database's own types, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from app.credential_service.store.base import store
from tests.support.credential_factories import RelyingParty, add_account, answer_of, credential_app, events, sign_in


@pytest.fixture
def op(tmp_path: Path, any_database: str) -> Iterator[Flask]:
    running = credential_app(tmp_path, database=any_database)
    yield running
    with running.app_context():
        store.engine.dispose()


@pytest.fixture
def rp(op: Flask) -> RelyingParty:
    party = RelyingParty(op, op.test_client())
    sign_in(op, party.browser, add_account(op, "person@example.org"))
    return party


def test_a_whole_sign_in(rp: RelyingParty) -> None:
    assert rp.userinfo(rp.tokens()["access_token"]).get_json()["email"] == "person@example.org"
    assert answer_of(rp.authorize(prompt="none"))["code"]


def test_a_code_that_is_used_at_the_same_moment_is_good_once(op: Flask, rp: RelyingParty) -> None:
    code = rp.code()
    with ThreadPoolExecutor(4) as pool:
        answers = [found.status_code for found in pool.map(lambda _: rp.exchange(code), range(4))]
    assert sorted(answers) == [200, 400, 400, 400]
    assert events(op).count("token.issued") == 1


def test_a_consent_that_is_sent_twice_at_the_same_moment_is_one(op: Flask, rp: RelyingParty) -> None:
    data = {**rp.consent_fields(rp.browser.get(rp.authorize().location)), "decision": "agree"}
    cookie = rp.browser.get_cookie("credential_session")
    assert cookie is not None

    def send(_: int) -> str:
        browser = op.test_client()
        browser.set_cookie("credential_session", cookie.value)
        return browser.post("/consent", data=data).location

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
    assert events(op).count("code.issued") == 1
