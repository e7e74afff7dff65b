"""What is wrong with a request: told the person on a page where the client is in doubt, else told the client."""

import pytest
from flask import Flask

from tests.support.credential_factories import ISSUER, RETURN, RelyingParty, answer_of, events

UNKNOWN_CLIENT, UNKNOWN_REDIRECT = "CS-201", "CS-202"


@pytest.mark.parametrize("client_id", [None, "", "nobody", "strict-rp ", "nobody\U0001f600"])
def test_an_unknown_client_is_told_by_a_page(rp: RelyingParty, client_id: str | None) -> None:
    response = rp.authorize(client_id=client_id)
    assert response.status_code == 400
    assert UNKNOWN_CLIENT in response.text


@pytest.mark.parametrize(
    "redirect_uri",
    [
        None,
        "https://evil.example/",
        f"{RETURN}/",
        f"{RETURN}?a=1",
        f"{RETURN}#part",
        RETURN.upper(),
        RETURN.replace("https", "http"),
        'https://rp.example/"quoted"\\path',
        "javascript:alert(1)",
        "//rp.example/callback",
    ],
)
def test_ensure_registered_redirect_uri(rp: RelyingParty, redirect_uri: str | None) -> None:
    response = rp.authorize(redirect_uri=redirect_uri)
    assert response.status_code == 400
    assert "Location" not in response.headers
    assert UNKNOWN_REDIRECT in response.text


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_doubled_client_or_redirect_uri_is_told_by_a_page(rp: RelyingParty, name: str) -> None:
    values = [*rp.parameters().items(), (name, rp.parameters()[name])]
    assert rp.browser.get("/authorize", query_string=values).status_code == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": '"\\\U0001f600'}, "unsupported_response_type"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "email"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "a" * 42 + "!"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"max_age": "abc"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"max_age": "9" * 400}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"claims": "null"}, "invalid_request"),
        ({"claims": '{"userinfo": []}'}, "invalid_request"),
        ({"claims": '{"userinfo": {"email": true}}'}, "invalid_request"),
        ({"claims": "[" * 2000}, "invalid_request"),
        ({"id_token_hint": "no.jwt.atall"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://rp.example/request"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
    ],
)
def test_everything_else_is_told_the_client(rp: RelyingParty, changed: dict[str, str | None], error: str) -> None:
    response = rp.authorize(**changed)
    assert response.location.startswith(f"{RETURN}?")
    answer = answer_of(response)
    assert set(answer) == {"error", "error_description", "state", "iss"}
    assert (answer["error"], answer["state"], answer["iss"]) == (error, rp.state, ISSUER)


@pytest.mark.parametrize("name", ["scope", "state", "nonce", "prompt", "code_challenge"])
def test_a_parameter_given_twice_is_told_the_client(rp: RelyingParty, name: str) -> None:
    values = [*rp.parameters(prompt="login").items(), (name, "again")]
    answer = answer_of(rp.browser.get("/authorize", query_string=values))
    assert answer["error"] == "invalid_request"
    # Which of two states is the client's nobody knows.
    assert ("state" in answer) is (name != "state")


def test_an_error_keeps_the_query_of_the_redirect_uri(rp: RelyingParty) -> None:
    rp.redirect_uri = "https://rp.example/other?tenant=1"
    answer = answer_of(rp.authorize(scope="email"))
    assert answer["tenant"] == "1"
    assert answer["error"] == "invalid_scope"


def test_an_error_without_a_state_brings_none(rp: RelyingParty) -> None:
    assert set(answer_of(rp.authorize(scope="email", state=None))) == {"error", "error_description", "iss"}


def test_broken_utf8_is_a_page(rp: RelyingParty) -> None:
    response = rp.browser.get("/authorize?client_id=%FF%FE&state=%C3")
    assert response.status_code == 400
    assert response.mimetype == "text/html"


def test_a_refusal_by_page_is_in_the_record(op: Flask, rp: RelyingParty) -> None:
    rp.authorize(client_id="nobody")
    assert events(op) == ["request.refused"]


def test_a_refused_request_lets_nothing_wait(op: Flask, rp: RelyingParty) -> None:
    rp.authorize(scope="email")
    assert events(op) == []
