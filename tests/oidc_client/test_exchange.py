"""The token endpoint: how the client proves itself, and what is made of the reply."""

import json
from typing import Any

import pytest

from app.oidc_client.faults import Reason
from app.oidc_client.provider import AuthMethod
from tests.oidc_client.conftest import Configure, SignIn
from tests.oidc_client.expectations import refused
from tests.support.hostile_provider import (
    CLIENT_ID,
    SUBJECT,
    Fault,
    HostileProvider,
    claims_of,
    ec_key,
    rsa_key,
)

GOOD = {"token_type": "Bearer", "access_token": "access", "id_token": "a.b.c"}


def posted(provider: HostileProvider) -> dict[str, str]:
    return next(request.form for request in provider.seen if request.path == "/token")


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (None, "client_secret_basic"),
        (["client_secret_post", "client_secret_basic"], "client_secret_basic"),
        (["client_secret_post"], "client_secret_post"),
        (["private_key_jwt"], "client_secret_basic"),
    ],
)
def test_method_by_metadata(
    sign_in: SignIn, provider: HostileProvider, offered: list[str] | None, expected: str
) -> None:
    provider.metadata_changes = {"token_endpoint_auth_methods_supported": offered}
    provider.auth_method = expected
    assert sign_in().identity.subject == SUBJECT


def test_method_by_configuration(sign_in: SignIn, provider: HostileProvider, configure: Configure) -> None:
    provider.auth_method = "client_secret_post"
    party = configure(auth_method=AuthMethod.CLIENT_SECRET_POST)
    assert sign_in(party).identity.subject == SUBJECT
    assert "Authorization" not in next(seen.headers for seen in provider.seen if seen.path == "/token")


def test_public_client(sign_in: SignIn, provider: HostileProvider, configure: Configure) -> None:
    provider.auth_method = "none"
    assert sign_in(configure(client_secret=None)).identity.subject == SUBJECT
    refused(Reason.TOKEN_REFUSED, sign_in)  # the stand-in takes no secret from a public client


@pytest.mark.parametrize(("key", "algorithm"), [(rsa_key("client"), "RS256"), (ec_key("client"), "ES256")])
def test_private_key_jwt(
    sign_in: SignIn, provider: HostileProvider, configure: Configure, key: Any, algorithm: str
) -> None:
    provider.auth_method, provider.client_key = "private_key_jwt", key
    pem = key.as_pem(private=True).decode()
    party = configure(client_secret=None, private_key=pem, private_key_id="k1")
    assert sign_in(party).identity.subject == SUBJECT
    sign_in(party)
    assertions = [request.form["client_assertion"] for request in provider.seen if request.path == "/token"]
    assert len({claims_of(assertion)["jti"] for assertion in assertions}) == 2
    assert posted(provider)["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    claims = claims_of(assertions[0])
    assert (claims["iss"], claims["sub"], claims["aud"]) == (CLIENT_ID, CLIENT_ID, f"{provider.issuer}/token")
    assert claims["exp"] - claims["iat"] == 120


def test_wrong_secret(sign_in: SignIn, configure: Configure) -> None:
    fault = refused(Reason.TOKEN_REFUSED, sign_in, configure(client_secret="another"))
    assert fault.detail == "invalid_client"


def test_verifier_is_the_attempts_own(configure: Configure, provider: HostileProvider) -> None:
    party = configure()
    first, second = party.start(), party.start()
    arguments = provider.approve(second.url, state=first.pending.state)
    assert refused(Reason.TOKEN_REFUSED, party.finish, arguments, first.pending).detail == "invalid_grant"


def test_redirect_at_the_token_endpoint(sign_in: SignIn, provider: HostileProvider) -> None:
    """Neither the code nor the secret goes anywhere else."""
    provider.faults = {Fault.TOKEN_REDIRECT}
    refused(Reason.PROVIDER_GARBAGE, sign_in)
    assert provider.asked("/elsewhere") == 0


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, b'{"error": "invalid_grant"}', Reason.TOKEN_REFUSED),
        (400, b'{"error": "Code has already been used by ro@example.com"}', Reason.TOKEN_REFUSED),
        (400, b'{"error": ["x"]}', Reason.TOKEN_REFUSED),
        (401, b"<html>", Reason.TOKEN_REFUSED),
        (404, b"[]", Reason.TOKEN_REFUSED),
        (200, b'{"error": "invalid_grant"}', Reason.TOKEN_REFUSED),
        (429, b"{}", Reason.PROVIDER_ERROR),
        (503, b"<html>", Reason.PROVIDER_ERROR),
        (200, b"<html>", Reason.PROVIDER_GARBAGE),
        (200, b"[]", Reason.PROVIDER_GARBAGE),
        (200, b"{}", Reason.PROVIDER_GARBAGE),
    ],
)
def test_error_replies(sign_in: SignIn, provider: HostileProvider, status: int, body: bytes, reason: Reason) -> None:
    provider.replies["/token"] = (status, "application/json", body)
    fault = refused(reason, sign_in)
    assert "@" not in str(fault)


@pytest.mark.parametrize(
    "changes",
    [
        {"token_type": "DPoP"},
        {"token_type": None},
        {"id_token": None},
        {"id_token": 7},
        {"id_token": ""},
        {"access_token": None},
        {"access_token": "a\r\nX-Injected: 1"},
        {"access_token": "ü"},
        {"access_token": "x" * 70_000},
    ],
)
def test_malformed_replies(sign_in: SignIn, provider: HostileProvider, changes: dict[str, Any]) -> None:
    provider.replies["/token"] = (200, "application/json", json.dumps(GOOD | changes).encode())
    refused(Reason.PROVIDER_GARBAGE, sign_in)
    assert provider.asked("/userinfo") == 0


@pytest.mark.parametrize("token_type", ["Bearer", "bearer", "BEARER"])
def test_token_type_has_no_case(sign_in: SignIn, provider: HostileProvider, token_type: str) -> None:
    body = json.dumps(GOOD | {"token_type": token_type}).encode()
    provider.replies["/token"] = (200, "application/json", body)
    refused(Reason.ID_TOKEN_INVALID, sign_in)  # the type was accepted: the ID token is judged next
