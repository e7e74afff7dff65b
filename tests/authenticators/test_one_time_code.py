"""Codes that are sent: issue, verify, expiry, what may be typed."""

from datetime import UTC, datetime, timedelta

import pytest

from app.authenticators import one_time_code
from app.authenticators.one_time_code import CodeCheck, IssuedCode
from tests.support.scripts import full_width

KEY = b"k" * 32
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def check(typed: str, issued: IssuedCode, *, key: bytes = KEY, salt_id: str = "attempt-1", later: int = 0) -> CodeCheck:
    return one_time_code.verify(
        typed,
        key=key,
        salt_id=salt_id,
        keyed_hash=issued.keyed_hash,
        expires_at=issued.expires_at,
        now=NOW + timedelta(seconds=later),
    )


@pytest.fixture
def issued() -> IssuedCode:
    return one_time_code.issue(key=KEY, salt_id="attempt-1", now=NOW)


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_code_is_accepted_and_its_neighbour_is_wrong(issued: IssuedCode) -> None:
    assert check(issued.code, issued) is CodeCheck.ACCEPTED
    assert check(another(issued.code), issued) is CodeCheck.WRONG


@pytest.mark.parametrize(
    ("later", "outcome"), [(599, CodeCheck.ACCEPTED), (600, CodeCheck.EXPIRED), (86_400, CodeCheck.EXPIRED)]
)
def test_ten_minutes(issued: IssuedCode, later: int, outcome: CodeCheck) -> None:
    assert check(issued.code, issued, later=later) is outcome


def test_a_wrong_code_is_wrong_after_the_end_too(issued: IssuedCode) -> None:
    assert check(another(issued.code), issued, later=700) is CodeCheck.WRONG


def test_a_mailed_code_may_live_longer() -> None:
    issued = one_time_code.issue(key=KEY, salt_id="attempt-1", now=NOW, lifetime=timedelta(hours=24))
    assert check(issued.code, issued, later=86_399) is CodeCheck.ACCEPTED
    assert check(issued.code, issued, later=86_400) is CodeCheck.EXPIRED


def test_a_code_is_worth_nothing_for_another_request_or_under_another_key(issued: IssuedCode) -> None:
    assert check(issued.code, issued, salt_id="attempt-2") is CodeCheck.WRONG
    assert check(issued.code, issued, key=b"j" * 32) is CodeCheck.WRONG


def test_codes_have_six_digits_and_leading_zeros() -> None:
    codes = {one_time_code.issue(key=KEY, salt_id=str(n), now=NOW).code for n in range(400)}
    assert len(codes) > 380
    assert all(len(code) == 6 and code.isascii() and code.isdecimal() for code in codes)
    assert any(code.startswith("0") for code in codes)


def test_the_code_shows_in_no_text_form(issued: IssuedCode) -> None:
    assert issued.code not in repr(issued)
    assert issued.code.encode() not in issued.keyed_hash


@pytest.mark.parametrize(
    "typed",
    [
        "012345",
        " 012345 ",
        "012 345",
        "012-345",
        "0 1 2 3 4 5",
        "012\u2013345",
        "012\u00a0345\r\n",
        "\u202a012345\u202c",
        full_width("012345"),
        "٠١٢٣٤٥",
        "०१२३४५",
        "\t012345",
    ],
)
def test_ways_to_type_a_code(typed: str) -> None:
    assert one_time_code.normalise(typed) == "012345"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "+12345", "¹²³⁴⁵⁶", "1.2345", "x" * 10_000])
def test_what_is_no_code(typed: str, issued: IssuedCode) -> None:
    assert one_time_code.normalise(typed) is None
    assert check(typed, issued) is CodeCheck.NOT_A_CODE
