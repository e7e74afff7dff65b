"""Which country a person means: by its name (in the page's language or English), ISO code or dialling code."""

import re
import unicodedata
from functools import cache

from babel import Locale
from flask_babel import get_locale

from app.authenticators.phone import countries

ENGLISH = "en"
DIALLING = re.compile(r"(?:\+|00)?(\d{1,4})")
MAIN_COUNTRIES = {
    1: "US", 7: "RU", 39: "IT", 44: "GB", 47: "NO", 61: "AU", 212: "MA", 262: "RE", 358: "FI", 590: "GP", 599: "CW",
}  # fmt: skip
OTHER_NAMES = {
    "usa": "US", "america": "US", "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "holland": "NL", "uae": "AE", "czech republic": "CZ", "ivory coast": "CI", "korea": "KR",
}  # fmt: skip


def country_code(typed: str) -> str | None:
    """The ISO 3166 code of the country that was typed, or None."""
    text = _plain(typed)
    dialled = DIALLING.fullmatch(text.replace(" ", ""))
    if dialled:
        return next((code for number, code in _by_calling_code() if str(number) == dialled[1]), None)
    if text.upper() in _codes():
        return text.upper()
    locale = str(get_locale() or ENGLISH)
    return OTHER_NAMES.get(text) or _names(locale).get(text) or _names(ENGLISH).get(text)


def _plain(text: str) -> str:
    """Without capitals, accents, full stops and doubled blanks."""
    split = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(character for character in split if not unicodedata.combining(character) and character != ".")
    return " ".join(kept.split())


@cache
def _codes() -> frozenset[str]:
    return frozenset(country.code for country in countries())


@cache
def _by_calling_code() -> tuple[tuple[int, str], ...]:
    # Where countries share a code, the one it is the main code of comes first (1: United States, 44: United Kingdom).
    listed = [(country.calling_code, country.code) for country in countries()]
    return tuple(sorted(listed, key=lambda one: (one[0], MAIN_COUNTRIES.get(one[0]) != one[1], one[1])))


@cache
def _names(locale: str) -> dict[str, str]:
    territories = Locale.parse(locale).territories
    return {_plain(name): code for code, name in territories.items() if code in _codes()}
