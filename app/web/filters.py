"""How dates, times, numbers and addresses are written on a page; the words around them stand in the templates."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, get_timezone

if TYPE_CHECKING:
    from collections.abc import Callable

ENGLISH_DATE = "d MMMM y"  # Babel's own for plain English puts the month first
TIME = "HH:mm"
MASK = "•••"
ENGLISH = "en"


class NaiveTimeError(ValueError):
    """A time without a zone reached a page; times are aware everywhere."""


def install(app: Flask) -> None:
    """Offer the filters, and the language of the page for its `lang` and `dir`."""
    named: dict[str, Callable[..., Any]] = {
        "date": long_date,
        "time": clock_time,
        "date_time": date_and_time,
        "iso_time": iso_time,
        "number": grouped_number,
        "groups": in_groups,
        "masked_email": masked_email,
    }
    app.jinja_env.filters.update(named)
    app.jinja_env.globals["language_tag"] = language_tag
    app.jinja_env.globals["text_direction"] = text_direction


def long_date(value: date) -> str:
    """A day as `31 March 2027`. A time counts as the day it falls on in the person's zone."""
    locale = _locale()
    return format_date(_local(value), ENGLISH_DATE if locale.startswith(ENGLISH) else "long", locale=locale)


def clock_time(value: datetime) -> str:
    """A time of day with its zone: `14:05 UTC`, or `16:05 UTC+02:00` where the person's clock differs."""
    local = _aware(value).astimezone(get_timezone() or UTC)
    zone = f"UTC{local.isoformat()[-6:]}" if local.utcoffset() else "UTC"
    return f"{format_time(local.time(), TIME, locale=_locale())} {zone}"


def date_and_time(value: datetime) -> str:
    """A moment: `31 March 2027, 14:05 UTC`."""
    return f"{long_date(value)}, {clock_time(value)}"


def iso_time(value: datetime) -> str:
    """A moment for the `datetime` attribute of <time>, in UTC to the second (RFC 3339)."""
    return _aware(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def grouped_number(value: float) -> str:
    """A number with its thousands set apart: `1,234,567`."""
    return format_decimal(value, locale=_locale())


def in_groups(value: str, size: int = 4) -> str:
    """A long code in groups that can be read aloud: `JBSW Y3DP EHPK`."""
    return " ".join(value[start : start + size] for start in range(0, len(value), size))


def masked_email(address: str) -> str:
    """Enough of an address for its owner to know it: `m•••@example.org`. Not an address: nothing but the mask."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}{MASK}@{domain}" if at and name else MASK


def language_tag() -> str:
    """The page's language as a BCP 47 tag."""
    return _locale().replace("_", "-")


def text_direction() -> str:
    """`rtl` for scripts that run from right to left, otherwise `ltr`."""
    locale = get_locale()
    return locale.text_direction if locale is not None else "ltr"


def _local(value: date) -> date:
    return _aware(value).astimezone(get_timezone() or UTC) if isinstance(value, datetime) else value


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise NaiveTimeError(value.isoformat())
    return value


def _locale() -> str:
    locale = get_locale()
    return str(locale) if locale is not None else ENGLISH
