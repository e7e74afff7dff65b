"""An existing person signs in with the username, in Chromium."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery 9"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_existing_username_gets_in(new_visitor: NewVisitor, scripts: bool) -> None:
    visitor = new_visitor(scripts=scripts)
    visitor.choose("Sign in with an existing IRS username")
    visitor.fill("username", "demo-ro")
    visitor.fill("current-password", PASSWORD)
    visitor.go_on()
    visitor.heading("QAAMS home")
    expect(visitor.page.locator("main")).to_contain_text("A second step is coming")
    visitor.page.goto(f"{visitor.services.portal}/account")
    visitor.heading("QAAMS home")
    visitor.sign_out()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_wrong_password_is_named_and_focused(new_visitor: NewVisitor, scripts: bool) -> None:
    visitor = new_visitor(scripts=scripts)
    visitor.choose("Sign in with an existing IRS username")
    visitor.fill("username", "demo-contact")
    visitor.fill("current-password", "not this one")
    visitor.go_on()
    expect(visitor.page.locator("#error-summary")).to_be_focused()
    expect(visitor.page).to_have_title(re.compile("^Error: "))
    expect(visitor.page.locator("input[autocomplete=username]")).to_have_value("demo-contact")
    assert visitor.page.locator("[aria-invalid=true]").count() >= 1
