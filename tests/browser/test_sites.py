"""The two services on different sites: the provider's redirect is then a cross-site navigation, and still gets in."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.running import running
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_callback_works_across_sites(chromium: Browser, tmp_path: Path, scripts: bool) -> None:
    with running(tmp_path, credential_host="127.0.0.1") as services:
        context = chromium.new_context(java_script_enabled=scripts)
        visitor = Visitor(context.new_page(), services)
        visitor.register("totp")
        visitor.agree()
        visitor.sign_out()
        context.close()


def test_the_portal_sends_people_to_its_public_address(chromium: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as services:
        page = chromium.new_page()
        page.goto(f"{services.portal.replace('localhost', '127.0.0.1')}/sign-in")
        page.get_by_role("button", name="Sign in with ID.me").click()
        page.wait_for_url(f"{services.portal}/sign-in")
        page.close()
