"""Signing in: the password, the four ways of the second step, recovery codes, and a passkey alone."""

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from app.credential_service.store.accounts import AccountSession, Authenticator, RecoveryCode
from app.credential_service.store.sign_ins import SignIn
from tests.credential_service.accounts.house import EMAIL, NUMBER, ORIGIN, PASSWORD, House, app_code
from tests.credential_service.accounts.visitor import Visitor
from tests.support.software_authenticator import BE, BS, UP, UV, SoftwareAuthenticator

ACCOUNT = "Your ID.me account"
SECOND_STEP = "/sign-in/second-step"


def live(house: House) -> list[str]:
    """The methods of the sessions that are open."""
    return [session.methods for session in house.rows(AccountSession) if session.ended_at is None]


def another_way(visitor: Visitor, title: str) -> None:
    """Choose a way by its title."""
    visitor.open(f"{SECOND_STEP}/ways")
    (href,) = [a.get("href") for a in visitor.elements("a") if "".join(a.itertext()).startswith(title)]
    visitor.open(str(href))


@pytest.mark.parametrize(("channel", "methods"), [("sms", "pwd sms mfa"), ("voice", "pwd tel mfa")])
def test_with_a_code_by_text_or_call(house: House, channel: str, methods: str) -> None:
    house.register(house.visitor(), channel=channel)
    visitor = house.visitor()
    house.give_password(visitor)
    assert visitor.heading == "Enter the code from your phone"
    assert house.messages(NUMBER)[0]["channel"] == channel
    visitor.press(code=house.code(NUMBER))
    assert visitor.heading == ACCOUNT and live(house)[-1] == methods


def test_with_an_authenticator_app_whose_code_works_once(house: House) -> None:
    secret = house.register_app(house.visitor())
    house.later(seconds=60)
    code = app_code(secret, house.now())
    visitor, thief = house.visitor(), house.visitor()
    house.give_password(visitor)
    house.give_password(thief)
    visitor.press(code=code)
    assert visitor.heading == ACCOUNT and live(house)[-1] == "pwd otp mfa"
    thief.press(code=code)
    assert thief.errors == ["The code is not right. Check it and type it again"]


def test_the_code_that_registered_the_app_does_not_sign_in(house: House) -> None:
    secret = house.register_app(house.visitor())
    visitor = house.visitor()
    house.give_password(visitor)
    last = house.rows(Authenticator)[0].last_step
    visitor.press(code=app_code(secret, house.now().fromtimestamp(last * 30, tz=house.now().tzinfo)))
    assert visitor.response.status_code == 422


@pytest.mark.parametrize(("flags", "methods"), [(UP | UV, "pwd hwk user mfa"), (UP, "pwd hwk mfa")])
def test_with_a_passkey_after_the_password(house: House, flags: int, methods: str) -> None:
    key, visitor = SoftwareAuthenticator(ORIGIN), house.visitor()
    house.register_passkey(house.visitor(), key)
    house.give_password(visitor)
    assert visitor.heading == "Use your passkey or security key"
    key.flags = flags
    visitor.press(credential=key.get(visitor.data("options")))
    assert visitor.heading == ACCOUNT and live(house)[-1] == methods


def test_a_passkeys_answer_is_good_once_and_for_its_own_attempt(house: House) -> None:
    key, first, second = SoftwareAuthenticator(ORIGIN), house.visitor(), house.visitor()
    house.register_passkey(house.visitor(), key)
    house.give_password(first)
    house.give_password(second)
    answer = key.get(first.data("options"))
    second.press(credential=answer)
    assert second.errors == ["This passkey could not be used. Try again, or choose another way"]
    first.press(credential=answer)
    assert first.heading == ACCOUNT


def test_a_key_whose_counter_went_back_is_refused(house: House) -> None:
    key, visitor = SoftwareAuthenticator(ORIGIN), house.visitor()
    house.register_passkey(house.visitor(), key)
    key.keys[0].sign_count = 0
    house.give_password(visitor)
    visitor.press(credential=key.get(visitor.data("options")))
    assert visitor.response.status_code == 422 and len(live(house)) == 1


def test_a_challenge_is_used_up_by_a_wrong_answer(house: House) -> None:
    key, visitor = SoftwareAuthenticator(ORIGIN), house.visitor()
    house.register_passkey(house.visitor(), key)
    house.give_password(visitor)
    answer = key.get(visitor.data("options"))
    visitor.press(credential="{}")
    visitor.press(credential=answer)
    assert visitor.response.status_code == 422
    visitor.press(credential=key.get(visitor.data("options")))
    assert visitor.heading == ACCOUNT


def test_a_code_is_good_for_the_telephone_it_was_sent_to(house: House) -> None:
    house.register(house.visitor())
    (phone,) = house.rows(Authenticator)
    with Session(house.engine) as session:
        other = Authenticator(id=str(uuid4()), account_id=phone.account_id, kind="phone", added_at=phone.added_at)
        other.sealed_secret, other.label = phone.sealed_secret, "99"
        session.add(other)
        session.commit()
        other_id = other.id
    visitor = house.visitor()
    house.give_password(visitor)
    url, data = visitor._form(None)
    visitor.post(url, {**data, "way": other_id, "code": house.code(NUMBER)})
    assert visitor.errors == ["The code is not right. Check it and type it again"]
    visitor.post(url, {**data, "code": house.code(NUMBER)})
    assert visitor.heading == ACCOUNT


def test_a_passkey_alone(house: House) -> None:
    key, visitor = SoftwareAuthenticator(ORIGIN), house.visitor()
    house.register_passkey(house.visitor(), key)
    visitor.open("/sign-in")
    visitor.press("/sign-in/passkey/begin")
    visitor.press(credential=key.get(visitor.data("options")))
    assert visitor.heading == ACCOUNT and live(house)[-1] == "hwk user mfa"


def test_a_synced_passkey_is_told_apart(house: House) -> None:
    key = SoftwareAuthenticator(ORIGIN, flags=UP | UV | BE | BS, counts=False)
    visitor = house.visitor()
    house.register_passkey(house.visitor(), key)
    visitor.open("/sign-in")
    visitor.press("/sign-in/passkey/begin")
    visitor.press(credential=key.get(visitor.data("options")))
    assert live(house)[-1] == "swk user mfa"


def test_a_passkey_alone_must_verify_the_person_and_be_known(house: House) -> None:
    key, stranger, visitor = SoftwareAuthenticator(ORIGIN), SoftwareAuthenticator(ORIGIN), house.visitor()
    house.register_passkey(house.visitor(), key)
    house.to_second_step(house.visitor(), "eve@example.test")
    visitor.open("/sign-in")
    visitor.press("/sign-in/passkey/begin")
    key.flags = UP
    visitor.press(credential=key.get(visitor.data("options")))
    unverified = visitor.errors
    stranger.create('{"rp": {"id": "localhost"}, "user": {"id": "AAAA"}, "challenge": "AAAA"}')
    visitor.press(credential=stranger.get(visitor.data("options")))
    assert visitor.errors == unverified == ["This passkey could not be used. Try again, or choose another way"]
    visitor.press(credential="not json")
    assert visitor.response.status_code == 422 and len(live(house)) == 1


def test_a_recovery_code_works_once_and_its_use_is_told(house: House) -> None:
    codes = house.register(house.visitor())
    for visitor, answer in ((house.visitor(), ACCOUNT), (house.visitor(), "Use a recovery code")):
        house.later(seconds=30)
        house.give_password(visitor)
        another_way(visitor, "Recovery code")
        visitor.press(code=codes[3].lower().replace("-", " "))
        assert visitor.heading == answer
    assert sum(code.used_at is not None for code in house.rows(RecoveryCode)) == 1
    notice = next(one for one in house.messages(EMAIL) if one["subject"] == "A recovery code was used")
    assert "9 recovery codes left" in notice["text"]


def test_another_way_is_always_offered_and_the_last_used_comes_first(house: House) -> None:
    house.register(house.visitor())
    visitor = house.visitor()
    house.give_password(visitor)
    assert f"{SECOND_STEP}/ways" in [link.get("href") for link in visitor.elements("a")]
    visitor.open(f"{SECOND_STEP}/ways")
    assert "Code to the phone ending in 05" in visitor.response.text and "Recovery code" in visitor.response.text


def test_a_way_of_somebody_else_is_not_opened(house: House) -> None:
    house.register(house.visitor())
    theirs = house.rows(Authenticator)[0].id
    house.register(house.visitor(), "eve@example.test", number="+46701740606")
    visitor = house.visitor()
    house.give_password(visitor, "eve@example.test")
    before = len(house.messages(NUMBER))
    url, data = visitor._form("/sign-in/second-step/send")
    visitor.post(url, {**data, "way": theirs, "channel": "sms"})
    assert len(house.messages(NUMBER)) == before
    visitor.open(f"{SECOND_STEP}?way={theirs}")
    assert "ending in 06" in visitor.response.text


def test_an_attempt_ends_after_a_quarter_of_an_hour(house: House) -> None:
    secret = house.register_app(house.visitor())
    visitor = house.visitor()
    house.give_password(visitor)
    house.later(minutes=15)
    visitor.press(code=app_code(secret, house.now()))
    assert visitor.heading == "Sign in to your ID.me account"


def test_the_second_step_does_not_open_without_the_first(house: House) -> None:
    house.register_app(house.visitor())
    visitor = house.visitor()
    visitor.open("/sign-in")
    for path in (SECOND_STEP, f"{SECOND_STEP}/ways", "/sign-in/passkey", "/account"):
        visitor.open(path)
        assert visitor.heading == "Sign in to your ID.me account", path
    visitor.press("/sign-in/passkey/begin")
    visitor.open(SECOND_STEP)
    assert visitor.heading == "Sign in to your ID.me account"


def test_a_lost_answer_is_given_again_for_two_minutes(house: House) -> None:
    house.register(house.visitor())
    visitor = house.visitor()
    house.give_password(visitor)
    before = visitor.cookie()
    visitor.press(code=house.code(NUMBER))
    assert visitor.cookie() != before
    visitor.take_cookie(before)
    house.later(seconds=119)
    visitor.post_again()
    assert visitor.heading == ACCOUNT and len(live(house)) == 2  # this one, and the browser that registered
    visitor.take_cookie(before)
    house.later(seconds=1)
    visitor.post_again()
    assert visitor.heading == "Sign in to your ID.me account"


def test_with_the_old_cookie_anything_else_starts_again(house: House) -> None:
    house.register(house.visitor())
    visitor = house.visitor()
    house.give_password(visitor)
    before = visitor.cookie()
    visitor.press(code=house.code(NUMBER))
    visitor.take_cookie(before)
    url, data = visitor.last_post
    visitor.post(url, {**data, "request_key": "another"})
    assert visitor.heading == "Sign in to your ID.me account"
    visitor.open("/account")
    assert visitor.heading == "Sign in to your ID.me account"


def test_a_reload_of_the_last_post_leads_on(house: House) -> None:
    house.register(house.visitor())
    visitor = house.visitor()
    house.give_password(visitor)
    visitor.press(code=house.code(NUMBER))
    sessions = house.count(AccountSession)
    visitor.post_again()
    assert visitor.heading == ACCOUNT and house.count(AccountSession) == sessions


def test_the_same_password_form_sends_one_code(house: House) -> None:
    house.register(house.visitor())
    house.later(seconds=10)
    visitor, before = house.visitor(), len(house.messages(NUMBER))
    house.give_password(visitor)
    house.later(seconds=10)
    visitor.post_again()
    assert visitor.heading == "Enter the code from your phone"
    assert len(house.messages(NUMBER)) == before + 1 and house.count(SignIn) == 1


def test_signing_in_again_in_one_browser_ends_the_session_before(house: House) -> None:
    visitor = house.visitor()
    house.register(visitor)
    visitor.press()
    house.later(seconds=10)
    visitor.open("/sign-in?i=gone")
    visitor.press("/sign-in", email=EMAIL, password=PASSWORD)
    visitor.press(code=house.code(NUMBER))
    assert house.count(AccountSession) == 2 and len(live(house)) == 1


def test_signing_out_ends_the_session_at_the_server(house: House) -> None:
    visitor = house.visitor()
    house.register(visitor)
    visitor.press()
    before = visitor.cookie()
    visitor.press("/sign-out")
    assert "You are signed out." in visitor.response.text and live(house) == []
    visitor.take_cookie(before)
    visitor.open("/account")
    assert visitor.heading == "Sign in to your ID.me account"


def test_who_is_signed_in_sees_the_account_and_not_the_form(house: House) -> None:
    visitor = house.visitor()
    house.register(visitor)
    visitor.open("/sign-in")
    assert visitor.heading == ACCOUNT
    visitor.open("/")
    assert visitor.heading == ACCOUNT


@pytest.mark.parametrize("fields", [{"email": ""}, {"password": ""}, {"email": "x" * 300}, {"password": "x" * 5000}])
def test_an_incomplete_form_is_refused_before_anything_is_checked(house: House, fields: dict[str, str]) -> None:
    visitor = house.visitor()
    visitor.open("/sign-in")
    visitor.press("/sign-in", **({"email": EMAIL, "password": PASSWORD} | fields))
    assert visitor.response.status_code == 422 and len(visitor.errors) == 1
