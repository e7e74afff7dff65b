"""Declining, coming back late or twice, two tabs and the back button, in Chromium."""

import re
import sqlite3

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.support.visitor import PRIMARY, Visitor

pytestmark = pytest.mark.browser

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


@SCRIPTS
def test_declining_at_the_provider_shares_nothing(new_visitor: NewVisitor, scripts: bool) -> None:
    visitor = new_visitor(scripts=scripts)
    visitor.register("sms")
    visitor.heading("Share your information")
    visitor.page.get_by_role("button", name="Decline").click()
    visitor.heading("You were not signed in")
    expect(visitor.page.locator("main")).to_contain_text("QA-202")
    assert visitor.services.messages(visitor.email, "portal") == []


@SCRIPTS
def test_declining_at_the_portal_keeps_nothing(new_visitor: NewVisitor, scripts: bool) -> None:
    visitor = new_visitor(scripts=scripts)
    visitor.register("sms")
    visitor.go_on()
    visitor.heading("May QAAMS use your e-mail address?")
    visitor.page.get_by_role("link", name="Decline").click()
    visitor.heading("Do you want to decline?")
    visitor.go_on()
    visitor.heading("nothing was kept")
    visitor.page.goto(visitor.services.portal)
    visitor.heading("Sign in to QAAMS")


@SCRIPTS
def test_agreeing_gives_a_receipt_to_keep(new_visitor: NewVisitor, scripts: bool) -> None:
    visitor = new_visitor(scripts=scripts)
    visitor.register("sms")
    visitor.agree()
    visitor.page.goto(f"{visitor.services.portal}/account")
    visitor.page.get_by_role("link", name=visitor.email).click()
    visitor.heading("Receipt of your e-mail consent")
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="Download").click()
    assert visitor.email in download.value.path().read_text("utf-8")


def test_a_repeated_callback_offers_to_go_on(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    seen: list[str] = []
    visitor.page.on("request", lambda request: seen.append(request.url) if "/callback/" in request.url else None)
    visitor.register("sms")
    visitor.agree()
    visitor.page.goto(seen[0])
    visitor.heading("already finished or expired")
    visitor.page.get_by_role("link", name="Go on to the start page").click()
    visitor.heading("QAAMS home")


def _let_pass(visitor: Visitor, table: str) -> None:
    """Make what the portal keeps of unfinished sign-ins be over, as if its time had gone by."""
    with sqlite3.connect(visitor.services.folder / "portal.sqlite3", timeout=10) as database:
        database.execute(f"UPDATE {table} SET expires_at = '2026-01-01 00:00:00.000000'")  # noqa: S608 - our own words
    database.close()


@SCRIPTS
def test_coming_back_too_late_offers_to_start_again(new_visitor: NewVisitor, scripts: bool) -> None:
    visitor = new_visitor(scripts=scripts)
    visitor.register("sms")
    visitor.heading("Share your information")
    _let_pass(visitor, "sign_in_attempt")
    visitor.go_on()
    visitor.heading("already finished or expired")
    expect(visitor.page.locator("main")).to_contain_text("QA-201")
    visitor.page.get_by_role("link", name="Start again").click()
    visitor.page.get_by_role("button", name="Sign in with ID.me").click()
    visitor.heading("May QAAMS use your e-mail address?")


@SCRIPTS
def test_agreeing_too_late_keeps_nothing(new_visitor: NewVisitor, scripts: bool) -> None:
    visitor = new_visitor(scripts=scripts)
    visitor.register("sms")
    visitor.go_on()
    visitor.heading("May QAAMS use your e-mail address?")
    _let_pass(visitor, "arrival")
    visitor.page.locator(PRIMARY).click()
    visitor.heading("This page was open for too long")
    assert visitor.services.messages(visitor.email, "portal") == []
    visitor.page.goto(visitor.services.portal)
    visitor.heading("Sign in to QAAMS")


def test_the_back_button_after_signing_in_does_no_harm(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    visitor.register("sms")
    visitor.agree()
    for _ in range(3):
        visitor.page.go_back()
        expect(visitor.page.locator("h1")).to_have_count(1)
    visitor.page.goto(visitor.services.portal)
    visitor.heading("QAAMS home")


def test_two_tabs_both_get_in(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    visitor.register("sms")
    visitor.agree()
    visitor.sign_out()
    other = visitor.page.context.new_page()
    other.goto(f"{visitor.services.portal}/sign-in")
    other.get_by_role("button", name="Sign in with ID.me").click()
    visitor.sign_in_again("sms")
    visitor.heading("QAAMS home")
    other.goto(visitor.services.portal)
    expect(other.locator("h1")).to_contain_text(re.compile("QAAMS home"))


def test_the_cookies_of_the_two_services_do_not_meet(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    visitor.register("sms")
    visitor.agree()
    cookies = {cookie["name"]: cookie for cookie in visitor.page.context.cookies()}
    assert set(cookies) == {"qaams_session", "credential_session"}
    assert all(cookie["httpOnly"] and cookie["sameSite"] == "Lax" for cookie in cookies.values())
