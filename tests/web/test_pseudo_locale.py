"""No screen word escapes gettext: in a language that accents every word, what stays plain is data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, g, template_rendered
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app import clock
from app.domain.errors import Refusal
from app.models.consent import ConsentReceipt
from app.models.session import PortalSession
from app.web.errors import refusal_page
from tests.support.hostile_provider import SUBJECT, Fault, HostileProvider
from tests.support.imports import PASSWORD, run_import, usernames_file
from tests.support.portal import PortalUnderTest, make_portal, stand_in
from tests.support.pseudo_locale import ROOT, catalogue, is_plain, plain_words, pseudo, speak
from tests.web.bare import bare_app

TEMPLATES = ROOT / "app" / "templates"
# Those of both services.
REFUSALS = sorted((ROOT / "app").rglob("templates/errors/*.html"))
# What is nobody's words: names of services and providers, addresses, codes, numbers of rows and requests.
DATA = (
    "QAAMS", r"ID\.me", r"Login\.gov", r"[\w.+-]+@[\w.-]+", r"QA-\d{3}", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "[0-9a-f]{12}", "Rosa", "Okafor", r"\d{4}-\d\d-\d\dT[\d:]+Z",
)  # fmt: skip
HTMX = {"HX-Request": "true"}


class Visits:
    """Walks through every page and state of the portal; gives what each showed, and notes the templates used."""

    def __init__(self, portal: PortalUnderTest, provider: HostileProvider) -> None:
        self.portal, self.provider = portal, provider
        self.client = portal.client
        self.words = Path(portal.app.extensions["babel"].translation_directories[0])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for walk in (self.username, self.consent, self.inside, self.leaving, self.outbox, self.signing_in):
            yield from walk()

    def show(self, path: str, **headers: str) -> tuple[str, str]:
        response = self.client.get(path, headers=headers)
        assert response.status_code == 200, (path, response.status_code)
        return path, response.text

    def signing_in(self) -> Iterator[tuple[str, str]]:
        yield self.show("/sign-in")
        self.provider.faults.add(Fault.BROKEN)
        # What is held of the provider would still do for a while.
        later = self.portal.restarted()
        speak(later.app, self.words)
        yield "a provider that is down", later.client.submit("/sign-in/idme", page="/sign-in").text
        yield "the chooser then", later.client.get("/sign-in").text
        later.engine.dispose()

    def username(self) -> Iterator[tuple[str, str]]:
        path = "/sign-in/username"
        yield self.show(path)
        yield "nothing entered", self.client.submit(path).text
        yield "the wrong password", self.client.submit(path, username="RO.Smith", password="wrong").text
        self.client.submit(path, username="RO.Smith", password=PASSWORD)
        yield self.show("/")
        self.client = self.portal.browser()

    def consent(self) -> Iterator[tuple[str, str]]:
        self.portal.arrive(self.client)
        yield self.show("/consent/email")
        yield self.show("/consent/email", **HTMX)
        yield "no such address", self.client.submit("/consent/email", address="7").text
        yield self.show("/consent/email/decline")
        yield "declined", self.client.submit("/consent/email/decline").text
        self.provider.userinfo["emails_confirmed"] = []
        self.portal.arrive(self.client)
        yield self.show("/consent/email")

    def inside(self) -> Iterator[tuple[str, str]]:
        self.client.submit("/consent/email")
        yield self.show("/")
        yield self.show("/account")
        (receipt,) = self.portal.rows(ConsentReceipt)
        yield self.show(f"/consent/receipts/{receipt.id}")
        with self.portal.engine.begin() as connection:
            connection.execute(delete(ConsentReceipt))
        yield self.show("/account")
        with self.portal.engine.begin() as connection:
            connection.execute(update(PortalSession).values(assurance="aal1"))
        yield self.show("/")

    def leaving(self) -> Iterator[tuple[str, str]]:
        self.client.submit("/sign-out", page="/")
        yield self.show("/signed-out")
        yield self.show("/signed-out?still=idme")

    def outbox(self) -> Iterator[tuple[str, str]]:
        yield self.show("/outbox?to=nobody@example.org")
        self.portal.messages()
        yield self.show("/outbox")


@pytest.fixture
def portal(tmp_path: Path, provider: HostileProvider) -> Iterator[PortalUnderTest]:
    provider.userinfo = {
        "sub": SUBJECT,
        "email": "ro@example.com",
        "emails_confirmed": ["ro@example.com", "office@example.com"],
        "fname": "Rosa",
        "lname": "Okafor",
        "multifactor": True,
    }
    running = make_portal(
        tmp_path,
        f"sqlite:///{tmp_path / 'portal.sqlite3'}",
        provider,
        provider_settings=(stand_in(provider, adapter="idme"),),
    )
    with Session(running.engine) as session:
        run_import(session, usernames_file({"username": "RO.Smith"}), clock.now())
    speak(running.app, tmp_path / "translations")
    yield running
    running.engine.dispose()


def test_every_page_of_the_portal_speaks_the_language(portal: PortalUnderTest, provider: HostileProvider) -> None:
    used: set[str] = set()

    def note(sender: Flask, template: object, **_: object) -> None:
        used.add(str(getattr(template, "name", "")))

    with template_rendered.connected_to(note, portal.app):
        for what, html in Visits(portal, provider):
            assert plain_words(html, DATA) == [], what
            assert "⟦" in html, what
    pages = {
        path.relative_to(TEMPLATES).as_posix()
        for folder in ("sign_in", "consent", "home", "account", "outbox")
        for path in (TEMPLATES / folder).glob("*.html")
    }
    assert pages - used == set(), "a page that no visit above shows"


@pytest.mark.parametrize("page", REFUSALS, ids=[path.stem for path in REFUSALS])
def test_every_refusal_does(tmp_path: Path, page: Path) -> None:
    app = bare_app(templates=(page.parent.parent,))
    name = page.stem
    speak(app, tmp_path)
    for retry_after in (None, 90):
        with app.test_request_context():
            g.request_id = "0123456789ab"
            html = refusal_page(Refusal("QA-999", 403, name), retry_after).get_data(as_text=True)  # type: ignore[arg-type]
        assert plain_words(html, (*DATA, "Bare", "Ask")) == []


def test_so_do_receipts_and_messages(portal: PortalUnderTest) -> None:
    portal.sign_in()
    (receipt,) = portal.rows(ConsentReceipt)
    texts = [portal.client.get(f"/consent/receipts/{receipt.id}.txt").text]
    texts += [f"{message['subject']}\n{message['text']}" for message in portal.messages()]
    assert len(texts) == 2
    for text in texts:
        assert [line for line in text.splitlines() if is_plain(line, DATA)] == []


def test_the_choosers_date_does(tmp_path: Path, provider: HostileProvider) -> None:
    file = f"sqlite:///{tmp_path / 'dated.sqlite3'}"
    running = make_portal(tmp_path, file, provider, username_sign_in_until="31 December 2027")
    speak(running.app, tmp_path / "translations")
    html = running.client.get("/sign-in").text
    assert "31 December 2027" in html
    assert plain_words(html, DATA) == []
    running.engine.dispose()


class TestTheInstrument:
    """It finds what it is for."""

    @pytest.mark.parametrize(
        "html",
        [
            "<p>Plain</p>", "<title>Plain</title>", '<p aria-label="Plain">x</p>', '<input placeholder="Plain">',
            '<img alt="Plain" src="x">', '<p data-busy="Plain words">x</p>', '<input type="submit" value="Plain">',
            "<p><b>⟦Ŵ⟧</b> Plain</p>", "<p>⟦Ŵ Plain⟧</p>", "<option>Plain</option>", "<noscript>Plain</noscript>",
        ],
    )  # fmt: skip
    def test_finds_a_plain_word(self, html: str) -> None:
        assert plain_words(f"<!doctype html>{html}", DATA)

    @pytest.mark.parametrize(
        "html",
        [
            f"<p>{pseudo('Words and more')}</p>", "<p>QAAMS ro@example.com QA-123 7 March 2027, 14:05 UTC</p>",
            '<a href="/plain" class="plain" id="plain">⟦Ŵ⟧</a>', '<input type="hidden" value="plain">',
            "<script>plain</script>",
        ],
    )  # fmt: skip
    def test_lets_accented_words_and_data_be(self, html: str) -> None:
        assert plain_words(f"<!doctype html>{html}", DATA) == []

    def test_keeps_placeholders(self) -> None:
        assert pseudo("Hi %(name)s, 5%% off") == "⟦Ĥî %(name)s, 5%% öƒƒ⟧"

    def test_knows_words_of_code_and_of_templates(self) -> None:
        made = catalogue()
        for words in ("Which address may QAAMS use?", "Sign out", "QAAMS now uses this e-mail address", "Error:"):
            assert words.encode() in made
