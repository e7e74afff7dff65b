"""The same trip in a real browser, which holds the portal to its own content security policy, out and back."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.interoperation.conftest import ACCOUNT, SECRET, ForeignProvider, OperatorSets
from tests.interoperation.served import served

pytestmark = [
    pytest.mark.interoperation,
    pytest.mark.browser,
    pytest.mark.xdist_group("foreign provider"),
]

LONGEST_WAIT = 15_000  # milliseconds


@pytest.fixture
def portal(operator_sets: OperatorSets, foreign_provider: ForeignProvider) -> Iterator[str]:
    """A portal that can be reached, and its address."""
    address = foreign_provider.served_portal
    found = operator_sets(foreign_provider, PUBLIC_URL=address, OTHER_CLIENT_ID="served", OTHER_CLIENT_SECRET=SECRET)
    port = urlsplit(address).port
    assert port is not None
    with served(found.app, port, found.engine):
        yield address


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def tab(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A browser's only page. What its console says against a policy fails the test."""
    context = chromium.new_context(java_script_enabled=request.param)
    context.set_default_timeout(LONGEST_WAIT)
    found = context.new_page()
    complaints: list[str] = []
    found.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
    yield found
    context.close()
    assert complaints == []


def test_out_in_and_out_again(portal: str, tab: Page) -> None:
    tab.goto(f"{portal}/sign-in")
    tab.get_by_role("button", name="Sign in with Elsewhere").click()
    tab.get_by_label("E-mail").fill(str(ACCOUNT["login"]))
    tab.get_by_label("Password").fill(str(ACCOUNT["password"]))
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_role("button", name="Agree").click()

    expect(tab).to_have_url(f"{portal}/consent/email")
    expect(tab.get_by_text("officer@example.com")).to_be_visible()
    tab.locator("button[type=submit].primary").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("QAAMS home")

    tab.get_by_role("button", name="Sign out").click()
    tab.get_by_role("button", name="Yes, sign me out").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("You are signed out of QAAMS")
    assert tab.url.startswith(f"{portal}/signed-out?state=")
