"""The main walks on each kind of database, and what pages cost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from app.credential_service.store.accounts import AccountSession
from tests.credential_service.accounts.house import EMAIL, NUMBER, ORIGIN, PASSWORD, House, app_code, make_house
from tests.credential_service.accounts.visitor import Visitor
from tests.support.software_authenticator import SoftwareAuthenticator

MOST_BYTES = 6000
MOST_QUERIES = 8


@pytest.fixture
def any_house(tmp_path: Path, any_database: str) -> Iterator[House]:
    """A credential service on each kind of database."""
    running = make_house(tmp_path, database_url=any_database)
    yield running
    running.close()


def test_register_and_sign_in_by_each_way(any_house: House) -> None:
    house, key = any_house, SoftwareAuthenticator(ORIGIN)
    codes = house.register(house.visitor(), "sms@example.test")
    secret = house.register_app(house.visitor(), "app@example.test")
    house.register_passkey(house.visitor(), key, "key@example.test")
    house.later(seconds=60)
    by_text, by_app, by_key, by_code = (house.visitor() for _ in range(4))
    house.give_password(by_text, "sms@example.test", "wrong password")
    house.give_password(by_text, "sms@example.test")
    by_text.press(code=house.code(NUMBER))
    house.give_password(by_app, "app@example.test")
    by_app.press(code=app_code(secret, house.now()))
    by_key.open("/sign-in")
    by_key.press("/sign-in/passkey/begin")
    by_key.press(credential=key.get(by_key.data("options")))
    house.give_password(by_code, "sms@example.test")
    by_code.open("/sign-in/second-step?way=recovery")
    by_code.press(code=codes[0])
    methods = [session.methods for session in house.rows(AccountSession)]
    assert sorted(methods[3:]) == ["hwk user mfa", "pwd otp mfa", "pwd otp mfa", "pwd sms mfa"]


def test_a_lost_answer_on_each_kind_of_database(any_house: House) -> None:
    visitor = any_house.visitor()
    any_house.to_phone_code(visitor)
    before = visitor.cookie()
    visitor.press(code=any_house.code(NUMBER))
    visitor.take_cookie(before)
    visitor.post_again()
    visitor.press()
    assert visitor.heading == "Your ID.me account"


def weighed(house: House, visitor: Visitor, path: str) -> tuple[int, int]:
    """What a page weighs on the line, headers included, and how many queries it costs."""
    asked: list[str] = []

    def listen(*arguments: object) -> None:
        if str(arguments[2]).startswith("SELECT"):
            asked.append(str(arguments[2]))

    event.listen(house.engine, "before_cursor_execute", listen)
    # Not through the linting client, which reads plain text only.
    cookies = {"Cookie": f"credential_session={visitor.cookie()}", "Accept-Encoding": "br"}
    response = FlaskClient(house.app, house.app.response_class, use_cookies=False).get(path, headers=cookies)
    event.remove(house.engine, "before_cursor_execute", listen)
    assert response.status_code == 200, path
    headers = sum(len(f"{name}: {value}\r\n") for name, value in response.headers.items())
    return len(response.data) + headers, len(asked)


def test_pages_are_light(house: House) -> None:
    visitor = house.visitor()
    visitor.open("/sign-in")
    costs = {"/register": weighed(house, visitor, "/register"), "/sign-in": weighed(house, visitor, "/sign-in")}
    house.to_confirm(visitor)
    costs["/register/confirm"] = weighed(house, visitor, "/register/confirm")
    visitor.press(code=house.code(EMAIL))
    costs["/register/password"] = weighed(house, visitor, "/register/password")
    visitor.press(password=PASSWORD)
    for page in ("", "/phone", "/app", "/passkey"):
        costs[f"/register/second-step{page}"] = weighed(house, visitor, f"/register/second-step{page}")
    visitor.open("/register/second-step/phone")
    visitor.press(number=NUMBER)
    visitor.press(code=house.code(NUMBER))
    costs["/account"] = weighed(house, visitor, "/account")
    again = house.visitor()
    house.give_password(again)
    for page in ("", "/ways"):
        costs[f"/sign-in/second-step{page}"] = weighed(house, again, f"/sign-in/second-step{page}")
    assert {path: cost for path, cost in costs.items() if cost[0] > MOST_BYTES or cost[1] > MOST_QUERIES} == {}
