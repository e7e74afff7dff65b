"""The token endpoint: what is exchanged, what is refused, and always in the words of RFC 6749 §5.2."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from app.credential_service.flows.codes import CODE_LIFE
from app.credential_service.store.tokens import AuthorizationCode
from tests.support.credential_factories import PUBLIC, SECRET, RelyingParty, events, make_older

AUTH = ("strict-rp", SECRET)


def error_of(response: Any, status: int = 400) -> str:
    assert response.status_code == status, response.text
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    return str(response.get_json()["error"])


def test_codereuse(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    code = rp.code()
    tokens = rp.exchange(code).get_json()
    assert rp.userinfo(tokens["access_token"]).status_code == 200
    assert error_of(rp.exchange(code)) == "invalid_grant"
    assert rp.userinfo(tokens["access_token"]).status_code == 401
    assert events(op)[-1] == "code.reused"


def test_another_client_neither_uses_nor_burns_a_code(rp: RelyingParty, signed_in: str) -> None:
    code = rp.code()
    stranger = RelyingParty(rp.app, rp.browser, settings=PUBLIC, redirect_uri=rp.redirect_uri, verifier=rp.verifier)
    assert error_of(stranger.exchange(code)) == "invalid_grant"
    tokens = rp.exchange(code).get_json()
    assert error_of(stranger.exchange(code)) == "invalid_grant"
    assert rp.userinfo(tokens["access_token"]).status_code == 200


def test_a_code_lives_no_longer_than_it_should(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    code = rp.code()
    make_older(op, AuthorizationCode, CODE_LIFE - timedelta(seconds=5))
    late = rp.code()
    assert rp.exchange(code).status_code == 200
    make_older(op, AuthorizationCode, CODE_LIFE)
    assert error_of(rp.exchange(late)) == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": '"\\\U0001f600'}, "unsupported_grant_type"),
        ({"code": None}, "invalid_request"),
        ({"code": ""}, "invalid_grant"),
        ({"code": "nonsense"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"redirect_uri": "https://rp.example/other?tenant=1"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": "a" * 64}, "invalid_grant"),
        ({"state": "\0"}, "invalid_request"),
        ({"state": "\ufffd"}, "invalid_request"),
    ],
)
def test_a_request_out_of_order(rp: RelyingParty, signed_in: str, changed: dict[str, str | None], error: str) -> None:
    code = rp.code()
    assert error_of(rp.exchange(**{"code": code, **changed})) == error  # type: ignore[arg-type]


def test_a_refused_attempt_does_not_spend_the_code(rp: RelyingParty, signed_in: str) -> None:
    code = rp.code()
    assert error_of(rp.exchange(code, code_verifier="a" * 64)) == "invalid_grant"
    assert rp.exchange(code).status_code == 200


def test_a_repeated_parameter_is_refused(rp: RelyingParty, signed_in: str) -> None:
    form = {**rp.token_form(rp.code()), "code_verifier": [rp.verifier, rp.verifier]}
    assert error_of(rp.app.test_client().post("/token", data=form, auth=AUTH)) == "invalid_request"


def test_parameters_in_the_address_do_not_count(rp: RelyingParty, signed_in: str) -> None:
    response = rp.app.test_client().post("/token", query_string=rp.token_form(rp.code()), auth=AUTH)
    assert error_of(response) == "invalid_request"


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"grant_type": "authorization_code"}},
        {"data": b"\xff\xfe=%FF", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"grant_type=%00", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"", "content_type": "multipart/form-data"},
        {"data": b"garbage", "content_type": "multipart/form-data; boundary=x"},
        {"data": "[" * 5000, "content_type": "application/json"},
        {"data": None},
    ],
)
def test_a_body_that_is_no_form_is_an_invalid_request(op: Flask, sent: dict[str, Any]) -> None:
    assert error_of(op.test_client().post("/token", auth=AUTH, **sent)) == "invalid_request"


def test_a_huge_body_is_refused_in_json(op: Flask) -> None:
    response = op.test_client().post("/token", data={"code": "x" * 100_000}, auth=AUTH)
    assert error_of(response, 413) == "invalid_request"


def test_a_huge_body_of_unknown_length_is_refused_too(op: Flask) -> None:
    body = BytesIO(b"grant_type=authorization_code&code=" + b"x" * 300_000)
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "wsgi.input": body}
    form = "application/x-www-form-urlencoded"
    response = op.test_client().post("/token", content_type=form, environ_overrides=chunked, auth=AUTH)
    assert error_of(response, 413) == "invalid_request"


def test_other_methods_are_refused(op: Flask) -> None:
    assert op.test_client().get("/token").status_code == 405


def test_a_public_client_proves_itself_by_the_challenge(rp: RelyingParty, signed_in: str) -> None:
    rp.settings, rp.redirect_uri = PUBLIC, PUBLIC.redirect_uris[0]
    assert rp.exchange(rp.code()).status_code == 200
    assert error_of(rp.exchange(rp.code(), code_verifier=None)) == "invalid_request"
