"""RP-initiated logout (OIDF: the modules of that name): who is signed out, who is asked, who is sent where."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from werkzeug.test import TestResponse

from app import clock
from app.credential_service.flows.end_session import check
from app.credential_service.signing_keys import signing_key
from app.credential_service.store.base import store
from app.storage.unit_of_work import unit_of_work
from tests.support.credential_factories import ISSUER, RelyingParty, add_account, sign_in

BYE = "https://rp.example/bye"
NOT_BELIEVED, UNKNOWN_RETURN = "CS-206", "CS-207"


@pytest.fixture
def hint(rp: RelyingParty, signed_in: str) -> str:
    return str(rp.tokens()["id_token"])


def end(browser: FlaskClient, **values: str) -> TestResponse:
    return browser.get("/end-session", query_string=values)


def is_signed_in(rp: RelyingParty) -> bool:
    return not rp.authorize().location.startswith("/sign-in")


def test_rp_initiated_logout(rp: RelyingParty, hint: str) -> None:
    response = end(rp.browser, id_token_hint=hint, post_logout_redirect_uri=BYE, state="a b&c")
    assert (response.status_code, response.location) == (303, f"{BYE}?state=a+b%26c")
    assert not is_signed_in(rp)


def test_by_post(rp: RelyingParty, hint: str) -> None:
    data = {"id_token_hint": hint, "post_logout_redirect_uri": BYE, "state": "x"}
    response = rp.browser.post("/end-session", data=data)
    assert response.status_code == 303
    assert response.location.startswith("/end-session?")
    assert rp.browser.get(response.location).location == f"{BYE}?state=x"


def test_a_post_from_another_site_sets_no_cookie(op: Flask, hint: str) -> None:
    response = op.test_client().post("/end-session", data={"id_token_hint": hint})
    assert "Set-Cookie" not in response.headers


def test_no_state(rp: RelyingParty, hint: str) -> None:
    assert end(rp.browser, id_token_hint=hint, post_logout_redirect_uri=BYE).location == BYE


def test_a_registered_query_is_kept(rp: RelyingParty, hint: str) -> None:
    address = f"{BYE}?from=op"
    response = end(rp.browser, id_token_hint=hint, post_logout_redirect_uri=address, state="x")
    assert response.location == f"{address}&state=x"


def test_no_post_logout_redirect_uri(rp: RelyingParty, hint: str) -> None:
    response = end(rp.browser, id_token_hint=hint, state="x")
    assert response.status_code == 200
    assert "You are signed out" in response.text
    assert not is_signed_in(rp)


def test_client_id_beside_the_hint_has_to_be_the_same(rp: RelyingParty, hint: str) -> None:
    wrong = end(rp.browser, id_token_hint=hint, client_id="public-rp", post_logout_redirect_uri=BYE)
    assert wrong.status_code == 400
    assert is_signed_in(rp)
    right = end(rp.browser, id_token_hint=hint, client_id="strict-rp", post_logout_redirect_uri=BYE)
    assert right.location == BYE


@pytest.mark.parametrize(
    "address", ["https://evil.example/", f"{BYE}/", f"{BYE}?foo=bar", "//rp.example/bye", "javascript:alert(1)"]
)
def test_bad_post_logout_redirect_uri(rp: RelyingParty, hint: str, address: str) -> None:
    response = end(rp.browser, id_token_hint=hint, post_logout_redirect_uri=address)
    assert response.status_code == 400
    assert "Location" not in response.headers
    assert UNKNOWN_RETURN in response.text
    assert is_signed_in(rp)


@pytest.mark.parametrize("spoil", ["x{}", "{}x", "{}.", "nonsense"])
def test_bad_or_modified_id_token_hint(rp: RelyingParty, hint: str, spoil: str) -> None:
    response = end(rp.browser, id_token_hint=spoil.format(hint), post_logout_redirect_uri=BYE)
    assert response.status_code == 400
    assert NOT_BELIEVED in response.text
    assert is_signed_in(rp)


@pytest.mark.parametrize(
    "values",
    [{}, {"state": "x"}, {"client_id": "strict-rp"}, {"client_id": "strict-rp", "post_logout_redirect_uri": BYE}],
    ids=["no_params", "only_state", "client_only", "no_id_token_hint"],
)
def test_without_a_hint_the_person_is_asked(rp: RelyingParty, hint: str, values: dict[str, str]) -> None:
    response = end(rp.browser, **values)
    assert response.status_code == 200
    assert "Sign out?" in response.text
    assert is_signed_in(rp)


def test_who_says_yes_is_signed_out_and_sent_nowhere(rp: RelyingParty, hint: str) -> None:
    page = f"/end-session?client_id=strict-rp&post_logout_redirect_uri={BYE}&state=x"
    response = rp.browser.submit("/end-session/confirm", page)  # type: ignore[attr-defined]
    assert response.status_code == 200
    assert f'href="{BYE}?state=x"' in response.text
    assert not is_signed_in(rp)


def test_yes_needs_the_token_against_forgery(rp: RelyingParty, hint: str) -> None:
    assert rp.browser.post("/end-session/confirm").status_code == 400
    assert is_signed_in(rp)


def test_without_a_hint_an_unregistered_address_is_not_even_a_link(rp: RelyingParty, hint: str) -> None:
    response = end(rp.browser, client_id="strict-rp", post_logout_redirect_uri="https://evil.example/")
    assert response.status_code == 400
    assert "evil" not in response.text


def test_without_a_client_no_address_is_registered(rp: RelyingParty, hint: str) -> None:
    assert end(rp.browser, post_logout_redirect_uri=BYE).status_code == 400


def test_a_hint_of_somebody_else_asks(op: Flask, rp: RelyingParty, hint: str) -> None:
    sign_in(op, rp.browser, add_account(op, "other@example.org"))
    assert "Sign out?" in end(rp.browser, id_token_hint=hint, post_logout_redirect_uri=BYE).text
    assert is_signed_in(rp)


def test_who_is_signed_out_already_is_sent_back_at_once(op: Flask, hint: str) -> None:
    assert end(op.test_client(), id_token_hint=hint, post_logout_redirect_uri=BYE).location == BYE


@pytest.mark.parametrize(
    ("audience", "azp", "named", "client"),
    [
        (["strict-rp"], None, None, "strict-rp"),
        (["strict-rp", "public-rp"], "strict-rp", None, "strict-rp"),
        (["strict-rp", "public-rp"], None, "public-rp", "public-rp"),
        (["strict-rp", "public-rp"], None, None, None),
    ],
)
def test_an_audience_may_be_a_list(
    op: Flask, audience: list[str], azp: str | None, named: str | None, client: str | None
) -> None:
    running = op.extensions["credential_service"]
    with op.app_context():
        with unit_of_work(store.session()) as work:
            key = signing_key(work, running.keyring, clock.now())
        claims = {"iss": ISSUER, "sub": "s", "aud": audience, **({"azp": azp} if azp else {})}
        token = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key, ["RS256"])
        wish = check(running, store.session(), {"id_token_hint": [token], "client_id": [named or ""]})
    assert (wish.client.client_id if wish.client else None) == client


def test_a_doubled_parameter_is_not_believed(rp: RelyingParty, hint: str) -> None:
    response = rp.browser.get(f"/end-session?id_token_hint={hint}&id_token_hint={hint}")
    assert response.status_code == 400
