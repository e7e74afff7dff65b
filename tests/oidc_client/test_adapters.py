"""How each provider's claims become one identity: addresses, assurance, names."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.oidc_client.adapters import adapter_named
from app.oidc_client.addresses import clean_address, clean_addresses
from app.oidc_client.faults import Reason
from app.oidc_client.identity import ProviderIdentity
from app.oidc_client.provider import AdapterName, ProviderConfig
from tests.oidc_client.expectations import refused
from tests.support.hostile_provider import SUBJECT

AAL = "http://idmanagement.gov/ns/assurance/aal/"


def identity(adapter: AdapterName, userinfo: dict[str, Any], **id_token: Any) -> ProviderIdentity:
    config = ProviderConfig("p", "P", "https://op.example", "client", "https://rp.example/cb", adapter)
    return adapter_named(adapter).identity(config, {"sub": SUBJECT, **id_token}, {"sub": SUBJECT, **userinfo})


def test_idme_claims_in_full() -> None:
    found = identity(
        "idme",
        {
            "uuid": SUBJECT, "email": "work@Bank.Example",
            "emails_confirmed": ["home@example.com", "work@bank.example"],
            "fname": "Łucja", "lname": "O'Neill-García", "multifactor": True, "credential_aal": 2,
            "credential_aal_highest": 2, "credential_ial": "classic_loa3", "level_of_assurance": 3,
        },
        auth_time=1772443800,
    )  # fmt: skip
    assert found == ProviderIdentity(
        provider="p", issuer="https://op.example", subject=SUBJECT, email="work@bank.example",
        emails=("work@bank.example", "home@example.com"), aal=2, phishing_resistant=None,
        auth_time=datetime(2026, 3, 2, 9, 30, tzinfo=UTC), acr=None, amr=(), given_name="Łucja",
        family_name="O'Neill-García",
    )  # fmt: skip


def test_idme_uuid_of_somebody_else() -> None:
    refused(Reason.USERINFO_MISMATCH, identity, "idme", {"uuid": "f" * 32})


@pytest.mark.parametrize(
    ("claims", "aal"),
    [
        ({"credential_aal": 2}, 2),
        ({"credential_aal": 1, "credential_aal_highest": 2, "multifactor": True}, 1),
        ({"credential_aal": 2, "multifactor": False}, 1),
        ({"multifactor": True}, 2),
        ({"multifactor": False}, 1),
        ({"multifactor": "true"}, None),
        ({"credential_aal": "2"}, None),
        ({"credential_aal": True}, None),
        ({"credential_aal": 9}, None),
        ({"credential_aal_highest": 2, "level_of_assurance": 3}, None),
        ({}, None),
    ],
)
def test_idme_assurance(claims: dict[str, Any], aal: int | None) -> None:
    assert identity("idme", claims).aal == aal


def test_idme_stand_in_with_standard_claims() -> None:
    claims = {"email": "ro@example.com", "email_verified": True, "given_name": "Ann", "family_name": "Lee"}
    found = identity("idme", claims, acr=f"{AAL}2")
    assert (found.email, found.aal, found.given_name, found.family_name) == ("ro@example.com", 2, "Ann", "Lee")


@pytest.mark.parametrize(
    ("claims", "emails"),
    [
        ({"email": "a@example.com"}, ("a@example.com",)),
        ({"email": "a@example.com", "email_verified": False}, ()),
        ({"emails_confirmed": ["b@example.com", 7, "bad", "B@example.com"]}, ("b@example.com",)),
        ({"emails_confirmed": "b@example.com"}, ()),
        ({}, ()),
    ],
)
def test_idme_addresses_are_confirmed_by_contract(claims: dict[str, Any], emails: tuple[str, ...]) -> None:
    found = identity("idme", claims)
    assert found.emails == emails
    assert found.email == (emails[0] if emails else None)


@pytest.mark.parametrize(
    ("stated", "aal", "resistant"),
    [
        (f"{AAL}2", 2, None),
        (f"{AAL}2?phishing_resistant=true", 2, True),
        (f"{AAL}2?hspd12=true", 2, True),
        (f"{AAL}3", 3, True),
        (f"{AAL}1", 1, None),
        ("urn:gov:gsa:ac:classes:sp:PasswordProtectedTransport:duo", 1, None),
        (f"{AAL}2?something=else", None, None),
        (None, None, None),
        (["x"], None, None),
    ],
)
def test_login_gov_assurance(stated: Any, aal: int | None, *, resistant: bool | None) -> None:
    found = identity("login_gov", {"aal": stated}, acr=f"{AAL}3")  # its acr is about identity and is not read
    assert (found.aal, found.phishing_resistant) == (aal, resistant)


@pytest.mark.parametrize(
    ("claims", "emails"),
    [
        (
            {"email": "a@example.com", "email_verified": True, "all_emails": ["b@example.com", "a@example.com"]},
            ("a@example.com", "b@example.com"),
        ),
        ({"email": "a@example.com", "all_emails": ["b@example.com"]}, ()),
        ({"email": "a@example.com", "email_verified": True, "all_emails": None}, ("a@example.com",)),
    ],
)
def test_login_gov_addresses(claims: dict[str, Any], emails: tuple[str, ...]) -> None:
    assert identity("login_gov", claims).emails == emails


@pytest.mark.parametrize("verified", [False, None, "true", 1, ["true"]])
def test_plain_address_that_is_not_said_to_be_confirmed(verified: Any) -> None:
    found = identity("oidc", {"email": "a@example.com", "email_verified": verified})
    assert (found.email, found.emails) == (None, ())


def test_plain_address_that_is() -> None:
    assert identity("oidc", {"email": "a@example.com", "email_verified": True}).emails == ("a@example.com",)


def test_address_and_confirmation_come_from_one_place() -> None:
    """The ID token vouches for its own address, not for the one that userinfo adds."""
    found = identity("oidc", {"email": "evil@example.com"}, email="a@example.com", email_verified=True)
    assert found.emails == ()
    assert identity("oidc", {}, email="a@example.com", email_verified=True).email == "a@example.com"


@pytest.mark.parametrize(
    ("acr", "aal", "resistant"),
    [
        (f"{AAL}2", 2, None),
        (AAL.replace("aal/", "ial/1/aal/2"), 2, None),
        (AAL.replace("aal/", "ial/1/aal/1"), 1, None),
        (AAL.replace("aal/", "ial/1"), None, None),
        ("phr", None, True),
        ("phrh", None, True),
        ("mfa", None, None),
        (2, None, None),
    ],
)
def test_plain_assurance_is_only_what_is_stated(acr: Any, aal: int | None, *, resistant: bool | None) -> None:
    found = identity("oidc", {"acr": f"{AAL}3"}, acr=acr, amr=["mfa", "hwk", 7])
    assert (found.aal, found.phishing_resistant, found.amr) == (aal, resistant, ("mfa", "hwk"))


@pytest.mark.parametrize("auth_time", [None, "today", True, 1e30, float("inf")])
def test_authentication_time_that_is_none(auth_time: Any) -> None:
    assert identity("oidc", {}, auth_time=auth_time).auth_time is None


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("  Anna\n Maria ", "Anna Maria"),
        ("می‌خواهم", "می‌خواهم"),
        ("Nguyễn", "Nguyễn"),
        ("evil\u202egnp", None),
        ("a\x00b", None),
        ("\ud800", None),
        ("x" * 256, None),
        ("", None),
        (7, None),
    ],
)
def test_names_in_any_script(name: Any, read: str | None) -> None:
    assert identity("oidc", {"given_name": name}).given_name == read


@pytest.mark.parametrize(
    ("address", "read"),
    [
        (" ro@Example.COM ", "ro@example.com"),
        ("ro@bank.test", "ro@bank.test"),
        ("ro@bücher.example", "ro@bücher.example"),
        ("no-at-sign", None),
        ("two@@example.com", None),
        ("Name <ro@example.com>", None),
        ("ro@example.com\r\nBcc: x@example.com", None),
        ("x" * 250 + "@example.com", None),
        ("ro@[127.0.0.1]", None),
        (None, None),
        (["ro@example.com"], None),
    ],
)
def test_addresses_are_checked(address: Any, read: str | None) -> None:
    assert clean_address(address) == read


def test_addresses_are_counted() -> None:
    assert len(clean_addresses(f"a{number}@example.com" for number in range(30))) == 10
