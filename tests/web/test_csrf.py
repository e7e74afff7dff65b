"""A form is taken from the browser it was given to, and from no other site."""

import base64

import pytest
from flask import Flask

from tests.support.client import LintingClient
from tests.web.bare import bare_app


@pytest.fixture
def app() -> Flask:
    return bare_app()


@pytest.fixture
def client(app: Flask) -> LintingClient:
    return app.test_client()  # type: ignore[return-value]


def token_of(client: LintingClient) -> str:
    return client.hidden("/form")["csrf_token"]


def post(client: LintingClient, token: str | None, **headers: str) -> int:
    data = {} if token is None else {"csrf_token": token}
    return client.post("/form", data=data, headers=headers).status_code


def test_the_browsers_own_token_is_taken_more_than_once(client: LintingClient) -> None:
    token = token_of(client)
    assert post(client, token) == post(client, token) == 200


def test_a_multipart_form_is_taken_too(client: LintingClient) -> None:
    data = {"csrf_token": token_of(client)}
    assert client.post("/form", data=data, content_type="multipart/form-data").status_code == 200


def test_none_is_refused(client: LintingClient) -> None:
    token_of(client)
    assert post(client, None) == 400


def test_one_in_the_query_does_not_count(client: LintingClient) -> None:
    assert client.post("/form", query_string={"csrf_token": token_of(client)}).status_code == 400


def test_one_bit_changed_is_refused(client: LintingClient) -> None:
    raw = bytearray(base64.urlsafe_b64decode(token_of(client)))
    for place in (0, 31, 32, 63):
        changed = bytearray(raw)
        changed[place] ^= 1
        assert post(client, base64.urlsafe_b64encode(changed).decode()) == 400
    assert post(client, base64.urlsafe_b64encode(raw).decode()) == 200


@pytest.mark.parametrize("length", [0, 1, 32, 63, 65, 128])
def test_a_wrong_length_is_refused(client: LintingClient, length: int) -> None:
    token_of(client)
    assert post(client, base64.urlsafe_b64encode(bytes(length)).decode()) == 400


def test_another_browsers_is_refused(app: Flask, client: LintingClient) -> None:
    other: LintingClient = app.test_client()  # type: ignore[assignment]
    token_of(client)
    assert post(client, token_of(other)) == 400


def test_it_dies_with_the_identifier(client: LintingClient) -> None:
    token = token_of(client)
    client.get("/renew")
    assert post(client, token) == 400


def test_another_key_makes_other_tokens(client: LintingClient) -> None:
    token = token_of(client)
    cookie = client.get_cookie("bare_session")
    assert cookie is not None
    other: LintingClient = bare_app().test_client()  # type: ignore[assignment]
    other.application.config["CSRF_KEY"] = b"another key of another service..."
    other.set_cookie("bare_session", cookie.value)
    assert post(other, token) == 400


def test_without_a_cookie_it_is_refused(client: LintingClient) -> None:
    token = token_of(client)
    client.delete_cookie("bare_session")
    assert post(client, token) == 400


def test_each_page_writes_it_differently(client: LintingClient) -> None:
    tokens = {token_of(client) for _ in range(5)}
    assert len(tokens) == 5
    halves = {half for token in tokens for half in (token[:20], token[-20:])}
    assert len(halves) == 10, "neither half stays the same"
    assert all(post(client, token) == 200 for token in tokens)


@pytest.mark.parametrize("origin", ["http://localhost", "http://LOCALHOST", "null"])
def test_our_own_origin_is_taken(client: LintingClient, origin: str) -> None:
    assert post(client, token_of(client), Origin=origin) == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "http://localhost.evil.example", "http://localhost@evil.example", "http://localhost:9999",
        "http://[", "http://[::1", "evil", "", "//localhost:99", "file://", "null, http://localhost",
    ],
)  # fmt: skip
def test_another_origin_is_refused_even_with_the_token(client: LintingClient, origin: str) -> None:
    assert post(client, token_of(client), Origin=origin) == 400


@pytest.mark.parametrize(
    ("site", "status"), [("same-origin", 200), ("none", 200), ("same-site", 400), ("cross-site", 400)]
)
def test_where_no_origin_is_named_the_site_counts(client: LintingClient, site: str, status: int) -> None:
    token = token_of(client)
    assert post(client, token, **{"Sec-Fetch-Site": site}) == status
    assert post(client, token, **{"Sec-Fetch-Site": site, "Origin": "null"}) == status


def test_safe_methods_need_none(client: LintingClient) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        assert client.open("/form", method=method, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_an_endpoint_for_programs_says_so_and_needs_none(client: LintingClient) -> None:
    assert client.post("/program", headers={"Origin": "https://elsewhere.example"}).status_code == 200


def test_the_idempotency_key_is_new_on_each_page(client: LintingClient) -> None:
    assert len({client.hidden("/form")["request_key"] for _ in range(5)}) == 5
