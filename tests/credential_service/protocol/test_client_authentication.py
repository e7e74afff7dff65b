"""How a client proves who it is: by its secret in the header or in the body, by nothing where it has none."""

import base64
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app.credential_service.settings import AuthMethod, ClientSettings
from tests.support.credential_factories import (
    PUBLIC,
    RETURN,
    SECRET,
    RelyingParty,
    add_account,
    credential_app,
    sign_in,
)


def post(rp: RelyingParty, code: str, header: str | None = None, **fields: str) -> TestResponse:
    headers = {"Authorization": header} if header is not None else {}
    return rp.app.test_client().post("/token", data=rp.token_form(code, **fields), headers=headers)


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def refused(response: TestResponse) -> bool:
    assert response.get_json()["error"] == "invalid_client"
    assert response.headers["WWW-Authenticate"].startswith("Basic ")
    return response.status_code == 401


def test_server_client_secret_basic(rp: RelyingParty, signed_in: str) -> None:
    assert post(rp, rp.code(), basic("strict-rp", SECRET)).status_code == 200


def test_basic_credentials_may_be_form_encoded(rp: RelyingParty, signed_in: str) -> None:
    assert post(rp, rp.code(), basic("strict%2Drp", SECRET.replace(" ", "+"))).status_code == 200


def test_server_client_secret_post(rp: RelyingParty, signed_in: str) -> None:
    assert post(rp, rp.code(), client_id="strict-rp", client_secret=SECRET).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        basic("strict-rp", "wrong"),
        basic("strict-rp", ""),
        basic("nobody", SECRET),
        basic("public-rp", ""),
        "Basic " + base64.b64encode(b"strict-rp").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        "Basic !!!",
        "Basic",
        "",
        "Bearer abc",
        "Basic \xe4",
    ],
)
def test_a_wrong_header_is_refused(rp: RelyingParty, signed_in: str, header: str) -> None:
    assert refused(post(rp, rp.code(), header))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"client_id": "strict-rp"},
        {"client_id": "strict-rp", "client_secret": "wrong"},
        {"client_id": "strict-rp", "client_secret": ""},
        {"client_id": "nobody", "client_secret": SECRET},
        {"client_secret": SECRET},
        {"client_id": "public-rp", "client_secret": "anything"},
    ],
)
def test_wrong_fields_are_refused(rp: RelyingParty, signed_in: str, fields: dict[str, str]) -> None:
    assert refused(post(rp, rp.code(), **fields))


def test_the_header_names_the_client_that_the_body_names(rp: RelyingParty, signed_in: str) -> None:
    code = rp.code()
    assert refused(post(rp, code, basic("strict-rp", SECRET), client_id="public-rp"))
    assert post(rp, code, basic("strict-rp", SECRET), client_id="strict-rp").status_code == 200


def test_two_ways_at_once_are_refused(rp: RelyingParty, signed_in: str) -> None:
    response = post(rp, rp.code(), basic("strict-rp", SECRET), client_secret=SECRET)
    assert (response.status_code, response.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_method_that_the_settings_name_is_the_only_one(tmp_path: Path, method: AuthMethod) -> None:
    named = ClientSettings(
        client_id="named", client_secret=SECRET, token_endpoint_auth_method=method, redirect_uris=(RETURN,)
    )
    op = credential_app(tmp_path, named)
    rp = RelyingParty(op, op.test_client(), settings=named)
    sign_in(op, rp.browser, add_account(op))
    code = rp.code()
    ways = {
        "client_secret_basic": {"header": basic("named", SECRET)},
        "client_secret_post": {"client_id": "named", "client_secret": SECRET},
    }
    right = ways.pop(method)
    assert refused(post(rp, code, **ways.popitem()[1]))
    assert post(rp, code, **right).status_code == 200


def test_a_public_client_says_who_it_is_and_no_more(rp: RelyingParty, signed_in: str) -> None:
    rp.settings, rp.redirect_uri = PUBLIC, PUBLIC.redirect_uris[0]
    assert post(rp, rp.code(), client_id="public-rp").status_code == 200
