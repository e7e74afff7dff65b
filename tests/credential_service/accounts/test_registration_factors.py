"""Registration: the four ways to take the second step, what each refuses, and what a lost answer costs."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.credential_service.store.accounts import Account, AccountSession, Authenticator, RecoveryCode
from tests.credential_service.accounts.house import (
    EMAIL,
    NUMBER,
    ORIGIN,
    House,
    app_code,
    app_secret,
    recovery_codes,
)
from tests.support.software_authenticator import UP, SoftwareAuthenticator

PHONE = "/register/second-step/phone"


def test_a_phone_call_says_the_code(house: House) -> None:
    house.register(house.visitor(), channel="voice")
    call = house.messages(NUMBER)[0]
    assert call["channel"] == "voice"
    assert " ".join(f"{digit}." for digit in str(call["code"])) in str(call["text"])
    assert house.rows(AccountSession)[0].methods == "pwd tel mfa"
    assert house.rows(Authenticator)[0].channel == "voice"


def test_an_authenticator_app(house: House) -> None:
    house.register_app(house.visitor())
    (app,) = house.rows(Authenticator)
    assert app.kind == "totp" and app.last_step is not None
    assert house.rows(AccountSession)[0].methods == "pwd otp mfa"


def test_the_apps_key_is_drawn_and_can_be_typed(house: House) -> None:
    visitor = house.visitor()
    house.to_second_step(visitor)
    visitor.open("/register/second-step/app")
    assert '<svg role="img"' in visitor.response.text
    before = app_secret(visitor)
    visitor.press(code="000000")
    assert visitor.response.status_code == 422 and app_secret(visitor) == before


def test_a_passkey(house: House) -> None:
    house.register_passkey(house.visitor(), SoftwareAuthenticator(ORIGIN))
    (key,) = house.rows(Authenticator)
    assert key.kind == "passkey" and key.transports == "usb"
    assert house.rows(AccountSession)[0].methods == "pwd hwk user mfa"


def test_a_passkey_that_does_not_verify_the_person_is_refused(house: House) -> None:
    visitor = house.visitor()
    house.to_second_step(visitor)
    visitor.open("/register/second-step/passkey")
    visitor.press(credential=SoftwareAuthenticator(ORIGIN, flags=UP).create(visitor.data("options")))
    assert visitor.errors == ["This passkey could not be used. Try again, or choose another way"]
    assert house.count(Account) == 0


def test_a_passkeys_challenge_is_good_for_one_answer(house: House) -> None:
    visitor, key = house.visitor(), SoftwareAuthenticator(ORIGIN)
    house.to_second_step(visitor)
    visitor.open("/register/second-step/passkey")
    options = visitor.data("options")
    visitor.press(credential=SoftwareAuthenticator("https://evil.test").create(options))
    assert visitor.response.status_code == 422 and visitor.data("options") != options
    visitor.press(credential=key.create(options))
    assert visitor.response.status_code == 422
    visitor.press(credential=key.create(visitor.data("options")))
    assert visitor.heading == "Keep your recovery codes"


def test_somebody_elses_passkey_cannot_be_registered_again(house: House) -> None:
    key, visitor = SoftwareAuthenticator(ORIGIN), house.visitor()
    house.register_passkey(house.visitor(), key)
    house.to_second_step(visitor, "eve@example.test")
    visitor.open("/register/second-step/passkey")
    answer = key.create(visitor.data("options"))
    with Session(house.engine) as session:
        session.scalars(select(Authenticator)).one().credential_id = key.keys[1].credential_id
        session.commit()
    visitor.press(credential=answer)
    assert visitor.response.status_code == 422 and house.count(Account) == 1


def test_without_scripts_the_passkey_page_points_to_the_other_ways(house: House) -> None:
    visitor = house.visitor()
    house.to_second_step(visitor)
    visitor.open("/register/second-step/passkey")
    assert "/register/second-step" in [link.get("href") for link in visitor.elements("a")]
    visitor.press()
    assert visitor.errors == ["No passkey was used. A passkey needs JavaScript; without it, choose another way"]


@pytest.mark.parametrize(
    ("country", "number", "channel", "error"),
    [
        ("", "070 174 06 05", "sms", "Enter the country of the number"),
        ("Atlantis", "070 174 06 05", "sms", "Enter the country of the number"),
        ("Sweden", "070", "sms", "The number is too short"),
        ("Sweden", "hello", "sms", "Enter a phone number"),
        ("", "", "sms", "Enter your phone number"),
        ("US", "+1 900 234 5678", "sms", "We do not call numbers that cost extra"),
        ("Germany", "030 901820", "sms", "This number is a landline"),
        ("Germany", "030 901820", "pigeon", "Not a valid choice"),
    ],
)
def test_what_is_wrong_with_a_number_is_said_before_anything_is_sent(
    house: House, country: str, number: str, channel: str, error: str
) -> None:
    visitor = house.visitor()
    house.to_second_step(visitor)
    visitor.open(PHONE)
    visitor.press(country=country, number=number, channel=channel)
    assert visitor.response.status_code == 422 and visitor.errors[0].startswith(error)
    assert all(message["channel"] == "email" for message in house.messages())


@pytest.mark.parametrize("country", ["Sweden", "sweden", "SE", "+46", "0046", "46"])
def test_a_country_is_understood_however_it_is_written(house: House, country: str) -> None:
    visitor = house.visitor()
    house.to_second_step(visitor)
    visitor.open(PHONE)
    visitor.press(country=country, number="070-174 06 05")
    assert house.messages(NUMBER)[0]["channel"] == "sms"


def test_a_landline_can_be_called(house: House) -> None:
    visitor = house.visitor()
    house.to_phone_code(visitor, channel="voice", number="+4930901820")
    assert "calling the number ending in 20" in visitor.response.text


def test_the_code_is_sent_once_by_one_form(house: House) -> None:
    visitor = house.visitor()
    house.to_phone_code(visitor)
    visitor.post_again()
    assert visitor.heading == "Enter the code from your phone"
    assert len(house.messages(NUMBER)) == 1


def test_another_code_can_be_had_by_call_but_not_at_once(house: House) -> None:
    visitor = house.visitor()
    house.to_phone_code(visitor)
    visitor.press(f"{PHONE}/send", channel="voice")
    assert "A code was sent a moment ago" in visitor.response.text
    house.later(seconds=10)
    visitor.press(f"{PHONE}/send", channel="voice")
    assert [message["channel"] for message in house.messages(NUMBER)] == ["voice", "sms"]
    visitor.press(code=house.code(NUMBER))
    assert visitor.heading == "Keep your recovery codes"


@pytest.mark.parametrize(
    ("number", "channel", "words"),
    [
        ("+46701740692", "sms", "cannot get texts"),
        ("+46701740693", "sms", "has asked to get no texts"),
        ("+46701740695", "voice", "cannot be called"),
        ("+46701740694", "sms", "We cannot send codes to this country"),
        ("+46701740691", "voice", "cannot be reached"),
    ],
)
def test_why_a_code_was_not_delivered_is_said(house: House, number: str, channel: str, words: str) -> None:
    visitor = house.visitor()
    house.to_phone_code(visitor, channel, number)
    house.messages()
    visitor.open(f"{PHONE}/code")
    assert words in visitor.response.text


def test_wrong_codes_stay_counted_when_a_new_one_is_sent(house: House) -> None:
    visitor = house.visitor()
    house.to_phone_code(visitor)
    code = house.code(NUMBER)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        visitor.press(code=wrong)
    house.later(seconds=10)
    visitor.press(f"{PHONE}/send", channel="sms")
    visitor.press(code=house.code(NUMBER))
    assert visitor.errors[0].startswith("There were too many attempts. Wait until ")
    house.later(seconds=30)
    visitor.press(code=house.code(NUMBER))
    assert visitor.heading == "Keep your recovery codes"


def test_the_cookie_changes_when_the_session_begins(house: House) -> None:
    visitor = house.visitor()
    house.to_phone_code(visitor)
    before = visitor.cookie()
    visitor.press(code=house.code(NUMBER))
    assert visitor.cookie() != before


def test_a_lost_answer_is_given_again_with_new_codes(house: House) -> None:
    visitor = house.visitor()
    house.to_phone_code(visitor)
    before = visitor.cookie()
    visitor.press(code=house.code(NUMBER))
    lost = recovery_codes(visitor)
    visitor.take_cookie(before)
    house.later(seconds=119)
    visitor.post_again()
    assert visitor.heading == "Keep your recovery codes"
    assert len(recovery_codes(visitor)) == 10 and set(recovery_codes(visitor)).isdisjoint(lost)
    assert house.count(Account) == 1 and house.count(RecoveryCode) == 10
    assert sum(session.ended_at is None for session in house.rows(AccountSession)) == 1
    visitor.press()
    assert visitor.heading == "Your ID.me account"


@pytest.mark.parametrize("change", [{"code": "123456"}, {"request_key": "another"}, {"request_key": ""}])
def test_anything_but_the_same_post_gets_nothing(house: House, change: dict[str, str]) -> None:
    visitor = house.visitor()
    house.to_phone_code(visitor)
    before = visitor.cookie()
    visitor.press(code=house.code(NUMBER))
    visitor.take_cookie(before)
    url, data = visitor.last_post
    visitor.post(url, {**data, **change})
    assert visitor.heading != "Keep your recovery codes" and house.count(AccountSession) == 1


def test_the_same_post_after_two_minutes_gets_nothing(house: House) -> None:
    visitor = house.visitor()
    house.to_phone_code(visitor)
    before = visitor.cookie()
    visitor.press(code=house.code(NUMBER))
    visitor.take_cookie(before)
    house.later(seconds=120)
    visitor.post_again()
    assert visitor.heading != "Keep your recovery codes" and house.count(AccountSession) == 1


def test_a_reload_of_the_codes_offers_new_ones(house: House) -> None:
    visitor = house.visitor()
    codes = house.register(visitor)
    visitor.post_again()
    assert visitor.heading == "Keep your recovery codes" and recovery_codes(visitor) == []
    visitor.press("/register/recovery-codes/new")
    assert len(recovery_codes(visitor)) == 10 and set(recovery_codes(visitor)).isdisjoint(codes)


def test_acknowledged_codes_are_not_shown_again(house: House) -> None:
    visitor = house.visitor()
    house.register(visitor)
    visitor.press()
    visitor.open("/register/recovery-codes")
    assert visitor.heading == "Your ID.me account"
    assert EMAIL in visitor.response.text


def test_a_code_of_the_app_is_worth_nothing_a_minute_later(house: House) -> None:
    visitor = house.visitor()
    house.to_second_step(visitor)
    visitor.open("/register/second-step/app")
    code = app_code(app_secret(visitor), house.now())
    house.later(seconds=90)
    visitor.press(code=code)
    assert visitor.errors == ["The code is not right. Check it and type it again"]


def test_new_recovery_codes_are_for_a_session_only(house: House) -> None:
    visitor = house.visitor()
    house.register_app(visitor)
    visitor.open("/register/recovery-codes")
    url, values = visitor._form("/register/recovery-codes/new")
    house.later(minutes=31)
    for response in (visitor.open("/register/recovery-codes"), visitor.post(url, values)):
        assert response.status_code == 200 and visitor.heading == "Sign in to your ID.me account"
