"""How much may be tried and sent, by whom; and what is switched off when it was too much (SP 800-63B-4 §3.2.2)."""

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.credential_service.store.accounts import Authenticator, RecoveryCode
from app.credential_service.store.base import counters
from tests.credential_service.accounts.house import EMAIL, NUMBER, PASSWORD, House, app_code, make_house
from tests.credential_service.accounts.visitor import Visitor

WRONG = "not the password"
WAIT = "There were too many attempts. Wait until "


def failures(house: House, scope: str) -> list[int]:
    """The counts of a rule."""
    with house.engine.connect() as connection:
        return list(connection.execute(select(counters.c.number).where(counters.c.scope == scope)).scalars())


def set_failures(house: House, scope: str, number: int) -> None:
    """As if it had failed so often."""
    with Session(house.engine) as session:
        session.execute(update(counters).where(counters.c.scope == scope).values(number=number))
        session.commit()


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_success_forgets_the_failures_of_the_password(house: House) -> None:
    house.register(house.visitor())
    visitor = house.visitor()
    for _ in range(4):
        house.give_password(visitor, password=WRONG)
    assert failures(house, "password") == [4]
    house.give_password(visitor)
    assert visitor.heading == "Enter the code from your phone" and failures(house, "password") == []


def test_wrong_passwords_cost_time_from_any_browser(house: House) -> None:
    house.register(house.visitor())
    for _ in range(5):
        house.give_password(house.visitor(), password=WRONG)
    visitor = house.visitor()
    house.give_password(visitor)
    assert visitor.errors[0].startswith(WAIT)
    house.later(seconds=30)
    house.give_password(visitor)
    assert visitor.heading == "Enter the code from your phone"


def test_many_failures_from_one_address_cost_time_and_successes_none(house: House) -> None:
    house.register(house.visitor())
    visitor = house.visitor()
    house.give_password(visitor, "nobody@example.test", WRONG)
    assert max(failures(house, "address")) == 1
    house.give_password(visitor)
    assert max(failures(house, "address")) == 1
    set_failures(house, "address", 50)
    house.give_password(visitor, "somebody@example.test", WRONG)
    assert visitor.errors[0].startswith(WAIT)


def test_a_hundred_wrong_passwords_switch_the_password_off(house: House) -> None:
    house.register(house.visitor())
    visitor = house.visitor()
    house.give_password(visitor, password=WRONG)
    set_failures(house, "password", 99)
    house.later(hours=2)
    house.give_password(visitor, password=WRONG)
    assert house.messages(EMAIL)[0]["subject"] == "A way to sign in was switched off"
    house.later(hours=2)
    house.give_password(visitor)
    assert visitor.errors == ["There were too many wrong passwords. Sign in with a passkey, or ask for help"]


def test_wrong_codes_are_counted_for_the_authenticator_over_all_attempts(house: House) -> None:
    secret = house.register_app(house.visitor())
    house.later(seconds=60)
    for _ in range(5):
        visitor = house.visitor()
        house.give_password(visitor)
        visitor.press(code=wrong(app_code(secret, house.now())))
    visitor.press(code=app_code(secret, house.now()))
    assert visitor.errors[0].startswith(WAIT)
    house.later(seconds=30)
    visitor.press(code=app_code(secret, house.now()))
    assert visitor.heading == "Your ID.me account" and failures(house, "authenticator") == []


def test_a_hundred_wrong_codes_switch_the_authenticator_off_and_the_owner_is_told(house: House) -> None:
    secret = house.register_app(house.visitor())
    visitor = house.visitor()
    house.give_password(visitor)
    visitor.press(code=wrong(app_code(secret, house.now())))
    set_failures(house, "authenticator", 99)
    house.later(hours=2)
    house.give_password(visitor)
    visitor.press(code=wrong(app_code(secret, house.now())))
    assert house.rows(Authenticator)[0].disabled_at is not None
    assert "authenticator app" in house.messages(EMAIL)[0]["text"]
    house.give_password(visitor)
    assert visitor.heading == "Use a recovery code"


def test_a_hundred_wrong_recovery_codes_switch_the_sheet_off(house: House) -> None:
    codes = house.register(house.visitor())
    visitor = house.visitor()
    house.give_password(visitor)
    visitor.open("/sign-in/second-step?way=recovery")
    visitor.press(code="AAAA-AAAA-AAAA-AAAA")
    set_failures(house, "authenticator", 99)
    house.later(hours=2)
    house.give_password(visitor)
    visitor.open("/sign-in/second-step?way=recovery")
    visitor.press(code="AAAA-AAAA-AAAA-AAAA")
    assert all(code.used_at is not None for code in house.rows(RecoveryCode))
    visitor.open("/sign-in/second-step?way=recovery")
    assert visitor.heading != "Use a recovery code" and len(codes) == 10


def test_without_any_way_left_the_page_says_how_to_get_help(house: House) -> None:
    house.register_app(house.visitor())
    with Session(house.engine) as session:
        session.execute(update(Authenticator).values(disabled_at=house.now()))
        session.execute(update(RecoveryCode).values(used_at=house.now()))
        session.commit()
    visitor = house.visitor()
    house.give_password(visitor)
    assert visitor.heading == "Your second step does not work any more"
    assert "support@localhost" in visitor.response.text


def test_a_right_code_that_came_too_late_is_no_failure(house: House) -> None:
    house.register(house.visitor())
    visitor = house.visitor()
    house.give_password(visitor)
    code = house.code(NUMBER)
    house.later(minutes=10)
    visitor.press(code=code)
    assert visitor.errors == ["The code is too old. Ask for a new one"] and failures(house, "authenticator") == []


def test_another_code_can_be_had_by_the_other_channel(house: House) -> None:
    house.register(house.visitor())
    visitor = house.visitor()
    house.give_password(visitor)
    old = house.code(NUMBER)
    house.later(seconds=10)
    visitor.press("/sign-in/second-step/send", channel="voice")
    assert house.messages(NUMBER)[0]["channel"] == "voice"
    new = house.code(NUMBER)
    if old != new:
        visitor.press(code=old)
        assert visitor.response.status_code == 422
    visitor.press(code=new)
    assert visitor.heading == "Your ID.me account"


def test_codes_to_one_number_are_limited(house: House) -> None:
    house.register(house.visitor())
    visitor = house.visitor()
    for _ in range(12):
        house.later(seconds=10)
        house.give_password(visitor)
    assert len(house.messages(NUMBER)) == 10
    assert visitor.heading == "Get a code on your phone"
    visitor.press(channel="sms")
    assert "A code was sent a moment ago" in visitor.response.text
    house.later(minutes=5)
    visitor.press(channel="sms")
    assert visitor.heading == "Enter the code from your phone"


def test_mails_to_one_address_are_limited(house: House) -> None:
    for _ in range(20):
        house.to_confirm(house.visitor())
    visitor = house.visitor()
    house.to_confirm(visitor)
    assert visitor.response.status_code == 422 and visitor.errors[0].startswith(WAIT)
    house.later(hours=1)
    house.to_confirm(visitor)
    assert visitor.heading == "Confirm your e-mail address"


def test_guesses_at_a_mail_code_are_counted_over_all_registrations_and_the_link_still_works(house: House) -> None:
    for _ in range(5):
        attacker = house.visitor()
        house.to_confirm(attacker)
        attacker.press(code=wrong(house.code(EMAIL)))
    attacker.press(code=house.code(EMAIL))
    assert attacker.errors[0].startswith(WAIT)
    attacker.open(house.link(EMAIL))
    attacker.press()
    assert attacker.heading == "Choose a password"


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.test"])
def test_a_failure_is_answered_no_sooner_than_the_floor(tmp_path: Path, email: str) -> None:
    house = make_house(tmp_path, failure_floor_ms=400)
    visitor = house.visitor()
    visitor.open("/sign-in")
    began = time.monotonic()
    visitor.press("/sign-in", email=email, password=WRONG)
    assert time.monotonic() - began >= 0.4
    house.close()


def test_only_so_many_wait_at_once(tmp_path: Path) -> None:
    house = make_house(tmp_path, failure_floor_ms=1000)
    visitors = [house.visitor() for _ in range(6)]
    for visitor in visitors:
        visitor.open("/sign-in")

    def fail(visitor: Visitor) -> None:
        visitor.press("/sign-in", email="nobody@example.test", password=PASSWORD)

    threads = [threading.Thread(target=fail, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers = sorted(visitor.response.status_code for visitor in visitors)
    assert answers[0] == 422 and answers[-1] == 503
    house.close()


def test_an_ipv6_network_counts_as_one(house: House) -> None:
    for number in range(50):
        house.give_password(Visitor(house.app, address=f"2001:db8:1:2::{number:x}"), f"{number}@example.test", WRONG)
    same, other = Visitor(house.app, address="2001:db8:1:2:ffff::1"), Visitor(house.app, address="2001:db8:1:3::1")
    for visitor in (same, other):
        house.give_password(visitor, password=WRONG)
    assert same.errors[0].startswith(WAIT) and not other.errors[0].startswith(WAIT)


def test_failures_of_an_address_are_forgotten_whole(house: House) -> None:
    visitor = house.visitor()
    house.give_password(visitor, "a@example.test", WRONG)
    set_failures(house, "address", 60)
    house.later(hours=13)
    for address in ("b@example.test", "c@example.test"):
        house.give_password(visitor, address, WRONG)
        assert not visitor.errors[0].startswith(WAIT)
    assert failures(house, "address") == [2]


def test_who_has_to_wait_takes_up_no_room(tmp_path: Path) -> None:
    house = make_house(tmp_path, failure_floor_ms=400)
    visitor = house.visitor()
    house.give_password(visitor, password=WRONG)
    set_failures(house, "password", 50)
    began = time.monotonic()
    house.give_password(visitor, password=WRONG)
    took = time.monotonic() - began
    house.close()
    assert visitor.errors[0].startswith(WAIT) and took < 0.4
