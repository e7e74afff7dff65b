"""Userinfo in every form providers send it, and about the right person only."""

import json
from typing import Any

import pytest

from app.oidc_client.faults import Reason
from tests.oidc_client.conftest import Configure, SignIn
from tests.oidc_client.expectations import refused
from tests.support.hostile_provider import CLIENT_ID, SUBJECT, Fault, HostileProvider, rsa_key

OUR_KEY = rsa_key("ours", "enc").as_pem(private=True).decode()
FORMS = ["json", "jwt", "string-jwt", "jwe", "string-jwe"]


def party_with_key(provider: HostileProvider, configure: Configure) -> Any:
    provider.encryption_key = rsa_key("ours", "enc")
    return configure(decryption_key=OUR_KEY)


@pytest.mark.parametrize("form", FORMS)
def test_oidcc_client_test_userinfo_signed_and_other_forms(
    sign_in: SignIn, provider: HostileProvider, configure: Configure, form: str
) -> None:
    provider.userinfo_form = form
    assert sign_in(party_with_key(provider, configure)).identity.email == "ro@example.com"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("subject", ["somebody-else", None, 7, SUBJECT.upper()])
def test_oidcc_client_test_userinfo_invalid_sub(
    sign_in: SignIn, provider: HostileProvider, configure: Configure, form: str, subject: object
) -> None:
    provider.userinfo_form = form
    provider.userinfo["sub"] = subject
    refused(Reason.USERINFO_MISMATCH, sign_in, party_with_key(provider, configure))


def test_oidcc_client_test_scope_userinfo_claims(sign_in: SignIn, provider: HostileProvider) -> None:
    provider.userinfo |= {"given_name": " Anna\tMaria ", "family_name": "Nováková"}
    identity = sign_in().identity
    assert (identity.given_name, identity.family_name) == ("Anna Maria", "Nováková")


def test_a_raw_token_under_the_wrong_label(sign_in: SignIn, provider: HostileProvider) -> None:
    """Taken for what it is: here a token of nobody's making, so refused as one."""
    provider.replies["/userinfo"] = (200, "application/json", b"eyJhbGciOiJSUzI1NiJ9.e30.AA")
    refused(Reason.USERINFO_INVALID, sign_in)


@pytest.mark.parametrize(
    "fault", [Fault.TAMPERED_SIGNATURE, Fault.ALG_NONE, Fault.HS256_WITH_PUBLIC_KEY, Fault.UNKNOWN_KID]
)
def test_signed_userinfo_of_nobodys_making(provider: HostileProvider, configure: Configure, fault: Fault) -> None:
    """The ID token is sound; only what is signed after it is not."""
    provider.userinfo_form = "jwt"
    party = configure()
    request = party.start()
    arguments = provider.approve(request.url)
    sound = provider.userinfo_reply

    def unsound(authorization: str) -> tuple[int, str, bytes]:
        provider.faults = {fault}
        return sound(authorization)

    provider.userinfo_reply = unsound  # type: ignore[method-assign]
    refused(Reason.USERINFO_INVALID, party.finish, arguments, request.pending)


@pytest.mark.parametrize(
    ("changes", "admitted"),
    [
        ({"iss": "https://other.example"}, False),
        ({"aud": "another-client"}, False),
        ({"aud": ["another-client"]}, False),
        ({"aud": CLIENT_ID}, True),
        ({"aud": ["another-client", CLIENT_ID]}, True),
    ],
)
def test_signed_userinfo_is_addressed_to_us(
    sign_in: SignIn, provider: HostileProvider, changes: dict[str, Any], *, admitted: bool
) -> None:
    provider.userinfo_form = "jwt"
    provider.userinfo |= changes
    if admitted:
        assert sign_in().identity.subject == SUBJECT
    else:
        refused(Reason.USERINFO_INVALID, sign_in)


def test_encrypted_userinfo_without_a_key(sign_in: SignIn, provider: HostileProvider, configure: Configure) -> None:
    provider.userinfo_form, provider.encryption_key = "jwe", rsa_key("ours", "enc")
    refused(Reason.USERINFO_INVALID, sign_in)


def test_encrypted_to_somebody_else(sign_in: SignIn, provider: HostileProvider, configure: Configure) -> None:
    party = party_with_key(provider, configure)
    provider.userinfo_form, provider.encryption_key = "jwe", rsa_key("theirs", "enc")
    refused(Reason.USERINFO_INVALID, sign_in, party)


def test_encrypted_but_not_signed(sign_in: SignIn, provider: HostileProvider, configure: Configure) -> None:
    """Anyone can encrypt to us; only the provider can sign."""
    party = party_with_key(provider, configure)
    provider.userinfo_form = "unsigned-jwe"
    refused(Reason.USERINFO_INVALID, sign_in, party)


@pytest.mark.parametrize(
    ("status", "media_type", "body", "reason"),
    [
        (401, "application/json", b"{}", Reason.PROVIDER_ERROR),
        (500, "text/html", b"<html>", Reason.PROVIDER_ERROR),
        (200, "text/html", b"<html>", Reason.PROVIDER_GARBAGE),
        (200, "application/json", b"[]", Reason.PROVIDER_GARBAGE),
        (200, "application/json", json.dumps("no token").encode(), Reason.PROVIDER_GARBAGE),
        (200, "application/json", b'"unfinished', Reason.PROVIDER_GARBAGE),
        (200, "application/jwt", b'{"sub": "x"}', Reason.PROVIDER_GARBAGE),
        (200, "application/jwt", b"", Reason.PROVIDER_GARBAGE),
    ],
)
def test_other_answers(
    sign_in: SignIn, provider: HostileProvider, status: int, media_type: str, body: bytes, reason: Reason
) -> None:
    provider.replies["/userinfo"] = (status, media_type, body)
    refused(reason, sign_in)


def test_a_provider_without_userinfo(sign_in: SignIn, provider: HostileProvider) -> None:
    provider.metadata_changes = {"userinfo_endpoint": None}
    provider.id_token_changes = {"email": "ro@example.com", "email_verified": True}
    assert sign_in().identity.email == "ro@example.com"
