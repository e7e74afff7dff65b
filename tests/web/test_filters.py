"""Dates, times, numbers and addresses read as the style says."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from flask import Flask, g
from flask_babel import Babel

from app.web import filters

MOMENT = datetime(2027, 3, 31, 23, 5, 9, tzinfo=UTC)


@pytest.fixture
def app() -> Flask:
    app = Flask("filters")
    Babel(app, locale_selector=lambda: g.get("locale", "en"), timezone_selector=lambda: g.get("zone", "UTC"))
    filters.install(app)
    return app


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def written(app: Flask, expression: str, **values: object) -> str:
    return app.jinja_env.from_string("{{ " + expression + " }}").render(**values)


@pytest.mark.usefixtures("context")
def test_dates_and_times(app: Flask) -> None:
    assert written(app, "at | date", at=MOMENT) == "31 March 2027"
    assert written(app, "at | date", at=date(2027, 3, 1)) == "1 March 2027"
    assert written(app, "at | time", at=MOMENT) == "23:05 UTC"
    assert written(app, "at | date_time", at=MOMENT) == "31 March 2027, 23:05 UTC"
    assert written(app, "at | iso_time", at=MOMENT) == "2027-03-31T23:05:09Z"


@pytest.mark.usefixtures("context")
def test_a_moment_is_told_in_the_persons_zone(app: Flask) -> None:
    g.zone = "Europe/Zurich"
    assert written(app, "at | date_time", at=MOMENT) == "1 April 2027, 01:05 UTC+02:00"
    assert written(app, "at | date", at=date(2027, 3, 31)) == "31 March 2027"
    g.zone = "UTC"


@pytest.mark.usefixtures("context")
def test_an_offset_is_taken_into_account(app: Flask) -> None:
    there = datetime(2027, 3, 31, 1, 0, tzinfo=timezone(timedelta(hours=8)))
    assert written(app, "at | iso_time", at=there) == "2027-03-30T17:00:00Z"


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("name", ["date", "time", "date_time", "iso_time"])
def test_a_time_without_zone_is_refused(app: Flask, name: str) -> None:
    with pytest.raises(filters.NaiveTimeError):
        written(app, f"at | {name}", at=datetime(2027, 3, 31))  # noqa: DTZ001 - that is what is refused


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(("value", "words"), [(0, "0"), (999, "999"), (1234567, "1,234,567"), (-1000, "-1,000")])
def test_numbers_are_grouped(app: Flask, value: int, words: str) -> None:
    assert written(app, "value | number", value=value) == words


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("value", "size", "words"),
    [("JBSWY3DPEHPK", 4, "JBSW Y3DP EHPK"), ("123456", 3, "123 456"), ("12345", 4, "1234 5"), ("", 4, "")],
)
def test_codes_are_set_in_groups(app: Flask, value: str, size: int, words: str) -> None:
    assert written(app, "value | groups(size)", value=value, size=size) == words


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("maria@bank.example", "m•••@bank.example"),
        ("m@bank.example", "m•••@bank.example"),
        ('"a@b"@bank.example', '"•••@bank.example'),
        ("nobody", "•••"),
        ("@bank.example", "•••"),
        ("", "•••"),
    ],
)
def test_addresses_are_masked(app: Flask, address: str, masked: str) -> None:
    assert filters.masked_email(address) == masked


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("locale", "tag", "direction"), [("en", "en", "ltr"), ("pt_BR", "pt-BR", "ltr"), ("ar", "ar", "rtl")]
)
def test_the_page_says_its_language_and_direction(app: Flask, locale: str, tag: str, direction: str) -> None:
    g.locale = locale
    assert written(app, "language_tag()") == tag
    assert written(app, "text_direction()") == direction


@pytest.mark.usefixtures("context")
def test_other_languages_write_dates_their_way(app: Flask) -> None:
    g.locale = "de"
    assert written(app, "at | date", at=MOMENT) == "31. März 2027"
    assert written(app, "value | number", value=1234567) == "1.234.567"
