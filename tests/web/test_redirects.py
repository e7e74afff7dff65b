"""Where an answer may send the browser: what a request says counts only when it is a path of this service (CWE-601)."""

from urllib.parse import urljoin, urlsplit

import pytest

from app.web.redirects import local_path

HERE = "https://portal.example.org"


@pytest.mark.parametrize(
    "value",
    ["/", "/account", "/account?tab=1&x=%2F%2F", "/a#b", "/a/../b", "/a:b", "/@me", "/%2F%2Fevil", "/?u=//e", "/ü"],
)
def test_a_path_of_ours_is_gone_to(value: str) -> None:
    assert local_path(value, "/home") == value


@pytest.mark.parametrize(
    "value",
    [
        None, "", "account", "?x", "#x", "https://evil.example", "http:/evil.example", "https:evil.example",
        "//evil.example",
        "///evil.example", "////evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example",
        "/\\/evil.example",
        "/a\\b", "/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example", "\t//evil.example", " /account", "/a b",
        "\x00//evil.example", "/\x00/evil", "javascript:alert(1)", "data:text/html,x", "/a\r\nSet-Cookie: x=y", "//",
        "/\\",
        "//evil.example/%2e%2e", "//user@evil.example:80/", "https:///evil.example", "http:\\\\evil.example",
    ],
)  # fmt: skip
def test_anything_else_is_not(value: str | None) -> None:
    assert local_path(value, "/home") == "/home"


@pytest.mark.parametrize(
    "value", ["/.//evil.example", "/x/..//evil.example", "/%5cevil.example", "/%09/evil.example", "/;//e"]
)
def test_what_looks_odd_and_is_a_path_stays_here(value: str) -> None:
    """As a browser resolves it (WHATWG URL): the authority is that of the page."""
    assert urlsplit(urljoin(HERE, local_path(value, "/home"))).netloc == "portal.example.org"
