"""No screen word of the credential service escapes gettext, and this walk forgets no template of it.

What accents every word, and what finds those that stay plain, is `tests.support.pseudo_locale`.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from flask import Flask, Response, request, request_finished
from jinja2 import BaseLoader, Environment
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.authenticators.passwords import PasswordProblem
from app.authenticators.phone import PhoneProblem
from app.authenticators.throttle import Disabled, Wait
from app.credential_service.blueprints import problems
from app.credential_service.flows.answers import Check
from app.credential_service.messages import compose
from app.credential_service.store.accounts import Authenticator, RecoveryCode
from app.credential_service.store.base import counters
from app.credential_service.store.consents import Consent
from app.credential_service.store.tokens import AuthorizationCode
from app.delivery.ports import Reason
from tests.credential_service.accounts.house import (
    EMAIL,
    NUMBER,
    ORIGIN,
    House,
    app_code,
    app_secret,
    make_house,
    recovery_codes,
)
from tests.credential_service.accounts.visitor import Visitor
from tests.support.credential_factories import PUBLIC, STRICT, RelyingParty, add_account, make_older, sign_in
from tests.support.pseudo_locale import KEYWORDS, PLACEHOLDER, ROOT, is_plain, plain_words, pseudo, speak
from tests.support.software_authenticator import SoftwareAuthenticator

SERVICE = ROOT / "app" / "credential_service"
TEMPLATES = SERVICE / "templates"
HTMX = {"HX-Request": "true"}
APP_USER, KEY_USER, LINK_USER = "app@example.test", "key@example.test", "link@example.test"
REGISTER_STEP, SIGN_IN_STEP = "/register/second-step", "/sign-in/second-step"
PHONE = f"{REGISTER_STEP}/phone"
UNREACHABLE = "+46701740691"
SOURCES = ("mail", "phone", "app", "recovery")
BYE = STRICT.post_logout_redirect_uris[0]
WAIT = Wait(datetime(2027, 3, 1, 14, 5, tzinfo=UTC))
# What is nobody's words: names of services and people, addresses, codes, keys, numbers of requests.
DATA = (
    "QAAMS", r"ID\.me", "Strict relying party", "Rosa Okafor", r"https?://\S+", r"[\w.+-]+@[\w.-]+", r"CS-\d{3}",
    r"QA-\d{3}", "[0-9a-f]{12}", r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", "([A-Z2-7]{4} ){7}[A-Z2-7]{4}",
    r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)",
)  # fmt: skip


class Noting(BaseLoader):
    """Loads templates as the app does, and knows which were asked for: pages, what they import, and messages."""

    def __init__(self, app: Flask) -> None:
        assert app.jinja_loader is not None
        self.within, self.used = app.jinja_loader, set[str]()
        app.jinja_loader = self

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        found = self.within.get_source(environment, template)
        self.used.add(template)
        return found


class Walk:
    """Goes through every page and state as people would; `seen` is all that was shown on the way."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.seen: list[tuple[str, str]] = []
        self.codes: list[str] = []

    def note(self, sender: Flask, response: Response, **_: object) -> None:
        if response.mimetype == "text/html" and response.status_code != 303:
            what = f"{request.method} {request.full_path} {response.status_code}, page {len(self.seen)}"
            self.seen.append((what, response.get_data(as_text=True)))

    def everywhere(self) -> None:
        """All of it. Those who register come first: the others sign in to their accounts."""
        self.address()
        self.links()
        self.password()
        self.second_step()
        self.app()
        self.passkey()
        self.phone()
        self.recovery_codes()
        self.account()
        self.sign_in()
        self.sign_in_by_phone()
        self.sign_in_by_app_and_passkey()
        self.password_off()
        self.no_way()
        self.consent()
        self.several_addresses()
        self.refusals()
        self.end_session()
        self.outbox()

    def refused(self, visitor: Visitor, action: str | None = None, **fields: str) -> None:
        """The form comes back with an error."""
        assert visitor.press(action, **fields).status_code == 422, fields

    def address(self) -> None:
        visitor = self.house.visitor()
        visitor.open("/register")
        visitor.client.get("/register", headers=HTMX)
        for wrong in ("", "nonsense", f"{'x' * 60}@{'y.' * 100}test"):
            self.refused(visitor, email=wrong)
        visitor.press(email=EMAIL)
        for wrong in ("7", "000000"):
            self.refused(visitor, code=wrong)
        for _ in range(20):
            visitor.press("/register/confirm/resend")
        visitor.open("/register")
        self.refused(visitor, email=EMAIL)
        self.house.later(hours=2)

    def links(self) -> None:
        first, second = self.house.visitor(), self.house.visitor()
        self.house.to_confirm(first, LINK_USER)
        link = self.house.link(LINK_USER)
        first.open(link)
        second.open(link)
        second.press()
        assert first.open("/register/elsewhere").status_code == 200
        assert first.open(link).status_code == 410

    def password(self) -> None:
        visitor = self.house.visitor()
        self.house.to_password(visitor)
        for wrong in ("", "short", "x" * 2000):
            self.refused(visitor, password=wrong)

    def second_step(self) -> None:
        visitor = self.house.visitor()
        self.house.to_second_step(visitor)
        assert visitor.open(REGISTER_STEP).status_code == 200

    def app(self) -> None:
        visitor = self.house.visitor()
        self.house.to_second_step(visitor, APP_USER)
        visitor.open(f"{REGISTER_STEP}/app")
        self.refused(visitor, code="")
        visitor.press(code=app_code(app_secret(visitor), self.house.now()))
        assert len(recovery_codes(visitor)) == 10

    def passkey(self) -> None:
        visitor, self.key = self.house.visitor(), SoftwareAuthenticator(ORIGIN)
        self.house.to_second_step(visitor, KEY_USER)
        visitor.open(f"{REGISTER_STEP}/passkey")
        for wrong in ("", "{}"):
            self.refused(visitor, credential=wrong)
        visitor.press(credential=self.key.create(visitor.data("options")))
        assert len(recovery_codes(visitor)) == 10

    def phone(self) -> None:
        self.person = visitor = self.house.visitor()
        self.house.to_second_step(visitor)
        visitor.open(PHONE)
        for number, channel in (("", "sms"), ("070", "sms"), ("+4930901820", "sms"), (NUMBER, "pigeon"), (NUMBER, "")):
            self.refused(visitor, number=number, channel=channel)
        visitor.press(number=UNREACHABLE, channel="sms")
        self.house.messages()
        visitor.open(f"{PHONE}/code")
        self.house.later(minutes=1)
        visitor.open(PHONE)
        visitor.press(number=NUMBER, channel="voice")
        visitor.press(f"{PHONE}/send", channel="sms")
        self.house.later(minutes=1)
        visitor.press(f"{PHONE}/send", channel="sms")
        for wrong in ("7", "000000"):
            self.refused(visitor, code=wrong)
        visitor.press(code=self.house.code(NUMBER))
        assert len(recovery_codes(visitor)) == 10

    def recovery_codes(self) -> None:
        assert self.person.open("/register/recovery-codes").status_code == 200
        self.person.press("/register/recovery-codes/new")
        self.codes = recovery_codes(self.person)
        assert len(self.codes) == 10

    def account(self) -> None:
        self.person.press()
        assert self.person.response.request.path == "/account"
        self.person.press("/sign-out")
        self.house.to_confirm(self.house.visitor())
        self.house.messages()

    def sign_in(self) -> None:
        visitor = self.house.visitor()
        visitor.open("/sign-in")
        for email, password in (("", ""), ("x" * 300, "y" * 5000), (EMAIL, "wrong")):
            self.refused(visitor, "/sign-in", email=email, password=password)

    def password_off(self) -> None:
        visitor = self.house.visitor()
        self.house.give_password(visitor, KEY_USER, "wrong")
        with self.house.engine.begin() as connection:
            connection.execute(update(counters).where(counters.c.scope == "password").values(number=100))
        self.house.give_password(visitor, KEY_USER)
        assert visitor.response.status_code == 422

    def sign_in_by_phone(self) -> None:
        self.house.later(minutes=1)
        visitor = self.person
        self.house.give_password(visitor)
        for wrong in ("7", "000000"):
            self.refused(visitor, code=wrong)
        for channel in ("voice", "sms"):
            self.house.later(minutes=1)
            visitor.press(f"{SIGN_IN_STEP}/send", channel=channel)
        visitor.press(f"{SIGN_IN_STEP}/send", channel="sms")
        visitor.open(f"{SIGN_IN_STEP}/ways")
        visitor.open(f"{SIGN_IN_STEP}?way=recovery")
        for wrong in ("7", "AAAA-AAAA-AAAA-AAAA"):
            self.refused(visitor, code=wrong)
        # A code was sent a moment ago, so none goes out and the page has the buttons.
        self.house.give_password(visitor)
        visitor.open(f"{SIGN_IN_STEP}?way=recovery")
        visitor.press(code=self.codes[0])
        assert visitor.response.request.path == "/account"

    def sign_in_by_app_and_passkey(self) -> None:
        visitor = self.house.visitor()
        self.house.give_password(visitor, APP_USER)
        self.refused(visitor, code="000000")
        visitor.open(f"{SIGN_IN_STEP}/ways")
        visitor = self.house.visitor()
        self.house.give_password(visitor, KEY_USER)
        self.refused(visitor, credential="")
        visitor.open(f"{SIGN_IN_STEP}/ways")
        visitor.open("/sign-in")
        visitor.press("/sign-in/passkey/begin")
        self.refused(visitor, credential="{}")
        visitor.press(credential=self.key.get(visitor.data("options")))
        assert visitor.response.request.path == "/account"

    def no_way(self) -> None:
        with Session(self.house.engine) as session:
            session.execute(update(Authenticator).values(disabled_at=self.house.now()))
            session.execute(update(RecoveryCode).values(used_at=self.house.now()))
            session.commit()
        self.house.give_password(self.house.visitor(), APP_USER)

    def arrive(self, *addresses: str) -> RelyingParty:
        """Somebody who is signed in, sent here by a relying party."""
        visitor = self.house.visitor()
        account = add_account(self.house.app, *addresses, given_name="Rosa", family_name="Okafor")
        sign_in(self.house.app, visitor.client, account)
        return RelyingParty(self.house.app, visitor.client)

    def consent(self) -> None:
        party = self.arrive("one@example.test")
        party.browser.get(party.authorize(scope="openid").location)
        assert party.code()
        assert party.browser.get("/account").status_code == 200
        make_older(self.house.app, Consent, timedelta(days=400))
        place = party.authorize()
        data = {**party.consent_fields(party.browser.get(place.location)), "decision": "decline"}
        assert party.browser.post("/consent", data=data).status_code == 303
        assert party.browser.post("/consent", data={**data, "request_key": "another"}).status_code == 409

    def several_addresses(self) -> None:
        party = self.arrive("home@example.test", "work@example.test")
        assert party.consent(party.authorize(), email="none of them").status_code == 422

    def refusals(self) -> None:
        party = self.arrive("round@example.test")
        unknown = RelyingParty(self.house.app, party.browser, settings=PUBLIC)
        assert unknown.authorize(client_id="nobody").status_code == 400
        assert unknown.authorize(redirect_uri="https://evil.example/").status_code == 400
        assert party.browser.get("/consent?i=nonsense").status_code == 400
        assert party.browser.get("/nothing").status_code == 404
        party.code()
        answers = [party.authorize().status_code for _ in range(11)]
        assert answers[-1] == 429
        gone = {"client_id": STRICT.client_id, "post_logout_redirect_uri": "https://evil.example/"}
        assert party.browser.get("/end-session?id_token_hint=nonsense").status_code == 400
        make_older(self.house.app, AuthorizationCode, timedelta(minutes=1))
        hint = party.tokens()["id_token"]
        assert party.browser.get("/end-session", query_string={**gone, "id_token_hint": hint}).status_code == 400

    def end_session(self) -> None:
        party = self.arrive("leaver@example.test")
        assert party.browser.get("/end-session").status_code == 200
        page = f"/end-session?client_id={STRICT.client_id}&post_logout_redirect_uri={BYE}"
        assert party.browser.submit("/end-session/confirm", page).status_code == 200  # type: ignore[attr-defined]

    def outbox(self) -> None:
        visitor = self.house.visitor()
        visitor.open("/outbox?to=nobody@example.test")
        self.house.messages()
        visitor.open("/outbox")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    running = make_house(tmp_path, clients=(STRICT, PUBLIC))
    speak(running.app, tmp_path / "translations")
    yield running
    running.close()


def templates() -> set[str]:
    return {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.*")}


def marked() -> Iterator[str]:
    """Every text of the service in the language, as an expression that finds it whatever its placeholders hold."""
    methods = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
    for _, _, message, _, _ in extract_from_dir(SERVICE, methods, keywords=KEYWORDS):
        forms = message if isinstance(message, tuple) else (message,)
        pieces = [PLACEHOLDER.split(pseudo(form))[::2] for form in forms if form]
        yield "|".join(".+?".join(map(re.escape, found)) for found in pieces)


def problem_words(house: House) -> list[str]:
    """All that can be wrong with an answer. Much of it takes a rare number, a long wait or a hundred tries to meet."""
    answers = (*(set(Check) - {Check.RIGHT}), WAIT, Disabled())
    with house.app.test_request_context():
        return [
            *(problems.code_words(answer, source) for answer in answers for source in SOURCES),
            *(problems.passkey_words(answer) for answer in answers),
            *map(problems.password_words, PasswordProblem),
            *map(problems.phone_words, PhoneProblem),
            *map(problems.delivery_words, Reason),
            problems.send_words(WAIT),
        ]


def test_every_page_and_message_speaks_the_language(house: House) -> None:
    loader, walk = Noting(house.app), Walk(house)
    with request_finished.connected_to(walk.note, house.app):
        walk.everywhere()
    for what, page in walk.seen:
        assert plain_words(page, DATA) == [], what
        assert "⟦" in page, what
    texts = [f"{message['subject'] or ''}\n{message['text']}" for message in house.messages()]
    for method in ("password", "recovery", "phone", "totp", "passkey"):
        with house.app.test_request_context():
            words = compose("authenticator_disabled", "email", at=house.now(), method=method, account_url=ORIGIN)
        texts.append(f"{words.subject}\n{words.text}")
    texts += problem_words(house)
    assert [line for text in texts for line in text.splitlines() if is_plain(line, DATA)] == []
    assert templates() - loader.used == set(), "a template that no visit above shows"
    shown = unescape("\n".join([page for _, page in walk.seen] + texts))
    assert [words for words in marked() if not re.search(words, shown)] == [], "words that no visit above shows"


class TestTheInstrument:
    """It knows what there is to show."""

    def test_reads_pages_messages_and_code(self) -> None:
        found = list(marked())
        for words in ("Phone ending in 05", "Your code:", "Use 8 characters or more", "ID.me stand-in"):
            assert not [one for one in found if re.fullmatch(one, words)], "as it stands in the source"
        for words, filled in (
            ("Phone ending in %(x)s", "05"),
            ("Your code:", ""),
            ("Use %(x)s characters or more", "8"),
        ):
            assert [one for one in found if re.fullmatch(one, pseudo(words).replace("%(x)s", filled))], words

    def test_finds_words_whatever_they_are_filled_with(self) -> None:
        assert [one for one in marked() if re.fullmatch(one, pseudo("9 left"))], "a plural, too"
