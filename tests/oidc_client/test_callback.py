"""The parameters of the callback: repeated, missing, forged, and errors told apart."""

from typing import Any

import pytest

from app.oidc_client.callback import read_callback, read_state
from app.oidc_client.faults import Reason
from app.oidc_client.request import PendingAttempt
from tests.oidc_client.conftest import Configure, SignIn
from tests.oidc_client.expectations import refused
from tests.support.hostile_provider import SUBJECT, HostileProvider

ISSUER = "https://op.example"
PLAIN = PendingAttempt("p", ISSUER, "https://rp.example/cb", state="s" * 43, nonce="n" * 43, code_verifier="v" * 43)
PROMISED = PendingAttempt(**(PLAIN.as_dict() | {"issuer_promised": True}))


def arguments(**changes: Any) -> dict[str, Any]:
    values = {"state": PLAIN.state, "code": "c0de", **changes}
    return {name: value for name, value in values.items() if value is not None}


@pytest.mark.parametrize("code", ["c0de", ["c0de"]])
def test_the_code_is_read(code: Any) -> None:
    assert read_callback(arguments(code=code, session_state="ignored"), PLAIN) == "c0de"


def test_the_state_is_read() -> None:
    assert read_state(arguments()) == PLAIN.state


@pytest.mark.parametrize("state", [None, "", [], ["a", "b"], "x" * 5000, "\udcff", "é"])
def test_state_missing_or_repeated(state: Any) -> None:
    refused(Reason.CALLBACK_INVALID, read_state, arguments(state=state))


@pytest.mark.parametrize(
    "changes",
    [
        {"code": None},
        {"code": ""},
        {"code": ["a", "b"]},
        {"code": "x" * 4097},
        {"error": ["access_denied", "server_error"]},
        {"iss": [ISSUER, ISSUER]},
    ],
)
def test_malformed_callbacks(changes: dict[str, Any]) -> None:
    refused(Reason.CALLBACK_INVALID, read_callback, arguments(**changes), PLAIN)


@pytest.mark.parametrize("state", ["another", None, "é"])
def test_state_of_another_attempt(state: str | None) -> None:
    refused(Reason.STATE_MISMATCH, read_callback, arguments(state=state), PLAIN)


def test_an_error_is_not_believed_before_the_state() -> None:
    refused(Reason.STATE_MISMATCH, read_callback, arguments(state="another", code=None, error="access_denied"), PLAIN)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("access_denied", Reason.DECLINED),
        ("login_required", Reason.LOGIN_REQUIRED),
        ("interaction_required", Reason.LOGIN_REQUIRED),
        ("temporarily_unavailable", Reason.TEMPORARILY_UNAVAILABLE),
        ("unmet_authentication_requirements", Reason.ASSURANCE_NOT_MET),
        ("server_error", Reason.PROVIDER_ERROR),
        ("invalid_scope", Reason.PROVIDER_ERROR),
        ("<script>ro@example.com", Reason.PROVIDER_ERROR),
    ],
)
def test_errors_are_told_apart(error: str, reason: Reason) -> None:
    fault = refused(reason, read_callback, arguments(code=None, error=error, error_description="told"), PLAIN)
    assert "@" not in str(fault)
    assert "told" not in str(fault)


def test_an_error_beside_a_code_is_an_error() -> None:
    refused(Reason.DECLINED, read_callback, arguments(error="access_denied"), PLAIN)


@pytest.mark.parametrize(
    ("pending", "issuer", "admitted"),
    [
        (PLAIN, None, True),
        (PLAIN, ISSUER, True),
        (PLAIN, "https://evil.example", False),
        (PLAIN, f"{ISSUER}/", False),
        (PROMISED, ISSUER, True),
        (PROMISED, None, False),
        (PROMISED, "https://evil.example", False),
    ],
)
def test_issuer_parameter(pending: PendingAttempt, issuer: str | None, *, admitted: bool) -> None:
    """RFC 9207 §2.4."""
    if admitted:
        assert read_callback(arguments(iss=issuer), pending) == "c0de"
    else:
        refused(Reason.ISSUER_MISMATCH, read_callback, arguments(iss=issuer), pending)


@pytest.mark.parametrize(
    ("issuer", "reason"), [(None, Reason.DECLINED), ("https://evil.example", Reason.ISSUER_MISMATCH)]
)
def test_issuer_parameter_of_an_error(issuer: str | None, reason: Reason) -> None:
    refused(reason, read_callback, arguments(code=None, error="access_denied", iss=issuer), PROMISED)


def test_the_promise_comes_from_the_metadata(sign_in: SignIn, provider: HostileProvider, configure: Configure) -> None:
    provider.metadata_changes = {"authorization_response_iss_parameter_supported": True}
    refused(Reason.ISSUER_MISMATCH, sign_in)
    assert provider.asked("/token") == 0
    assert sign_in(iss=provider.issuer).identity.subject == SUBJECT


def test_a_declined_sign_in_asks_the_provider_nothing(configure: Configure, provider: HostileProvider) -> None:
    party = configure()
    request = party.start()
    asked = len(provider.seen)
    declined = {"state": request.pending.state, "error": "access_denied"}
    refused(Reason.DECLINED, party.finish, declined, request.pending)
    assert len(provider.seen) == asked
