"""The `idme` profile: scopes that name an assurance, userinfo as a signed JWT, ID.me's names for the claims."""

import base64
import json

import pytest
from flask import Flask

from app import clock
from tests.support.credential_factories import (
    IDME_SCOPE,
    ISSUER,
    PORTAL,
    PORTAL_RETURN,
    RelyingParty,
    add_account,
    answer_of,
    sign_in,
    subject_of,
    verified,
)

IAL = "http://idmanagement.gov/ns/assurance"


@pytest.fixture
def portal(rp: RelyingParty) -> RelyingParty:
    rp.settings = rp.app.extensions["credential_service"].clients.find(PORTAL).settings
    rp.redirect_uri, rp.scope = PORTAL_RETURN, IDME_SCOPE
    return rp


def test_userinfo_is_a_signed_jwt(op: Flask, portal: RelyingParty, signed_in: str) -> None:
    response = portal.userinfo(portal.tokens()["access_token"])
    assert response.content_type == "application/jwt"
    claims = verified(op, response.text)
    subject, now = subject_of(op, signed_in), clock.now().timestamp()
    assert claims.pop("iat") <= now < claims.pop("exp") <= now + 300
    assert claims == {
        "iss": ISSUER,
        "aud": PORTAL,
        "sub": subject,
        "uuid": subject,
        "email": "person@example.org",
        "emails_confirmed": ["person@example.org"],
        "multifactor": True,
        "credential_aal": 2,
        "credential_aal_highest": 2,
        "credential_ial": 1,
        "credential_ial_highest": 1,
        "level_of_assurance": 1,
    }


def test_its_header_names_the_key(portal: RelyingParty, signed_in: str) -> None:
    head = portal.userinfo(portal.tokens()["access_token"]).text.partition(".")[0]
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    assert header["alg"] == "RS256"
    assert header["kid"]


def test_a_name_that_was_given_and_consented_to_is_told(op: Flask, portal: RelyingParty) -> None:
    sign_in(op, portal.browser, add_account(op, given_name="Grace", family_name="Hopper"))
    page = portal.browser.get(portal.authorize().location)
    assert "Grace Hopper" in page.text
    claims = verified(op, portal.userinfo(portal.tokens()["access_token"]).text)
    assert (claims["fname"], claims["lname"]) == ("Grace", "Hopper")
    assert not {"name", "given_name", "family_name", "email_verified"} & set(claims)


def test_only_the_chosen_address_is_told(op: Flask, portal: RelyingParty) -> None:
    sign_in(op, portal.browser, add_account(op, "home@example.org", "work@example.org"))
    claims = verified(op, portal.userinfo(portal.tokens()["access_token"]).text)
    assert claims["emails_confirmed"] == ["home@example.org"]


def test_openid_alone_shares_neither_address_nor_name(op: Flask, portal: RelyingParty, signed_in: str) -> None:
    claims = verified(op, portal.userinfo(portal.tokens(scope="openid")["access_token"]).text)
    assert not {"email", "emails_confirmed", "fname", "lname"} & set(claims)
    assert claims["uuid"]


@pytest.mark.parametrize(
    "scope",
    ["ial/1/aal/2", "ial/1/aal/1", "loa/1", "loa/1/vets", "ial/1", "aal/2"],
)
def test_authentication_is_granted(portal: RelyingParty, signed_in: str, scope: str) -> None:
    asked = f"openid {IAL}/{scope}"
    assert portal.tokens(scope=asked)["scope"] == asked


@pytest.mark.parametrize(
    "scope",
    [
        f"openid {IAL}/ial/2/aal/2",
        f"openid {IAL}/ial/2",
        f"openid {IAL}/loa/3",
        f"openid {IAL}/loa/3_force",
        f"openid {IAL}/loa/1/../3",
        f"openid {IAL}/ial/1/aal/2 {IAL}/ial/2/aal/2",
        f"openid {IAL}/ial/1/aal/3",
        "openid military",
        "openid profile",
        f"{IAL}/ial/1/aal/2",
    ],
)
def test_proofing_and_unknown_policies_are_refused(portal: RelyingParty, signed_in: str, scope: str) -> None:
    assert answer_of(portal.authorize(scope=scope))["error"] == "invalid_scope"
