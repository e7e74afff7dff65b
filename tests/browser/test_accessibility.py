"""Every page and state of the main job under axe, and where the focus is after each step."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewVisitor
from tests.support.accessibility import violations
from tests.support.visitor import PASSWORD, WAYS, Visitor, authenticator

pytestmark = pytest.mark.browser

LOOKS = [
    pytest.param({"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}, id="wide-light"),
    pytest.param({"viewport": {"width": 320, "height": 800}, "color_scheme": "dark"}, id="narrow-dark"),
]


def _in_order(page: Page) -> None:
    page.wait_for_load_state()
    assert violations(page) == [], page.url
    sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(sideways), f"{page.url} scrolls sideways"


def _refused(visitor: Visitor) -> None:
    """Send the form as it is, and see the refusal told in every way it has to be."""
    visitor.go_on()
    page = visitor.page
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    assert page.locator("[aria-invalid=true]").count() >= 1
    page.locator("#error-summary a").first.click()
    expect(page.locator("[aria-invalid=true]").first).to_be_focused()
    _in_order(page)


def _stage(visitor: Visitor, heading: str) -> None:
    visitor.heading(heading)
    expect(visitor.page.locator("h1")).to_be_focused()
    _in_order(visitor.page)


@pytest.mark.parametrize("look", LOOKS)
def test_registration_with_a_phone(new_visitor: NewVisitor, look: dict[str, object]) -> None:
    visitor = new_visitor(**look)
    visitor.page.goto(f"{visitor.services.portal}/sign-in")
    _in_order(visitor.page)
    visitor.choose("Create an ID.me account")
    _in_order(visitor.page)
    _refused(visitor)
    visitor.fill("email", visitor.email)
    visitor.go_on()
    _stage(visitor, "Confirm your e-mail address")
    _refused(visitor)
    visitor.fill("one-time-code", visitor.services.next_message(visitor.email)["code"])
    visitor.go_on()
    _stage(visitor, "Choose a password")
    visitor.fill("new-password", "password1")
    _refused(visitor)
    visitor.fill("new-password", PASSWORD)
    visitor.go_on()
    _set_up_a_phone(visitor)
    _consent_and_look(visitor)


def _set_up_a_phone(visitor: Visitor) -> None:
    _stage(visitor, "Choose your second step")
    visitor.page.get_by_role("link", name=WAYS["sms"]).click()
    visitor.heading("Which phone shall we use?")
    _in_order(visitor.page)
    _refused(visitor)
    visitor.page.locator("input[type=tel]").fill(visitor.phone)
    visitor.go_on()
    _stage(visitor, "Enter the code from your phone")
    _refused(visitor)
    visitor.fill("one-time-code", visitor.services.next_message(visitor.phone)["code"])
    visitor.go_on()
    _stage(visitor, "Keep your recovery codes")
    visitor.go_on()


def _consent_and_look(visitor: Visitor) -> None:
    _stage(visitor, "Share your information with QAAMS?")
    visitor.go_on()
    visitor.heading("May QAAMS use your e-mail address?")
    _in_order(visitor.page)
    visitor.page.get_by_role("link", name="Decline").click()
    _stage(visitor, "Do you want to decline?")
    visitor.page.get_by_role("link", name="Go back").click()
    _stage(visitor, "May QAAMS use your e-mail address?")
    visitor.go_on()
    visitor.heading("QAAMS home")
    _in_order(visitor.page)
    _look_around(visitor)


def _look_around(visitor: Visitor) -> None:
    page = visitor.page
    for url in (
        f"{visitor.services.portal}/account",
        f"{visitor.services.portal}/outbox",
        f"{visitor.services.portal}/callback/idme?state=x&code=y",
        f"{visitor.services.portal}/no-such-page",
        f"{visitor.services.credential}/account",
        f"{visitor.services.credential}/outbox",
    ):
        page.goto(url)
        _in_order(page)
    page.goto(visitor.services.portal)
    visitor.sign_out()
    _in_order(page)


@pytest.mark.parametrize("look", LOOKS)
def test_the_other_second_steps_and_signing_in(new_visitor: NewVisitor, look: dict[str, object]) -> None:
    visitor = new_visitor(**look)
    authenticator(visitor.page)
    visitor.choose("Create an ID.me account")
    visitor.fill("email", visitor.email)
    visitor.go_on()
    visitor.fill("one-time-code", visitor.services.next_message(visitor.email)["code"])
    visitor.go_on()
    visitor.fill("new-password", PASSWORD)
    visitor.go_on()
    for way, heading in (("totp", "Set up your authenticator app"), ("passkey", "Set up a passkey")):
        visitor.page.get_by_role("link", name=WAYS[way]).click()
        visitor.heading(heading)
        _in_order(visitor.page)
        visitor.page.get_by_role("link", name="Choose another second step").click()
        visitor.heading("Choose your second step")
    visitor.enrol("passkey")
    visitor.agree()
    visitor.sign_out()
    visitor.choose("Sign in with ID.me")
    _in_order(visitor.page)
    visitor.fill("username", visitor.email)
    visitor.fill("current-password", "wrong wrong wrong")
    _refused(visitor)
    visitor.fill("current-password", PASSWORD)
    visitor.go_on()
    _stage(visitor, "Use your passkey or security key")
    visitor.page.get_by_role("link", name="Try another way").click()
    visitor.heading("Choose how to take the second step")
    _in_order(visitor.page)


@pytest.mark.parametrize("look", LOOKS)
def test_signing_in_by_username(new_visitor: NewVisitor, look: dict[str, object]) -> None:
    visitor = new_visitor(**look)
    visitor.choose("Sign in with an existing IRS username")
    _in_order(visitor.page)
    _refused(visitor)
