"""What can be sent, and what is refused before it is ever queued."""

import pytest

from app.delivery.message import Message, first_link


def test_a_link_is_found_in_the_text() -> None:
    message = Message(
        "email", "ro@example.com", "Hi", "Open (https://a.example/x?y=1). Not https://b.example", kind="code"
    )
    assert message.link == "https://a.example/x?y=1"


def test_a_given_link_stands() -> None:
    message = Message("sms", "+12025550143", None, "https://a.example", None, "https://b.example", kind="notice")
    assert message.link == "https://b.example"


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("no link", None),
        ("/relative/path", None),
        ("ftp://x.example", None),
        ("Go to http://localhost:8001/verify?t=a-b_c~d, please.", "http://localhost:8001/verify?t=a-b_c~d"),
        ("<https://x.example/p>", "https://x.example/p"),
        ("line\nhttps://x.example/p\nline", "https://x.example/p"),
    ],
)
def test_the_first_absolute_address_is_the_link(text: str, link: str | None) -> None:
    assert first_link(text) == link


def test_each_message_has_an_id_of_its_own() -> None:
    first, second = (Message("voice", "+12025550143", None, "Hello", kind="notice") for _ in range(2))
    assert first.id != second.id


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "ro@example.com\r\nBcc: x@example.com"},
        {"to": ""},
        {"subject": "Hi\nBcc: x@example.com"},
        {"subject": "Hi\u2028there"},
        {"subject": None},
        {"subject": ""},
        {"channel": "sms"},
        {"channel": "post"},
        {"kind": "advert"},
        {"id": "<a@b>"},
        {"code": "123456", "kind": "notice"},
    ],
)
def test_what_cannot_be_sent_as_meant_is_refused(fields: dict[str, str | None]) -> None:
    good = {"channel": "email", "to": "ro@example.com", "subject": "Hi", "text": "Hello", "kind": "notice"}
    Message(**good)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"message|mail|recipient"):
        Message(**(good | fields))  # type: ignore[arg-type]


def test_its_printed_form_shows_no_secret() -> None:
    message = Message("sms", "+12025550143", None, "Your code is 012345 https://x.example", "012345", kind="code")
    assert "012345" not in repr(message)
    assert "x.example" not in repr(message)
