"""Every kind of answer carries the same protection, and refusals say who to ask without saying what was sent."""

import logging

import pytest
from flask import Flask

from app.domain.errors import Refusal
from app.web.security import allow_form_origins, host_name
from tests.support.client import LintingClient
from tests.web.bare import SECRET, bare_app

KINDS = [
    ("GET", "/words", 200), ("GET", "/form", 200), ("GET", "/go", 303), ("GET", "/json", 200),
    ("POST", "/program", 200),
    ("OPTIONS", "/form", 200), ("HEAD", "/form", 200), ("GET", "/nowhere", 404), ("DELETE", "/form", 405),
    ("POST", "/form", 400), ("GET", "/refused", 403), ("GET", "/broken", 500), ("GET", "/abort/413", 413),
    ("GET", "/abort/429", 429), ("GET", "/abort/418", 400), ("GET", "/abort/503", 500),
    ("GET", "/static/nothing.css", 404),
]  # fmt: skip
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


@pytest.fixture
def client() -> LintingClient:
    return bare_app().test_client()  # type: ignore[return-value]


def policy_of(header: str) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in header.split(";"))  # type: ignore[misc]


@pytest.mark.parametrize(("method", "path", "status"), KINDS)
def test_every_answer_is_protected(client: LintingClient, method: str, path: str, status: int) -> None:
    response = client.open(path, method=method)
    assert response.status_code == status
    assert policy_of(response.headers["Content-Security-Policy"]) == POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    assert len(response.headers["X-Request-ID"]) == 12
    assert "Strict-Transport-Security" not in response.headers
    assert "Server" not in response.headers


def test_so_is_a_static_file_which_is_kept_for_ever(client: LintingClient) -> None:
    with client.application.test_request_context():
        path = client.application.jinja_env.globals["static_url"]("css/style.css")
    response = client.get(path)
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert policy_of(response.headers["Content-Security-Policy"]) == POLICY


@pytest.mark.parametrize("path", ["/words", "/nowhere", "/broken", "/json"])
def test_over_https_browsers_are_told_to_stay_there(path: str) -> None:
    client = bare_app("https://bare.example.org").test_client()
    header = client.get(path, base_url="https://bare.example.org").headers["Strict-Transport-Security"]
    assert header == "max-age=31536000; includeSubDomains"


def test_a_page_may_let_its_forms_end_elsewhere_and_no_other_page(client: LintingClient) -> None:
    app = client.application
    view = app.view_functions["/words"]

    def leaving() -> object:
        allow_form_origins(["https://id.example.org"])
        allow_form_origins(["https://other.example.org"])
        return view()

    leaving.guard = view.guard  # type: ignore[attr-defined]
    app.view_functions["/words"] = leaving
    there = policy_of(client.get("/words").headers["Content-Security-Policy"])
    assert there == POLICY | {"form-action": "'self' https://id.example.org https://other.example.org"}
    assert policy_of(client.get("/form").headers["Content-Security-Policy"]) == POLICY


def test_each_request_has_an_id_of_its_own(client: LintingClient) -> None:
    ids = {client.get("/words", headers={"X-Request-ID": "mine"}).headers["X-Request-ID"] for _ in range(20)}
    assert len(ids) == 20
    assert "mine" not in ids


@pytest.mark.parametrize(
    ("path", "code"), [("/refused", "QA-208"), ("/nowhere", "QA-104"), ("/broken", "QA-150"), ("/abort/418", "QA-100")]
)
def test_a_refusal_shows_its_code_and_the_id_and_is_told_of(path: str, code: str) -> None:
    told: list[Refusal] = []
    response = bare_app(told=told.append).test_client().get(path)
    assert code in response.text
    assert response.headers["X-Request-ID"] in response.text
    assert [refusal.code for refusal in told] == [code]


def test_an_answer_that_is_no_refusal_is_not_told_of() -> None:
    told: list[Refusal] = []
    bare_app(told=told.append).test_client().get("/words")
    assert not told


def test_a_fault_is_logged_by_place_and_never_by_its_words(
    client: LintingClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = client.get("/broken")
    assert "RuntimeError" in caplog.text
    assert "bare.py" in caplog.text
    assert response.headers["X-Request-ID"] in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in response.text
    assert "Traceback" not in response.text


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("Portal.Example.org:8443", "portal.example.org"), ("[::1]:80", "[::1]"), ("127.0.0.1", "127.0.0.1"),
        ("a", "a"),
        ("", ""), ("a:b", ""),
        ("[::1", ""), ("[::1]x", ""), ("a@b", ""), ("a b", ""), ("a/", ""), ("a:", ""), (":80", ""),
        ("a:123456", ""), ("a.:80", "a."), ("[g::1]", ""), ("a\n", ""),
    ],
)  # fmt: skip
def test_the_host_of_a_header(header: str, host: str) -> None:
    assert host_name(header) == host


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "198.51.100.7"), (2, "203.0.113.9")])
def test_a_forwarded_address_is_believed_as_far_as_proxies_are_trusted(proxies: int, address: str) -> None:
    from flask import request

    from app.settings import Settings
    from app.web import kit
    from app.web.guard import PUBLIC, guarded

    app: Flask = kit.new_app(
        "bare", Settings.read(env="test", trusted_proxies=proxies), face=kit.Face("B", "portal", "/", "x"), cookie="b"
    )
    app.add_url_rule("/who", "who", guarded(PUBLIC)(lambda: {"address": request.remote_addr}))
    response = app.test_client().get("/who", headers={"X-Forwarded-For": "192.0.2.1, 203.0.113.9, 198.51.100.7"})
    assert response.json == {"address": address}
