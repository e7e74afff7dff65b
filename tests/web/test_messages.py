"""Messages from templates: a mail's subject and text are apart, and nothing a person wrote gets into its header."""

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader, TemplateNotFound, UndefinedError

from app.web.messages import compose
from tests.web.bare import bare_app

TEMPLATES = {
    "messages/hello.email.txt": (
        "Subject: {{ _('Hello %(name)s', name=name) }}\n\nDear {{ name }},\n\nyour code: {{ code }}\n\n"
    ),
    "messages/hello.sms.txt": "\n  {{ code }} is your code. Subject: none\n",
}


@pytest.fixture
def app() -> Flask:
    app = bare_app()
    assert app.jinja_loader is not None
    app.jinja_loader = ChoiceLoader([DictLoader(TEMPLATES), app.jinja_loader])
    return app


def test_a_mail_has_subject_and_text(app: Flask) -> None:
    with app.test_request_context():
        message = compose("hello", "email", "a@example.org", kind="code", code="012345", name="O'Hara & <Söhne>")
    assert message.subject == "Hello O'Hara & <Söhne>", "plain text, so nothing is escaped"
    assert message.text == "Dear O'Hara & <Söhne>,\n\nyour code: 012345\n"
    assert (message.channel, message.to, message.kind, message.code) == ("email", "a@example.org", "code", "012345")


def test_a_text_message_has_no_subject(app: Flask) -> None:
    with app.test_request_context():
        message = compose("hello", "sms", "+41791234567", kind="code", code="012345", name="x")
    assert (message.subject, message.text) == (None, "012345 is your code. Subject: none\n")


def test_a_line_break_in_a_name_does_not_make_a_header(app: Flask) -> None:
    with app.test_request_context():
        message = compose("hello", "email", "a@example.org", name="x\r\nBcc: b@example.org")
    assert message.subject is not None
    assert "\n" not in message.subject
    assert "\r" not in message.subject


def test_each_message_has_an_id_of_its_own(app: Flask) -> None:
    with app.test_request_context():
        ids = {compose("hello", "sms", "+41791234567", name="x").id for _ in range(10)}
    assert len(ids) == 10


@pytest.mark.parametrize(("name", "channel"), [("hello", "voice"), ("other", "sms")])
def test_a_message_without_words_is_a_fault(app: Flask, name: str, channel: str) -> None:
    with app.test_request_context(), pytest.raises(TemplateNotFound):
        compose(name, channel, "+41791234567")  # type: ignore[arg-type]


def test_a_word_that_was_forgotten_is_a_fault(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(UndefinedError):
        compose("hello", "email", "a@example.org")
