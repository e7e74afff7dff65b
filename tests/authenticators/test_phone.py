"""Telephone numbers: what is read, what is refused, what can be texted."""

import pytest

from app.authenticators import phone
from app.authenticators.phone import Country, Kind, PhoneNumber, PhoneProblem
from tests.support.scripts import full_width


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("202 555 0143", "US", PhoneNumber("+12025550143", "US", Kind.FIXED_OR_MOBILE)),
        ("(202) 555-0143", "US", PhoneNumber("+12025550143", "US", Kind.FIXED_OR_MOBILE)),
        ("+44 7400 123456", "US", PhoneNumber("+447400123456", "GB", Kind.MOBILE)),
        ("07400 123456", "GB", PhoneNumber("+447400123456", "GB", Kind.MOBILE)),
        ("0044 7400 123456", "DE", PhoneNumber("+447400123456", "GB", Kind.MOBILE)),
        (full_width("07400123456"), "GB", PhoneNumber("+447400123456", "GB", Kind.MOBILE)),
        ("٠٧٤٠٠١٢٣٤٥٦", "GB", PhoneNumber("+447400123456", "GB", Kind.MOBILE)),
        ("030 123456", "DE", PhoneNumber("+4930123456", "DE", Kind.FIXED)),
        ("06 12 34 56 78", "FR", PhoneNumber("+33612345678", "FR", Kind.MOBILE)),
        ("0471 123456", "IT", PhoneNumber("+390471123456", "IT", Kind.FIXED)),
        ("090-1234-5678", "JP", PhoneNumber("+819012345678", "JP", Kind.MOBILE)),
        ("+1 876-210-1234", "GB", PhoneNumber("+18762101234", "JM", Kind.MOBILE)),
        ("056 1234 5678", "GB", PhoneNumber("+445612345678", "GB", Kind.VOIP)),
    ],
)
def test_reads(text: str, country: str, expected: PhoneNumber) -> None:
    assert phone.parse(text, country) == expected


@pytest.mark.parametrize(
    ("text", "country", "problem"),
    [
        ("", "US", PhoneProblem.NOT_A_NUMBER),
        ("my number", "US", PhoneProblem.NOT_A_NUMBER),
        ("+", "US", PhoneProblem.NOT_A_NUMBER),
        ("\ud800", "US", PhoneProblem.NOT_A_NUMBER),
        ("jane@example.org", "US", PhoneProblem.NOT_A_NUMBER),
        ("12", "US", PhoneProblem.TOO_SHORT),
        ("555 0143", "US", PhoneProblem.TOO_SHORT),
        ("202 555 01433", "US", PhoneProblem.TOO_LONG),
        ("1" * 5000, "US", PhoneProblem.TOO_LONG),
        ("202" + " " * 60 + "555 0143", "US", PhoneProblem.TOO_LONG),
        ("102 555 0143", "US", PhoneProblem.IMPOSSIBLE),
        ("+999 123 456 789", "US", PhoneProblem.UNKNOWN_COUNTRY),
        ("202 555 0143", "XX", PhoneProblem.UNKNOWN_COUNTRY),
        ("202 555 0143", "", PhoneProblem.UNKNOWN_COUNTRY),
        ("202 555 0143", "us", PhoneProblem.UNKNOWN_COUNTRY),
        ("202 555 0143 ext. 12", "US", PhoneProblem.EXTENSION),
        ("900 234 5678", "US", PhoneProblem.PREMIUM_RATE),
        ("0909 879 0000", "GB", PhoneProblem.PREMIUM_RATE),
        ("0845 464 1234", "GB", PhoneProblem.PREMIUM_RATE),
        ("800 234 5678", "US", PhoneProblem.NOT_A_PERSONS),
        ("+800 1234 5678", "US", PhoneProblem.NOT_A_PERSONS),
    ],
)
def test_refuses_with_the_reason(text: str, country: str, problem: PhoneProblem) -> None:
    assert phone.parse(text, country) is problem


@pytest.mark.parametrize(
    ("kind", "can_text"),
    [
        (Kind.MOBILE, True),
        (Kind.FIXED_OR_MOBILE, True),
        (Kind.VOIP, True),
        (Kind.PERSONAL, True),
        (Kind.FIXED, False),
        (Kind.COMPANY, False),
    ],
)
def test_a_fixed_line_is_called_and_not_texted(kind: Kind, *, can_text: bool) -> None:
    number = PhoneNumber("+4930123456", "DE", kind)
    assert number.can_text is can_text


def test_only_the_ending_is_shown() -> None:
    number = phone.parse("07400 123467", "GB")
    assert isinstance(number, PhoneNumber)
    assert number.ending == phone.ending(number.e164) == "67"
    assert "7400" not in repr(number)


def test_a_code_is_spoken_digit_by_digit() -> None:
    assert phone.spoken("012") == "0. 1. 2."


def test_countries_have_iso_and_calling_codes() -> None:
    countries = phone.countries()
    assert {Country("US", 1), Country("CA", 1), Country("GB", 44), Country("BM", 1)} <= set(countries)
    assert len(countries) > 230
    assert all(len(country.code) == 2 and country.code.isalpha() for country in countries)
    assert [country.code for country in countries] == sorted({country.code for country in countries})


def test_every_country_of_the_list_can_be_chosen() -> None:
    assert {phone.parse("x", country.code) for country in phone.countries()} == {PhoneProblem.NOT_A_NUMBER}
