"""The main job by keyboard alone: every step is reached with Tab, done with Enter, and the focus can be seen."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NewVisitor
from tests.support.visitor import PASSWORD

pytestmark = pytest.mark.browser

MOST_TABS = 25
FOCUSED = """() => {
  const here = document.activeElement;
  // The link or button of a card covers the whole card with its ::after, and shows the focus around that.
  const ringed = [getComputedStyle(here), getComputedStyle(here, '::after')];
  const words = (here.labels?.[0] || here).innerText || here.value || '';
  return { words: words.trim(), tag: here.tagName,
    seen: ringed.some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) };
}"""


def _reach(page: Page, words: str) -> None:
    """Press Tab until the element with these words has the focus, which must be visible on every stop."""
    # The words are there before the stylesheet is, and with it the ring that is looked for.
    page.wait_for_load_state()
    stops = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found["tag"] == "BODY":
            continue
        stops.append(found["words"])
        assert found["seen"], f"the focus on {found} cannot be seen"
        if words in found["words"]:
            return
    msg = f"{words!r} is not reached by Tab: {stops}"
    raise AssertionError(msg)


def _press(page: Page, words: str) -> None:
    _reach(page, words)
    page.keyboard.press("Enter")


def _type(page: Page, words: str, text: str) -> None:
    _reach(page, words)
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_new_person_gets_in_by_keyboard(new_visitor: NewVisitor, scripts: bool) -> None:
    visitor = new_visitor(scripts=scripts)
    page, services = visitor.page, visitor.services
    page.goto(f"{services.portal}/sign-in")
    _press(page, "Create an ID.me account")
    visitor.heading("Create an ID.me account")
    _type(page, "E-mail address", visitor.email)
    visitor.heading("Confirm your e-mail address")
    _type(page, "6-digit code", services.next_message(visitor.email)["code"])
    visitor.heading("Choose a password")
    _type(page, "Password", PASSWORD)
    visitor.heading("Choose your second step")
    _press(page, "Text message")
    visitor.heading("Which phone shall we use?")
    _type(page, "Phone number", visitor.phone)
    visitor.heading("Enter the code from your phone")
    _type(page, "6-digit code", services.next_message(visitor.phone)["code"])
    visitor.heading("Keep your recovery codes")
    _press(page, "I have saved my codes")
    visitor.heading("Share your information")
    _press(page, "Agree and continue")
    visitor.heading("May QAAMS use your e-mail address?")
    _press(page, "Agree and continue")
    visitor.heading("QAAMS home")
    _press(page, "Sign out")
    visitor.heading("signed out")


def test_the_skip_link_comes_first_and_skips(new_visitor: NewVisitor) -> None:
    page = new_visitor().page
    visitor = new_visitor()
    page.goto(f"{visitor.services.portal}/sign-in")
    page.keyboard.press("Tab")
    assert "Skip" in page.evaluate(FOCUSED)["words"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["words"].startswith("Create an ID.me account")
