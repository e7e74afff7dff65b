"""The main job in Chromium: a new person gets in, signs out, and gets in again, whatever second step they chose."""

import pytest

from tests.browser.conftest import NewVisitor
from tests.support.visitor import PASSWORD, Visitor, authenticator

pytestmark = pytest.mark.browser

WAYS = [
    *[
        pytest.param(way, scripts, id=f"{way}-{'scripts' if scripts else 'no-scripts'}")
        for way in ("sms", "voice", "totp")
        for scripts in (True, False)
    ],
    pytest.param("passkey", True, id="passkey-scripts"),
]


def _new(new_visitor: NewVisitor, way: str, *, scripts: bool) -> Visitor:
    visitor = new_visitor(scripts=scripts)
    if way == "passkey":
        authenticator(visitor.page)
    return visitor


@pytest.mark.parametrize(("way", "scripts"), WAYS)
def test_a_new_person_gets_in_and_in_again(new_visitor: NewVisitor, way: str, scripts: bool) -> None:
    visitor = _new(new_visitor, way, scripts=scripts)
    visitor.register(way)
    visitor.agree()
    visitor.sign_out()
    visitor.sign_in_again(way)
    visitor.heading("QAAMS home")
    assert len(visitor.services.messages(visitor.email, "portal")) == 1, "one consent, one notice"


def test_a_passkey_alone_is_enough(new_visitor: NewVisitor) -> None:
    visitor = _new(new_visitor, "passkey", scripts=True)
    visitor.register("passkey")
    visitor.agree()
    visitor.sign_out()
    visitor.choose("Sign in with ID.me")
    visitor.page.get_by_role("button", name="Sign in with a passkey").click()
    visitor.heading("passkey")
    visitor.go_on()
    visitor.heading("QAAMS home")


def test_the_link_confirms_in_the_same_browser(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    visitor.choose("Create an ID.me account")
    visitor.fill("email", visitor.email)
    visitor.go_on()
    visitor.page.goto(visitor.services.next_message(visitor.email)["link"])
    visitor.heading("Confirm your e-mail address")
    visitor.go_on()
    visitor.fill("new-password", PASSWORD)
    visitor.go_on()
    visitor.enrol("sms")
    visitor.agree()


def test_the_link_in_another_browser_goes_on_there_only(new_visitor: NewVisitor) -> None:
    visitor, phone = new_visitor(), new_visitor()
    visitor.choose("Create an ID.me account")
    visitor.fill("email", visitor.email)
    visitor.go_on()
    message = visitor.services.next_message(visitor.email)
    phone.page.goto(message["link"])
    phone.heading("Continue in this browser?")
    phone.go_on()
    phone.heading("Choose a password")
    visitor.page.reload()
    visitor.page.goto(f"{visitor.services.credential}/register/confirm")
    visitor.heading("You went on in another browser")


def test_an_account_can_be_made_without_the_portal(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    visitor.page.goto(f"{visitor.services.credential}/register")
    visitor.fill("email", visitor.email)
    visitor.go_on()
    visitor.fill("one-time-code", visitor.services.next_message(visitor.email)["code"])
    visitor.go_on()
    visitor.heading("Choose a password")


def test_an_address_that_has_an_account_is_told_by_mail_only(new_visitor: NewVisitor) -> None:
    first, second = new_visitor(), new_visitor()
    first.register("sms")
    second.choose("Create an ID.me account")
    second.fill("email", first.email)
    second.go_on()
    second.heading("Confirm your e-mail address")
    message = second.services.next_message(first.email, after=2)
    assert "already" in message["text"]
    assert message["code"] is None
