"""A person at a browser: walks through the pages by what they promise (autocomplete tokens, one primary button)."""

import base64
import hmac
import re
import time
from dataclasses import dataclass
from uuid import uuid4

from playwright.sync_api import CDPSession, Page, expect

from tests.support.running import Services

PASSWORD = "a quiet blue harbour 7"
PRIMARY = "button[type=submit].primary"
WAYS = {
    "sms": re.compile("text message", re.IGNORECASE),
    "voice": re.compile("phone call", re.IGNORECASE),
    "totp": re.compile("authenticator app", re.IGNORECASE),
    "passkey": re.compile("passkey", re.IGNORECASE),
}


@dataclass
class Visitor:
    """One person with one browser window. `email` is theirs alone."""

    page: Page
    services: Services
    email: str = ""
    phone: str = ""
    secret: bytes = b""

    def __post_init__(self) -> None:
        self.email = self.email or f"ro-{uuid4().hex[:10]}@example.com"
        self.phone = self.phone or f"+4474{uuid4().int % 10**8:08d}"

    def heading(self, words: str) -> None:
        """Wait until the page has this heading."""
        expect(self.page.locator("h1")).to_contain_text(words)

    def fill(self, token: str, value: str) -> None:
        """Fill in the field with this autocomplete token."""
        self.page.locator(f"input[autocomplete~='{token}']").fill(value)

    def go_on(self) -> None:
        """Press the page's one primary button and wait for what follows."""
        before = self.page.locator("h1").inner_text()
        url = self.page.url
        self.page.locator(PRIMARY).click()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            self.page.wait_for_load_state()
            heading = self.page.locator("h1")
            if self.page.url != url or (heading.count() and heading.inner_text() != before):
                return
            if self.page.locator("#error-summary").count():
                return
            self.page.wait_for_timeout(50)
        msg = f"nothing followed on {url}: {before}"
        raise AssertionError(msg)

    def choose(self, words: str) -> None:
        """Choose a way on the sign-in page."""
        self.page.goto(f"{self.services.portal}/sign-in")
        self.page.get_by_role("button", name=words).or_(self.page.get_by_role("link", name=words)).click()
        self.page.wait_for_load_state()

    def register(self, way: str) -> None:
        """Create an account from the chooser up to the credential service's consent page."""
        self.choose("Create an ID.me account")
        self.fill("email", self.email)
        self.go_on()
        self.fill("one-time-code", self.services.next_message(self.email)["code"])
        self.go_on()
        self.fill("new-password", PASSWORD)
        self.go_on()
        self.enrol(way)

    def enrol(self, way: str) -> None:
        """Choose and set up a second step, and keep the recovery codes."""
        self.page.get_by_role("link", name=WAYS[way]).click()
        self.page.wait_for_load_state()
        getattr(self, f"_enrol_{'phone' if way in ('sms', 'voice') else way}")(way)
        self.heading("recovery codes")
        self.go_on()

    def _enrol_phone(self, way: str) -> None:
        self.page.locator("input[type=tel]").fill(self.phone)
        self.page.locator(f"input[type=radio][value={way}]").check()
        self.go_on()
        message = self.services.next_message(self.phone)
        assert message["channel"] == way
        self.fill("one-time-code", message["code"])
        self.go_on()

    def _enrol_totp(self, way: str) -> None:
        key = self.page.locator("code.code").inner_text().replace(" ", "").strip()
        self.secret = base64.b32decode(key + "=" * (-len(key) % 8))
        self.fill("one-time-code", self.totp())
        self.go_on()

    def _enrol_passkey(self, way: str) -> None:
        self.go_on()

    def totp(self, ahead: int = 0) -> str:
        """The authenticator app's code now, or some steps of 30 s ahead (RFC 6238)."""
        counter = int(time.time() // 30 + ahead).to_bytes(8, "big")
        digest = hmac.digest(self.secret, counter, "sha1")
        at = digest[-1] & 15
        return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"

    def agree(self) -> None:
        """Share the e-mail address at the credential service, then agree to its use at the portal."""
        self.heading("Share your information")
        self.go_on()
        self.heading("May QAAMS use your e-mail address?")
        self.go_on()
        self.heading("QAAMS home")

    def sign_in_again(self, way: str) -> None:
        """Sign in with ID.me, with password and second step, up to what comes after."""
        self.choose("Sign in with ID.me")
        self.fill("username", self.email)
        self.fill("current-password", PASSWORD)
        before = len(self.services.messages(self.phone))
        self.go_on()
        if way in ("sms", "voice"):
            if self.page.locator("input[autocomplete='one-time-code']").count() == 0:
                self.go_on()
            self.fill("one-time-code", self.services.next_message(self.phone, after=before)["code"])
        if way == "totp":
            # The step of the registration is used up, and the one before it was never good again.
            self.fill("one-time-code", self.totp(ahead=1))
        self.go_on()

    def sign_out(self) -> None:
        """Press the sign-out button."""
        self.page.get_by_role("button", name="Sign out").click()
        self.heading("signed out")


def authenticator(page: Page) -> CDPSession:
    """Give the page's browser a built-in passkey authenticator that confirms everything."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session
