"""The one cookie: its name and flags, that it is opaque, when it is given and when it changes."""

import re

import pytest

from app.web.browser import Browser, key_of, new_token
from tests.support.client import LintingClient
from tests.web.bare import bare_app

NAME = "bare_session"


@pytest.fixture
def client() -> LintingClient:
    return bare_app().test_client()  # type: ignore[return-value]


def value_of(client: LintingClient) -> str | None:
    cookie = client.get_cookie(NAME)
    return cookie.value if cookie is not None else None


def test_on_loopback_over_http(client: LintingClient) -> None:
    header = client.get("/form").headers["Set-Cookie"]
    value, *flags = header.split("; ")
    assert re.fullmatch(rf"{NAME}=[A-Za-z0-9_-]{{43}}", value)
    assert set(flags) == {"HttpOnly", "SameSite=Lax", "Path=/"}


def test_over_https_it_is_secure_and_bound_to_the_host() -> None:
    app = bare_app("https://bare.example.org")
    header = app.test_client().get("/form", base_url="https://bare.example.org").headers["Set-Cookie"]
    value, *flags = header.split("; ")
    assert value.startswith(f"__Host-{NAME}=")
    assert set(flags) == {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"}, "and no Domain, no lifetime"


def test_over_https_a_cookie_without_the_prefix_is_not_ours() -> None:
    """A neighbouring host or a plain-text answer can plant one of these."""
    client = bare_app("https://bare.example.org").test_client()
    header = client.get("/form", base_url="https://bare.example.org", headers={"Cookie": f"{NAME}={'a' * 43}"}).headers
    assert "a" * 43 not in header["Set-Cookie"]


def test_it_comes_with_the_first_form_and_not_before(client: LintingClient) -> None:
    assert "Set-Cookie" not in client.get("/words").headers
    assert "Set-Cookie" in client.get("/form").headers
    assert "Set-Cookie" not in client.get("/form").headers, "nor again"


@pytest.mark.parametrize("value", ["short", "x" * 44, "x" * 42 + "=", "x" * 42 + "\u0665", "../" + "x" * 40, ""])
def test_what_we_did_not_write_is_replaced(client: LintingClient, value: str) -> None:
    client.set_cookie(NAME, value)
    client.get("/form")
    assert value_of(client) != value


def test_renewing_changes_it_and_what_tables_know_of_it(client: LintingClient) -> None:
    client.get("/form")
    before = value_of(client)
    client.get("/renew")
    after = value_of(client)
    assert before and after
    assert key_of(before) != key_of(after)


def test_two_browsers_never_share_one() -> None:
    assert len({new_token() for _ in range(1000)}) == 1000


def test_tables_get_a_hash_that_does_not_give_it_away() -> None:
    token = new_token()
    assert Browser(token).key == key_of(token)
    assert re.fullmatch(r"[0-9a-f]{64}", key_of(token))


def test_a_browser_that_was_just_given_one_is_not_known_yet() -> None:
    browser = Browser(None)
    assert not browser.known
    browser.ensure()
    assert not browser.known
    assert Browser(new_token()).known


def test_the_frameworks_own_session_is_off() -> None:
    app = bare_app()
    session = app.session_interface.open_session(app, app.request_class({}))
    assert session is not None
    with pytest.raises(RuntimeError):
        session["a"] = 1
