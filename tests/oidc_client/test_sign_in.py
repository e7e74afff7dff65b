"""The OpenID Foundation's relying-party modules (Basic and Config), by their names."""

import logging
from typing import Any

import pytest

from app.oidc_client.faults import Reason
from tests.oidc_client.conftest import Configure, SignIn
from tests.oidc_client.expectations import refused
from tests.support.hostile_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    SUBJECT,
    Clock,
    Fault,
    HostileProvider,
    claims_of,
    ec_key,
    rsa_key,
)


def test_oidcc_client_test(sign_in: SignIn, provider: HostileProvider) -> None:
    result = sign_in()
    assert (result.identity.issuer, result.identity.subject) == (provider.issuer, SUBJECT)
    assert result.identity.email == "ro@example.com"
    assert claims_of(result.id_token)["sub"] == SUBJECT


def test_oidcc_client_test_code_is_redeemed_once(provider: HostileProvider, configure: Configure) -> None:
    party = configure()
    request = party.start()
    arguments = provider.approve(request.url)
    party.finish(arguments, request.pending)
    refused(Reason.TOKEN_REFUSED, party.finish, arguments, request.pending)
    assert provider.asked("/token") == 2  # never retried by itself


def test_two_attempts_at_once_keep_apart(provider: HostileProvider, configure: Configure) -> None:
    party = configure()
    first, second = party.start(), party.start()
    assert party.finish(provider.approve(second.url), second.pending).identity.subject == SUBJECT
    # The second tab's answer in the first tab's attempt:
    refused(Reason.STATE_MISMATCH, party.finish, provider.approve(second.url), first.pending)
    assert party.finish(provider.approve(first.url), first.pending).identity.subject == SUBJECT


def test_oidcc_client_test_invalid_iss(sign_in: SignIn, provider: HostileProvider) -> None:
    provider.id_token_changes = {"iss": "https://other.example"}
    refused(Reason.ISSUER_MISMATCH, sign_in)


@pytest.mark.parametrize("subject", [None, "", 7, "x" * 256, "žluťoučký", "a\nb"])
def test_oidcc_client_test_missing_sub(sign_in: SignIn, provider: HostileProvider, subject: object) -> None:
    provider.id_token_changes = {"sub": subject}
    refused(Reason.ID_TOKEN_INVALID, sign_in)


def test_longest_subject_is_admitted(sign_in: SignIn, provider: HostileProvider) -> None:
    provider.id_token_changes = provider.userinfo = {"sub": "x" * 255}
    assert sign_in().identity.subject == "x" * 255


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-client"},
        {"aud": None},
        {"aud": ["another-client"]},
        {"aud": "trusted"},
        {"aud": [CLIENT_ID, "untrusted"], "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "trusted"]},
        {"aud": [CLIENT_ID, "trusted"], "azp": "trusted"},
        {"azp": "another-client"},
    ],
)
def test_oidcc_client_test_invalid_aud(
    sign_in: SignIn, provider: HostileProvider, configure: Configure, changes: dict[str, Any]
) -> None:
    provider.id_token_changes = changes
    refused(Reason.ID_TOKEN_INVALID, sign_in, party=configure(trusted_audiences=frozenset({"trusted"})))


@pytest.mark.parametrize(
    "changes", [{"aud": [CLIENT_ID]}, {"aud": [CLIENT_ID, "trusted"], "azp": CLIENT_ID}, {"azp": CLIENT_ID}]
)
def test_audience_may_be_a_list(
    sign_in: SignIn, provider: HostileProvider, configure: Configure, changes: dict[str, Any]
) -> None:
    provider.id_token_changes = changes
    assert sign_in(configure(trusted_audiences=frozenset({"trusted"}))).identity.subject == SUBJECT


@pytest.mark.parametrize("changes", [{"iat": None}, {"exp": None}, {"iat": "now"}, {"exp": True}, {"nbf": "soon"}])
def test_oidcc_client_test_missing_iat(sign_in: SignIn, provider: HostileProvider, changes: dict[str, Any]) -> None:
    provider.id_token_changes = changes
    refused(Reason.ID_TOKEN_INVALID, sign_in)


@pytest.mark.parametrize(
    ("claim", "offset", "reason"),
    [
        ("exp", -59, None),
        ("exp", -60, Reason.EXPIRED_TOKEN),
        ("iat", 60, None),
        ("iat", 61, Reason.CLOCK_SKEW),
        ("nbf", 60, None),
        ("nbf", 61, Reason.CLOCK_SKEW),
        ("auth_time", 60, None),
        ("auth_time", 61, Reason.CLOCK_SKEW),
    ],
)
def test_clock_difference_is_allowed_up_to_the_leeway(
    sign_in: SignIn, provider: HostileProvider, clock: Clock, claim: str, offset: int, reason: Reason | None
) -> None:
    provider.id_token_changes = {claim: int(clock().timestamp()) + offset}
    if reason is None:
        assert sign_in().identity.subject == SUBJECT
    else:
        refused(reason, sign_in)


def test_oidcc_client_test_kid_absent_single_jwks(sign_in: SignIn, provider: HostileProvider) -> None:
    provider.faults = {Fault.NO_KID}
    provider.published = [provider.signing_key, ec_key("other algorithm"), {"kty": "OKP", "crv": "Ed25519", "x": "AA"}]
    assert sign_in().identity.subject == SUBJECT


def test_oidcc_client_test_kid_absent_multiple_jwks(sign_in: SignIn, provider: HostileProvider) -> None:
    provider.faults = {Fault.NO_KID}
    provider.published = [provider.signing_key, rsa_key("second")]
    refused(Reason.ID_TOKEN_INVALID, sign_in)


def test_oidcc_client_test_idtoken_sig_rs256(sign_in: SignIn, provider: HostileProvider) -> None:
    provider.published = [rsa_key("second"), provider.signing_key]
    assert sign_in().identity.subject == SUBJECT


def test_idtoken_sig_es256(sign_in: SignIn, provider: HostileProvider) -> None:
    provider.signing_key = ec_key("curve")
    provider.published = [provider.signing_key]
    assert sign_in().identity.subject == SUBJECT


@pytest.mark.parametrize(
    "fault", [Fault.ALG_NONE, Fault.HS256_WITH_PUBLIC_KEY, Fault.TAMPERED_SIGNATURE, Fault.CRITICAL_HEADER]
)
def test_oidcc_client_test_idtoken_sig_none_and_invalid_sig_rs256(
    sign_in: SignIn, provider: HostileProvider, fault: Fault
) -> None:
    provider.faults = {fault}
    refused(Reason.ID_TOKEN_INVALID, sign_in)


@pytest.mark.parametrize("fault", [Fault.ALG_NONE, Fault.HS256_WITH_PUBLIC_KEY])
def test_other_algorithms_are_refused_before_any_key_is_asked_for(
    sign_in: SignIn, provider: HostileProvider, fault: Fault
) -> None:
    provider.faults = {fault}
    assert "algorithm" in refused(Reason.ID_TOKEN_INVALID, sign_in).detail
    assert provider.asked("/jwks") == 0


@pytest.mark.parametrize("token", ["a.b.c", "....", "e30.e30.AA", "eyJhbGciOlsxXX0.e30.", "bnVsbA.e30.AA", "x" * 9000])
def test_malformed_id_token_is_named(sign_in: SignIn, provider: HostileProvider, token: str) -> None:
    body = f'{{"token_type": "Bearer", "access_token": "a", "id_token": "{token}"}}'.encode()
    provider.replies["/token"] = (200, "application/json", body)
    refused(Reason.ID_TOKEN_INVALID, sign_in)


@pytest.mark.parametrize("nonce", [None, "another", 5, "\ud800"])
def test_oidcc_client_test_nonce_invalid(sign_in: SignIn, provider: HostileProvider, nonce: object) -> None:
    provider.id_token_changes = {"nonce": nonce}
    refused(Reason.NONCE, sign_in)


@pytest.mark.parametrize("at_hash", ["", "wrong", 5])
def test_access_token_of_another_answer_is_refused(sign_in: SignIn, provider: HostileProvider, at_hash: object) -> None:
    provider.id_token_changes = {"at_hash": at_hash}
    refused(Reason.ID_TOKEN_INVALID, sign_in)


def test_at_hash_is_optional(sign_in: SignIn, provider: HostileProvider) -> None:
    provider.id_token_changes = {"at_hash": None}
    assert sign_in().identity.subject == SUBJECT


def test_oidcc_client_test_client_secret_basic(sign_in: SignIn, provider: HostileProvider) -> None:
    """Id and secret hold a colon, a percent sign, a space and a letter beyond ASCII."""
    assert sign_in().identity.subject == SUBJECT
    posted = next(request for request in provider.seen if request.path == "/token")
    assert posted.headers["Authorization"].startswith("Basic ")
    assert "client_secret" not in posted.form


def test_nothing_secret_is_logged_or_shown(
    sign_in: SignIn, provider: HostileProvider, configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    party = configure()
    request = party.start()
    arguments = provider.approve(request.url)
    result = party.finish(arguments, request.pending)
    shown = caplog.text + repr((party.config, request, result))
    access = next(seen.headers["Authorization"] for seen in provider.seen if seen.path == "/userinfo")
    pending = request.pending
    for secret in (arguments["code"], pending.state, pending.nonce, pending.code_verifier, CLIENT_SECRET, access[7:]):
        assert secret not in shown
    assert result.id_token not in shown
    assert "ro@example.com" not in shown
