"""The same thing done twice at the same moment, on each kind of database: it is done once."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.credential_service.flows import create_account, register_factor, second_step
from app.credential_service.store.accounts import Account, AccountSession
from tests.credential_service.accounts.house import House, app_code, app_secret, make_house
from tests.credential_service.accounts.visitor import Visitor

BOTH = 1.0
"""Seconds that one waits for the other; where the database lets only one in, it goes on alone."""


@pytest.fixture
def any_house(tmp_path: Path, any_database: str) -> Iterator[House]:
    running = make_house(tmp_path, database_url=any_database)
    yield running
    running.close()


def at_once(*acts: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def met(real: Callable[..., Any]) -> Callable[..., Any]:
    """`real`, whose answer waits until both have one."""
    barrier = threading.Barrier(2)

    def waiting(*arguments: Any) -> Any:
        answer = real(*arguments)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(BOTH)
        return answer

    return waiting


def held(real: Callable[..., Any]) -> Callable[..., Any]:
    """`real`, which takes its time."""

    def waiting(*arguments: Any) -> Any:
        time.sleep(BOTH / 2)
        return real(*arguments)

    return waiting


def same_browser(visitor: Visitor) -> Visitor:
    """A second request of the same browser, under way at the same time."""
    other = Visitor(visitor.app, address=visitor.address)
    other.take_cookie(visitor.cookie())
    return other


def press_twice(visitor: Visitor, code: str) -> Visitor:
    """Press the primary button, and again before the answer is there; gives what the person sees."""
    url, values = visitor._form(None)
    again = same_browser(visitor)
    data = {**values, "code": code}
    at_once(lambda: visitor.post(url, data), lambda: (time.sleep(BOTH / 10), again.post(url, data)))
    return again


def test_an_apps_code_opens_one_session(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = any_house.register_app(any_house.visitor())
    any_house.later(seconds=60)
    visitors = [any_house.visitor() for _ in range(2)]
    for visitor in visitors:
        any_house.give_password(visitor)
    code = app_code(secret, any_house.now())
    monkeypatch.setattr(second_step, "_check_app", met(second_step._check_app))
    at_once(*[lambda one=one: one.press(code=code) for one in visitors])
    assert sorted(one.response.status_code for one in visitors) == [200, 422]
    assert any_house.count(AccountSession) == 2, "of registering, and of one sign-in"


def test_the_second_steps_button_pressed_twice(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = any_house.register_app(any_house.visitor())
    any_house.later(seconds=60)
    visitor = any_house.visitor()
    any_house.give_password(visitor)
    monkeypatch.setattr(second_step, "finish", held(second_step.finish))
    seen = press_twice(visitor, app_code(secret, any_house.now()))
    assert seen.heading == "Your ID.me account"


def test_the_last_button_of_registering_pressed_twice(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = any_house.visitor()
    any_house.to_second_step(visitor)
    visitor.open("/register/second-step/app")
    code = app_code(app_secret(visitor), any_house.now())
    monkeypatch.setattr(register_factor, "create", held(register_factor.create))
    seen = press_twice(visitor, code)
    assert seen.heading == "Keep your recovery codes"
    assert any_house.count(Account) == 1


def test_one_address_registered_in_two_browsers(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    visitors, codes = [any_house.visitor() for _ in range(2)], []
    for visitor in visitors:
        any_house.to_second_step(visitor)
        visitor.open("/register/second-step/app")
        codes.append(app_code(app_secret(visitor), any_house.now()))
    monkeypatch.setattr(create_account, "by_address", met(create_account.by_address))
    at_once(*[lambda one=one, code=code: one.press(code=code) for one, code in zip(visitors, codes, strict=True)])
    assert sorted(one.response.status_code for one in visitors) == [200, 422]
    assert any_house.count(Account) == 1
