"""Authenticator-app codes: RFC 6238's vectors, drift, replay, set-up."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest

from app.authenticators import totp
from tests.support.scripts import full_width

RFC_SECRET = b"12345678901234567890"


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


# RFC 6238 Appendix B, SHA-1: the last six of the eight digits, since truncation is modulo a power of ten.
RFC_VECTORS = [
    (59, "287082", 0x1),
    (1111111109, "081804", 0x23523EC),
    (1111111111, "050471", 0x23523ED),
    (1234567890, "005924", 0x273EF07),
    (2000000000, "279037", 0x3F940AA),
    (20000000000, "353130", 0x27BC86AA),
]


@pytest.mark.parametrize(("seconds", "code", "step"), RFC_VECTORS)
def test_the_vectors_of_rfc_6238(seconds: int, code: str, step: int) -> None:
    assert totp.verify(RFC_SECRET, code, at(seconds), None) == step
    assert totp.verify(RFC_SECRET, f"{(int(code) + 1) % 10**6:06d}", at(seconds), None) is None


@pytest.mark.parametrize(("offset", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_one_step_of_drift_either_way(offset: int, *, accepted: bool) -> None:
    found = totp.verify(RFC_SECRET, "005924", at(1234567890 + offset), None)
    assert found == (0x273EF07 if accepted else None)


def test_a_code_works_once_and_an_older_one_not_at_all() -> None:
    step = totp.verify(RFC_SECRET, "050471", at(1111111111), None)
    assert totp.verify(RFC_SECRET, "050471", at(1111111112), step) is None
    assert totp.verify(RFC_SECRET, "081804", at(1111111112), step) is None


def test_the_code_of_the_next_step_is_good_after_the_last() -> None:
    earlier = totp.verify(RFC_SECRET, "081804", at(1111111109), None)
    assert totp.verify(RFC_SECRET, "050471", at(1111111111), earlier) == 0x23523ED


def test_equal_codes_of_two_steps_count_as_the_later() -> None:
    # Steps 50424280 and 50424281 of this secret happen to have the same six digits.
    step = totp.verify(RFC_SECRET, "070562", at(1512728400), None)
    assert step == 50424281
    assert totp.verify(RFC_SECRET, "070562", at(1512728430), step) is None


@pytest.mark.parametrize("typed", ["005 924", full_width("005924"), " 005924\n"])
def test_typed_forms(typed: str) -> None:
    assert totp.verify(RFC_SECRET, typed, at(1234567890), None) is not None


@pytest.mark.parametrize("typed", ["", "5924", "0005924", "abcdef", "-05924", "9" * 5000])
def test_what_is_no_code(typed: str) -> None:
    assert totp.verify(RFC_SECRET, typed, at(1234567890), None) is None


def test_the_time_zone_does_not_matter() -> None:
    elsewhere = at(1234567890).astimezone(timezone(timedelta(hours=9)))
    assert totp.verify(RFC_SECRET, "005924", elsewhere, None) == 0x273EF07


def test_secrets_have_160_random_bits() -> None:
    assert len(totp.new_secret()) == 20
    assert totp.new_secret() != totp.new_secret()


def test_the_typed_key_is_grouped_base32() -> None:
    assert totp.typed_key(RFC_SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


def test_the_address_names_issuer_account_and_parameters() -> None:
    uri = totp.provisioning_uri(RFC_SECRET, issuer="QAAMS Büro", label="jane+qi@example.org")
    parts = urlsplit(uri)
    values = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/QAAMS Büro:jane+qi@example.org"
    assert values["secret"] == ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"]
    assert values["issuer"] == ["QAAMS Büro"]


def test_the_image_is_small_named_and_without_inline_style() -> None:
    uri = totp.provisioning_uri(RFC_SECRET, issuer="QAAMS", label="jane.doe@mail.example.co.uk")
    svg = totp.qr_svg(uri, title='Scan <this> & "that"')
    root = ET.fromstring(svg)  # noqa: S314 - our own markup
    assert root.get("role") == "img"
    assert root.get("class") == "qr"
    assert root.findtext("title") == 'Scan <this> & "that"'
    assert root.get("viewBox") is not None
    assert root.get("width") is None
    assert "style" not in svg
    assert RFC_SECRET.decode() not in svg
    assert len(svg) < 8_000


def test_the_image_depends_on_the_address() -> None:
    assert totp.qr_svg("otpauth://totp/a", title="t") != totp.qr_svg("otpauth://totp/b", title="t")
