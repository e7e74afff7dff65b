"""One URL, one template: the page for a navigation, its main part for HTMX, and never an error inside a panel."""

import pytest

from tests.support.client import LintingClient
from tests.web.bare import bare_app

HTMX = {"HX-Request": "true"}


@pytest.fixture
def client() -> LintingClient:
    return bare_app().test_client()  # type: ignore[return-value]


def test_a_navigation_gets_the_page(client: LintingClient) -> None:
    text = client.get("/form").text
    assert text.startswith("<!doctype html>")
    assert text.rstrip().endswith("</html>")


def test_htmx_gets_the_title_and_the_main_part(client: LintingClient) -> None:
    whole, part = client.get("/form").text, client.get("/form", headers=HTMX).text
    assert part.startswith("<title>A form – Bare</title>")
    assert "<h1>A form</h1>" in part
    assert "<html" not in part
    assert "<main" not in part
    assert len(part) < len(whole)


def test_a_history_restore_gets_the_page(client: LintingClient) -> None:
    headers = HTMX | {"HX-History-Restore-Request": "true"}
    assert client.get("/form", headers=headers).text.startswith("<!doctype html>")


@pytest.mark.parametrize("value", ["false", "", "1", "TRUE", "true, true"])
def test_only_the_word_htmx_sends_counts(client: LintingClient, value: str) -> None:
    response = client.application.test_client().open("/form", headers=[("HX-Request", value)])
    assert response.text.startswith("<!doctype html>")


@pytest.mark.parametrize("path", ["/form", "/words", "/refused", "/nowhere", "/go"])
def test_every_page_says_that_it_depends_on_who_asks_and_is_not_stored(client: LintingClient, path: str) -> None:
    for headers in ({}, HTMX):
        response = client.get(path, headers=headers)
        assert "hx-request" in {name.lower() for name in response.vary}
        assert response.headers["Cache-Control"] == "no-store"


def test_data_does_not(client: LintingClient) -> None:
    assert "HX-Request" not in client.get("/json").vary


@pytest.mark.parametrize(
    ("path", "status"),
    [("/refused", 403), ("/nowhere", 404), ("/broken", 500), ("/abort/413", 413), ("/abort/429", 429)],
)
def test_an_error_replaces_the_whole_document(client: LintingClient, path: str, status: int) -> None:
    response = client.get(path, headers=HTMX)
    assert response.status_code == status
    assert response.text.startswith("<!doctype html>")
    assert (response.headers["HX-Retarget"], response.headers["HX-Reswap"]) == ("body", "innerHTML")


def test_so_does_a_refused_post(client: LintingClient) -> None:
    response = client.post("/form", headers=HTMX)
    assert response.status_code == 400
    assert response.headers["HX-Retarget"] == "body"


def test_an_error_of_a_navigation_says_nothing_to_htmx(client: LintingClient) -> None:
    assert not [name for name, _ in client.get("/refused").headers if name.startswith("HX-")]


def test_a_redirect_is_303_for_a_navigation_and_a_header_for_htmx(client: LintingClient) -> None:
    plain, inside = client.get("/go"), client.get("/go", headers=HTMX)
    assert (plain.status_code, plain.headers["Location"]) == (303, "/w%C3%B6rds")
    assert (inside.status_code, inside.headers["HX-Redirect"], inside.data) == (200, "/w%C3%B6rds", b"")
    assert "Location" not in inside.headers
    assert "HX-Redirect" not in plain.headers


def test_a_refusal_says_when_to_try_again(client: LintingClient) -> None:
    assert client.get("/refused").headers["Retry-After"] == "7"
    assert "Retry-After" not in client.get("/nowhere").headers
