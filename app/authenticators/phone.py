"""Telephone numbers: reading what a person typed, and whether the number can be texted or called.

Sending is `delivery`'s; country names come from the locale data in the template layer. Metadata of a country is read
from disk when its first number is.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

_LONGEST_TYPED: Final = 64
_NOT_A_COUNTRY: Final = "001"


class Kind(Enum):
    """What sort of line a number is, as far as its digits tell."""

    MOBILE = "mobile"
    FIXED = "fixed"
    FIXED_OR_MOBILE = "fixed_or_mobile"
    VOIP = "voip"
    PERSONAL = "personal"
    COMPANY = "company"


class PhoneProblem(Enum):
    """Why a number cannot be used; the words stand in templates."""

    UNKNOWN_COUNTRY = "unknown_country"
    NOT_A_NUMBER = "not_a_number"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    IMPOSSIBLE = "impossible"
    EXTENSION = "extension"
    PREMIUM_RATE = "premium_rate"
    NOT_A_PERSONS = "not_a_persons"


@dataclass(frozen=True, repr=False)
class PhoneNumber:
    """A number that can be reached. `country` is an ISO 3166 code, or "001" for numbers of no country."""

    e164: str
    country: str
    kind: Kind

    @property
    def can_text(self) -> bool:
        """False for a line that is known to be fixed: a text to it is lost without an error, so it is called."""
        return self.kind not in (Kind.FIXED, Kind.COMPANY)

    @property
    def ending(self) -> str:
        """The last two digits, for "the number ending in 67"."""
        return ending(self.e164)

    def __repr__(self) -> str:
        return f"PhoneNumber(country={self.country!r}, kind={self.kind})"


@dataclass(frozen=True)
class Country:
    """A choice of the country field: ISO 3166 code and calling code, without the plus."""

    code: str
    calling_code: int


_KINDS: Final = {
    PhoneNumberType.MOBILE: Kind.MOBILE,
    PhoneNumberType.FIXED_LINE: Kind.FIXED,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: Kind.FIXED_OR_MOBILE,
    PhoneNumberType.VOIP: Kind.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: Kind.PERSONAL,
    PhoneNumberType.UAN: Kind.COMPANY,
}
_COSTLY: Final = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
_LENGTH_PROBLEMS: Final = {
    ValidationResult.TOO_SHORT: PhoneProblem.TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: PhoneProblem.TOO_SHORT,
    ValidationResult.TOO_LONG: PhoneProblem.TOO_LONG,
}
_PARSE_PROBLEMS: Final = {
    NumberParseException.TOO_SHORT_NSN: PhoneProblem.TOO_SHORT,
    NumberParseException.TOO_SHORT_AFTER_IDD: PhoneProblem.TOO_SHORT,
    NumberParseException.TOO_LONG: PhoneProblem.TOO_LONG,
    NumberParseException.INVALID_COUNTRY_CODE: PhoneProblem.UNKNOWN_COUNTRY,
}


def parse(text: str, country: str) -> PhoneNumber | PhoneProblem:
    """Read a number as written in `country` (ISO 3166 code); one that begins with + may be of any country.

    Numbers that cost the caller (premium rate, shared cost) are refused, since whoever asks for a call would be paid
    for it; so are numbers behind which no person is expected (toll-free, pagers) and extensions, which a machine
    cannot dial.
    """
    if country not in phonenumbers.SUPPORTED_REGIONS:
        return PhoneProblem.UNKNOWN_COUNTRY
    if len(text) > _LONGEST_TYPED:
        return PhoneProblem.TOO_LONG
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException as fault:
        return _PARSE_PROBLEMS.get(fault.error_type, PhoneProblem.NOT_A_NUMBER)
    return _problem(number) or _reachable(number)


def _problem(number: phonenumbers.PhoneNumber) -> PhoneProblem | None:
    if number.extension:
        return PhoneProblem.EXTENSION
    length = phonenumbers.is_possible_number_with_reason(number)
    if length != ValidationResult.IS_POSSIBLE:
        return _LENGTH_PROBLEMS.get(length, PhoneProblem.IMPOSSIBLE)
    return None if phonenumbers.is_valid_number(number) else PhoneProblem.IMPOSSIBLE


def _reachable(number: phonenumbers.PhoneNumber) -> PhoneNumber | PhoneProblem:
    sort = phonenumbers.number_type(number)
    if sort in _COSTLY:
        return PhoneProblem.PREMIUM_RATE
    if sort not in _KINDS:
        return PhoneProblem.NOT_A_PERSONS
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return PhoneNumber(e164, phonenumbers.region_code_for_number(number) or _NOT_A_COUNTRY, _KINDS[sort])


def ending(e164: str) -> str:
    """The last two digits of a stored number: enough to tell one's own telephones apart, no more."""
    return e164[-2:]


def spoken(code: str) -> str:
    """A code for a voice call, a pause after each character: "1. 2. 3."."""
    return " ".join(f"{character}." for character in code)


@cache
def countries() -> tuple[Country, ...]:
    """Every country that has numbers, by ISO code."""
    listed = [
        Country(code, calling_code)
        for calling_code, codes in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
        for code in codes
        if code != _NOT_A_COUNTRY
    ]
    return tuple(sorted(listed, key=lambda country: country.code))
