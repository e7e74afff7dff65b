"""What a provider's configuration refuses: proofing, contradictions, unsafe addresses, unreadable keys."""

import subprocess
import sys
from typing import Any

import pytest

from app.oidc_client.proofing import asks_for_proofing
from app.oidc_client.provider import AuthMethod, ProviderConfig
from tests.support.hostile_provider import ec_key, rsa_key

NS = "http://idmanagement.gov/ns/assurance"


@pytest.mark.parametrize(
    "value",
    [
        f"{NS}/ial/2/aal/2", f"{NS}/ial/2", f"{NS}/ial/0", f"{NS}/loa/3", f"{NS}/loa/3_force", f"{NS}/loa/2",
        f"{NS}/ial/2?strict=true", f"{NS}%2Fial%2F2", "IAL2", "ial2", "LOA3", "loa-3", "classic_loa3",
        "urn:acr.login.gov:verified", "urn:acr.login.gov:verified-facial-match-preferred",
        "urn:acr.login.gov:verified-facial-match-required", "URN:ACR.LOGIN.GOV:VERIFIED", "verified", "facial_match",
        "P1", "C2.P1", "C1.C2.P1.Pb", '["C1.C2.P1"]', "P1/C2.P1", "fortified_identity", "kba_replacement",
        "http://eidas.europa.eu/LoA/substantial", "identity-proofing",
    ],
)  # fmt: skip
def test_values_that_ask_for_proofing(value: str) -> None:
    assert asks_for_proofing(f"openid {value}", "") == value
    assert asks_for_proofing("openid", f"urn:acr.login.gov:auth-only {value}") == value
    with pytest.raises(ValueError, match="proofing"):
        config(acr_values=value)


@pytest.mark.parametrize(
    "value",
    [
        f"{NS}/ial/1/aal/2", f"{NS}/ial/1", f"{NS}/loa/1/vets", f"{NS}/aal/2", f"{NS}/aal/3?hspd12=true",
        f"{NS}/aal/2?phishing_resistant=true", "urn:acr.login.gov:auth-only", "email", "all_emails", "email_verified",
        "phone_number_verified", "profile:verified_at", "phr", "phrh", "C2", "P0", "C2.P0", "mfa", "comparison:minimum",
        "profile", "offline_access", "social2", "trial2", "openid", "urn:mace:incommon:iap:silver",
        "urn:gov:gsa:ac:classes:sp:PasswordProtectedTransport:duo",
    ],
)  # fmt: skip
def test_values_that_do_not(value: str) -> None:
    assert asks_for_proofing(f"openid {value}", value) is None
    assert config(acr_values=value).acr_values == value


def test_the_rule_needs_the_standard_library_only() -> None:
    code = (
        "import sys, app.oidc_client.proofing;"
        "print([name for name in ('requests', 'authlib', 'joserfc', 'flask') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def config(**changes: Any) -> ProviderConfig:
    values = {
        "key": "p",
        "label": "P",
        "issuer": "https://op.example",
        "client_id": "c",
        "redirect_uri": "https://rp/cb",
    }
    return ProviderConfig(**(values | changes))


@pytest.mark.parametrize(
    "issuer", ["http://op.example", "op.example", "https://op.example?x=1", "https://op.example#f"]
)
def test_unsafe_issuer(issuer: str) -> None:
    with pytest.raises(ValueError, match="issuer"):
        config(issuer=issuer)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"scope": "email"}, "openid"),
        ({"client_secret": "s", "private_key": "k"}, "exclude"),
        ({"auth_method": AuthMethod.CLIENT_SECRET_BASIC}, "client_secret"),
        ({"auth_method": AuthMethod.CLIENT_SECRET_POST, "client_secret": ""}, "client_secret"),
        ({"auth_method": AuthMethod.PRIVATE_KEY_JWT}, "private_key"),
        ({"private_key": "no key"}, "private_key"),
        ({"private_key": "\u20ac"}, "private_key"),
        ({"decryption_key": "no key"}, "decryption_key"),
        ({"decryption_key": ec_key("ours").as_pem(private=True).decode()}, "decryption_key"),
        ({"private_key": rsa_key("ours").as_pem(private=False).decode()}, "private_key"),
    ],
)
def test_contradictions_are_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        config(**changes)


def test_keys_that_can_be_read() -> None:
    pem = rsa_key("ours").as_pem(private=True).decode()
    assert config(private_key=pem, decryption_key=pem).chosen_auth_method(frozenset()) is AuthMethod.PRIVATE_KEY_JWT


def test_secrets_are_not_shown() -> None:
    pem = rsa_key("ours").as_pem(private=True).decode()
    shown = repr(config(client_secret="hush", decryption_key=pem)) + repr(config(private_key=pem))
    assert "hush" not in shown
    assert "PRIVATE" not in shown
