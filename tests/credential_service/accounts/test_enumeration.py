"""Nobody learns from a page who has an account: words, work and counting are the same (ASVS 6.3.8)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from tests.credential_service.accounts.house import EMAIL, PASSWORD, House
from tests.credential_service.accounts.visitor import Visitor

OTHER = "bob@example.test"


def words(visitor: Visitor, email: str) -> str:
    """The page, without what is new on each page and without the address that was typed."""
    text = re.sub(r'name="(csrf_token|request_key)" value="[^"]*"', "", visitor.response.text)
    return text.replace(email, "ADDRESS")


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    """The kinds of statements that the database is asked meanwhile."""
    asked: list[str] = []

    def listen(*arguments: object) -> None:
        asked.append(" ".join(str(arguments[2]).split()[:3]))

    event.listen(house.engine, "before_cursor_execute", listen)
    yield asked
    event.remove(house.engine, "before_cursor_execute", listen)


def test_registering_answers_alike_and_does_the_same_work(house: House) -> None:
    house.register(house.visitor())
    # Somebody has given the other address before, too: mails to both are counted already.
    house.to_confirm(house.visitor(), OTHER)
    answers = []
    for email in (EMAIL, OTHER):
        visitor = house.visitor()
        visitor.open("/register")
        with statements(house) as asked:
            visitor.press(email=email)
        answers.append((visitor.response.status_code, words(visitor, email), asked))
    assert answers[0] == answers[1]
    assert house.messages(EMAIL)[0]["subject"] == "You already have an account"
    assert house.messages(OTHER)[0]["code"] is not None


def test_the_mail_to_an_existing_account_confirms_nothing(house: House) -> None:
    house.register(house.visitor())
    visitor = house.visitor()
    house.to_confirm(visitor, EMAIL.upper())
    mail = house.messages(EMAIL.upper().replace("EXAMPLE.TEST", "example.test"))[0]
    assert mail["code"] is None and mail["link"] == "http://localhost:8001/sign-in"
    visitor.press(code="123456")
    assert visitor.errors == ["The code is not right. Check it and type it again"]
    visitor.press("/register/confirm/resend")
    assert visitor.heading == "Confirm your e-mail address"


def test_signing_in_answers_alike_and_does_the_same_work(house: House) -> None:
    house.register(house.visitor())
    answers = []
    for email in (EMAIL, OTHER):
        visitor = house.visitor()
        visitor.open("/sign-in")
        with statements(house) as asked:
            visitor.press("/sign-in", email=email, password="not the password")
        answers.append((visitor.response.status_code, words(visitor, email), asked))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422


def test_waiting_is_asked_alike(house: House) -> None:
    house.register(house.visitor())
    for email in (EMAIL, OTHER):
        visitor = house.visitor()
        for _ in range(5):
            house.give_password(visitor, email, "not the password")
        house.give_password(visitor, email, PASSWORD)
        assert visitor.errors[0].startswith("There were too many attempts. Wait until "), email


def test_an_address_that_got_an_account_meanwhile_is_not_taken_twice(house: House) -> None:
    first, second = house.visitor(), house.visitor()
    house.to_second_step(first)
    house.to_second_step(second)
    house.later(seconds=1)
    first.open("/register/second-step/phone")
    first.press(number="+46701740605")
    first.press(code=house.code("+46701740605"))
    assert first.heading == "Keep your recovery codes"
    second.open("/register/second-step/phone")
    second.press(number="+46701740606")
    second.press(code=house.code("+46701740606"))
    assert second.errors == ["There is an account with your e-mail address by now. Sign in instead"]
