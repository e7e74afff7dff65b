"""What page.js, webauthn.js and htmx do in real Chromium, under the policy that forbids inline scripts and eval."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.support.kit_app import kit_app, page

pytestmark = pytest.mark.browser

CREATE = (
    '{"challenge":"Y2hhbGxlbmdl","rp":{"name":"QAAMS","id":"localhost"},"timeout":2000,'
    '"user":{"id":"dXNlcg","name":"m","displayName":"m"},"pubKeyCredParams":[{"type":"public-key","alg":-7}],'
    '"excludeCredentials":[],"authenticatorSelection":{"residentKey":"required","userVerification":"required"}}'
)
GET = (
    '{"challenge":"Y2hhbGxlbmdl","rpId":"localhost","timeout":2000,"allowCredentials":[],"userVerification":"required"}'
)
SMALL_FORM = """{% call form("/done") %}{{ button("Send") }}
{{ button("Again", "secondary", name="again", value="1", formaction="/other") }}{% endcall %}"""
PAGES = {
    "fields": page(
        '{% call form("/fields") %}{{ field(f.email) }}{{ password_field(f.password) }}{{ long_text(f.why, 20) }}'
        '{{ button("Send") }}{% endcall %}',
        macros="form field password_field long_text button error_summary",
        before="{{ error_summary(f) }}",
    ),
    "start": page(SMALL_FORM, macros="form button"),
    "done": page("<p>{{ posted }}</p>", title="Done"),
    "other": page("<p>{{ posted }}</p>", title="Other"),
    "session": page('{{ session_warning("/more", 3, "/done", warn_before=2) }}', macros="session_warning"),
}
for ceremony, options in (("create", CREATE), ("get", GET)):
    PAGES[ceremony] = (
        '{% set page_scripts = ["js/webauthn.js"] %}{% set options %}' + options + "{% endset %}"
        "{% set errors = false %}"
        + page(
            '{% call form("/done") %}{{ passkey("'
            + ceremony
            + '", options) }}{{ button("Use a passkey") }}{% endcall %}'
            '<p><a href="/other">Another way</a></p>',
            macros="form passkey button",
        )
    )


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = kit_app(PAGES)

    @app.post("/more")
    def more() -> tuple[str, int]:
        return "", 204

    server = make_server("localhost", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def tab(chromium: Browser, address: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=address)
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
    yield tab
    context.close()
    assert complaints == []


def loads(tab: Page) -> int:
    """How many documents this tab has loaded: a swap leaves the mark, a load does not."""
    return int(tab.evaluate("window.mark = (window.mark || 0) + 1"))


def test_a_refused_form_is_swapped_in_and_its_summary_has_the_focus(tab: Page) -> None:
    tab.goto("/fields")
    loads(tab)
    tab.click("button.primary")
    expect(tab.locator(".error-summary")).to_be_focused()
    assert loads(tab) == 2
    expect(tab).to_have_title("Error: Heading \u2013 QAAMS")
    expect(tab.locator("#status")).to_have_text("Error: Heading \u2013 QAAMS")
    tab.click(".error-summary a")
    expect(tab.locator("#email")).to_be_focused()
    assert tab.locator("main").count() == 1


def test_a_finished_form_leads_to_the_next_heading(tab: Page) -> None:
    tab.goto("/start")
    loads(tab)
    tab.click("button.primary")
    expect(tab.locator("h1")).to_have_text("Done")
    expect(tab.locator("h1")).to_be_focused()
    expect(tab).to_have_title("Done \u2013 QAAMS")
    assert loads(tab) == 2
    expect(tab.locator("main")).to_contain_text('"csrf_token": "token"')


def test_a_button_with_an_address_of_its_own_is_followed(tab: Page) -> None:
    tab.goto("/start")
    loads(tab)
    tab.click("button.secondary")
    expect(tab.locator("h1")).to_have_text("Other")
    expect(tab.locator("main")).to_contain_text('"again": "1"')
    assert loads(tab) == 2


def test_without_scripts_the_same_forms_work(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    tab = context.new_page()
    tab.goto("/fields")
    tab.click("button.primary")
    expect(tab).to_have_title("Error: Heading \u2013 QAAMS")
    expect(tab.locator(".error-summary")).to_be_focused()
    expect(tab.locator(".password button")).to_have_count(0)
    tab.goto("/start")
    tab.click("button.secondary")
    expect(tab.locator("main")).to_contain_text('"again": "1"')
    tab.goto("/create")
    # Playwright turns scripts off without the parser's knowledge, so that <noscript> is read as where they run.
    assert "A passkey needs JavaScript" in tab.content()
    tab.click("button.primary")
    expect(tab.locator("main")).to_contain_text('"credential": ""')
    context.close()


@pytest.mark.parametrize("headers", [{}, {"HX-Retarget": "body", "HX-Reswap": "innerHTML"}])
def test_a_whole_document_is_never_put_inside_the_page(tab: Page, headers: dict[str, str]) -> None:
    whole = "<!doctype html><title>Whole</title><body><header>H</header><main id=main><h1>W</h1></main>"
    tab.route("**/done", lambda route: route.fulfill(content_type="text/html", body=whole, headers=headers))
    tab.goto("/start")
    tab.click("button.primary")
    expect(tab.locator("h1")).to_have_text("W")
    expect(tab.locator("h1")).to_be_focused()
    assert (tab.locator("header").count(), tab.locator("main").count()) == (1, 1)


def test_a_lost_line_is_said_and_the_form_can_be_sent_again(tab: Page) -> None:
    tab.goto("/start")
    tab.route("**/done", lambda route: route.abort())
    tab.click("button.primary")
    expect(tab.locator("#status")).to_have_text(
        "No answer came. Check your connection and try again: nothing is done twice."
    )
    expect(tab.locator("form")).not_to_have_attribute("aria-busy", "true")
    tab.unroute("**/done")
    tab.click("button.primary")
    expect(tab.locator("h1")).to_have_text("Done")


def test_two_quick_presses_send_once(tab: Page) -> None:
    sent: list[str] = []
    tab.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    tab.goto("/start")
    tab.evaluate("const b = document.querySelector('button.primary'); b.click(); b.click()")
    expect(tab.locator("h1")).to_have_text("Done")
    assert len(sent) == 1


def test_a_password_can_be_shown_and_is_hidden_before_it_is_sent(tab: Page) -> None:
    tab.goto("/fields")
    show = tab.get_by_role("button", name="Show Password")
    tab.fill("#password", "correct horse")
    show.click()
    expect(tab.locator("#password")).to_have_attribute("type", "text")
    expect(tab.get_by_role("button", name="Hide Password")).to_be_visible()
    tab.evaluate(
        "document.querySelector('form').addEventListener('submit', (e) => { window.sentAs = e.target.password.type })"
    )
    tab.click("button.primary")
    expect(tab.locator(".error-summary")).to_be_focused()
    assert tab.evaluate("window.sentAs") == "password"
    expect(tab.get_by_role("button", name="Show Password")).to_have_count(1)


def test_a_long_answer_counts_down(tab: Page) -> None:
    tab.goto("/fields")
    expect(tab.locator("#why-count")).to_have_text("Characters left: 20")
    tab.fill("#why", "x" * 23)
    expect(tab.locator("#why-count")).to_have_text("Characters too many: 3")


def test_a_session_is_extended_with_one_key_or_ends(tab: Page) -> None:
    tab.goto("/session")
    expect(tab.locator("dialog")).to_be_visible()
    with tab.expect_request("**/more"):
        tab.keyboard.press("Enter")
    expect(tab.locator("dialog")).to_be_hidden()
    expect(tab.locator("h1")).to_have_text("Done", timeout=10_000)


def virtual_authenticator(tab: Page, *, verified: bool = True) -> None:
    """A device with a passkey store, which agrees at once or never."""
    devtools = tab.context.new_cdp_session(tab)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": verified, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.parametrize("native", [True, False])
def test_a_passkey_is_made_and_used(tab: Page, *, native: bool) -> None:
    if not native:
        tab.add_init_script(
            "delete PublicKeyCredential.parseCreationOptionsFromJSON;"
            "delete PublicKeyCredential.parseRequestOptionsFromJSON; delete PublicKeyCredential.prototype.toJSON;"
        )
    tab.goto("/create")
    virtual_authenticator(tab)
    tab.click("button.primary")
    expect(tab.locator("h1")).to_have_text("Done")
    for part in ("attestationObject", "clientDataJSON", "rawId", "transports"):
        expect(tab.locator("main")).to_contain_text(part)
    tab.goto("/get")
    tab.click("button.primary")
    expect(tab.locator("h1")).to_have_text("Done")
    for part in ("authenticatorData", "signature", "userHandle"):
        expect(tab.locator("main")).to_contain_text(part)


@pytest.mark.parametrize("ceremony", ["create", "get"])
def test_a_passkey_that_is_not_given_is_told_quietly(tab: Page, ceremony: str) -> None:
    tab.goto(f"/{ceremony}")
    virtual_authenticator(tab, verified=False)
    tab.click("button.primary")
    message = tab.locator(".passkey-message")
    expect(message).to_contain_text("The passkey was not used", timeout=10_000)
    expect(message).to_have_role("status")
    expect(tab.get_by_role("link", name="Another way")).to_be_visible()
    assert tab.locator(".error-summary, .error, .invalid").count() == 0
    expect(tab.locator("h1")).to_have_text("Heading")


def test_a_promise_that_never_settles_is_given_up(tab: Page) -> None:
    tab.add_init_script("navigator.credentials.create = () => new Promise(() => {})")
    tab.goto("/create")
    tab.click("button.primary")
    expect(tab.locator(".passkey-message")).to_have_text("Follow the steps that your device shows.")
    expect(tab.locator(".passkey-message")).to_contain_text("took too long", timeout=10_000)


def test_a_browser_without_passkeys_says_so(tab: Page) -> None:
    tab.add_init_script("delete window.PublicKeyCredential")
    tab.goto("/create")
    tab.click("button.primary")
    expect(tab.locator(".passkey-message")).to_contain_text("This browser cannot use passkeys here.")


def test_a_device_that_is_known_already_says_so(tab: Page) -> None:
    tab.add_init_script(
        "navigator.credentials.create = () => Promise.reject(new DOMException('x', 'InvalidStateError'))"
    )
    tab.goto("/create")
    tab.click("button.primary")
    expect(tab.locator(".passkey-message")).to_contain_text("already has a passkey")
