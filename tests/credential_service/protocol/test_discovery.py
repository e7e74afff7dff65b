"""The discovery document (OIDF: oidcc-discovery-endpoint-verification): complete, true, one for all clients."""

import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata
from flask import Flask

from tests.support.credential_factories import ISSUER, PORTAL, PORTAL_RETURN, RelyingParty, verified


@pytest.fixture
def document(op: Flask) -> dict[str, object]:
    response = op.test_client().get("/.well-known/openid-configuration")
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "public, max-age=300"
    return dict(response.get_json())


def test_discovery_endpoint_verification(document: dict[str, object]) -> None:
    # Authlib asks for https, which a laptop's issuer has not.
    https = {name: _secured(value) for name, value in document.items()}
    OpenIDProviderMetadata(https).validate()


def _secured(value: object) -> object:
    return value.replace("http://localhost", "https://localhost") if isinstance(value, str) else value


def test_the_issuer_is_the_public_url_byte_for_byte(document: dict[str, object]) -> None:
    assert document["issuer"] == ISSUER


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("response_types_supported", ["code"]),
        ("response_modes_supported", ["query"]),
        ("grant_types_supported", ["authorization_code"]),
        ("code_challenge_methods_supported", ["S256"]),
        ("authorization_response_iss_parameter_supported", True),
        ("prompt_values_supported", ["none", "login", "consent", "select_account", "create"]),
        ("request_parameter_supported", False),
        ("request_uri_parameter_supported", False),
        ("claims_parameter_supported", True),
        ("subject_types_supported", ["public"]),
        ("id_token_signing_alg_values_supported", ["RS256"]),
        ("end_session_endpoint", f"{ISSUER}/end-session"),
    ],
)
def test_says(document: dict[str, object], name: str, value: object) -> None:
    assert document[name] == value


@pytest.mark.parametrize(
    ("name", "some"),
    [
        ("token_endpoint_auth_methods_supported", {"client_secret_basic", "client_secret_post", "private_key_jwt"}),
        ("acr_values_supported", {"http://idmanagement.gov/ns/assurance/ial/1/aal/2"}),
        ("scopes_supported", {"openid", "email", "profile", "http://idmanagement.gov/ns/assurance/ial/1/aal/2"}),
        ("claims_supported", {"sub", "email", "email_verified", "uuid", "emails_confirmed", "fname", "multifactor"}),
    ],
)
def test_offers(document: dict[str, list[str]], name: str, some: set[str]) -> None:
    assert some <= set(document[name])


@pytest.mark.parametrize("name", ["authorization", "token", "userinfo", "end_session"])
def test_each_endpoint_is_there(op: Flask, document: dict[str, str], name: str) -> None:
    path = document[f"{name}_endpoint"].removeprefix(ISSUER)
    assert op.test_client().post(path).status_code != 404


def test_all_claims_that_are_told_are_announced(
    op: Flask, rp: RelyingParty, signed_in: str, document: dict[str, list[str]]
) -> None:
    announced = set(document["claims_supported"])
    assert set(rp.id_token()) <= announced
    assert set(rp.userinfo(rp.tokens()["access_token"]).get_json()) <= announced
    rp.settings = op.extensions["credential_service"].clients.find(PORTAL).settings
    rp.redirect_uri, rp.scope = PORTAL_RETURN, "openid http://idmanagement.gov/ns/assurance/loa/1"
    assert set(verified(op, rp.userinfo(rp.tokens()["access_token"]).text)) <= announced
