"""Mail through a real SMTP server: what arrives, signing in, TLS, and what refusals mean."""

import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope

from app.delivery.mail import Limits, MailPort
from app.delivery.message import Message
from app.delivery.ports import DeliveryError, PermanentError, Reason, TemporaryError, UncertainError
from tests.delivery.office import NOON, notice_by_mail
from tests.delivery.relay import ELSEWHERE, Clerk, bad_relay, certificate, relay

pytestmark = pytest.mark.enable_socket
QUICK = Limits(step=0.3, taking=0.6, line=4)


def port_to(port: int, who: str = "", host: str = "127.0.0.1", **options: Any) -> MailPort:
    options = {"limits": QUICK} | options
    return MailPort(f"smtp://{who}{host}:{port}", "QAAMS <no-reply@portal.example.com>", now=lambda: NOON, **options)


def letter(clerk: Clerk) -> EmailMessage:
    (envelope,) = clerk.letters
    parsed = message_from_bytes(raw(envelope), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def raw(envelope: Envelope) -> bytes:
    assert isinstance(envelope.content, bytes)
    return envelope.content


def test_a_letter_arrives_as_it_was_meant() -> None:
    text = "Grüße, 你好\n.\n..dots\nhttps://portal.example.com/" + "x" * 200 + "\n"
    subject = "Prüfung: 确认" + " long" * 30
    message = Message("email", "ro@example.com", subject, text, kind="notice")
    clerk = Clerk()
    with relay(clerk) as port:
        port_to(port).send(message)
    got = letter(clerk)
    assert got.get_content().replace("\r\n", "\n") == text
    assert got["Subject"] == subject
    assert got["To"] == "ro@example.com"
    assert got["From"] == "QAAMS <no-reply@portal.example.com>"
    assert got["Message-ID"] == f"<{message.id}@portal.example.com>"
    assert got["Date"] == "Wed, 31 Mar 2027 12:00:00 +0000"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got.get_content_type() == "text/plain"
    assert (clerk.letters[0].mail_from, clerk.letters[0].rcpt_tos) == (
        "no-reply@portal.example.com",
        ["ro@example.com"],
    )
    assert all(len(line) <= 998 and line.isascii() for line in raw(clerk.letters[0]).split(b"\r\n"))


def test_a_letter_sent_again_has_the_same_message_id() -> None:
    message, clerk = notice_by_mail(), Clerk()
    with relay(clerk) as port:
        port_to(port).send(message)
        port_to(port).send(message)
    ids = [message_from_bytes(raw(sent))["Message-ID"] for sent in clerk.letters]
    assert ids == [f"<{message.id}@portal.example.com>"] * 2


def test_a_domain_in_another_script_is_put_as_dns_knows_it() -> None:
    clerk = Clerk()
    with relay(clerk) as port:
        port_to(port).send(notice_by_mail("ro@bücher.example"))
    assert clerk.letters[0].rcpt_tos == ["ro@xn--bcher-kva.example"]


@pytest.mark.parametrize("offered", [True, False])
def test_a_name_in_another_script_needs_a_relay_that_takes_it(*, offered: bool) -> None:
    clerk = Clerk()
    with relay(clerk, enable_SMTPUTF8=offered) as port:
        if offered:
            port_to(port).send(notice_by_mail("jörg@example.com"))
            assert clerk.letters[0].rcpt_tos == ["jörg@example.com"]
            assert letter(clerk)["To"] == "jörg@example.com"
        else:
            with pytest.raises(PermanentError):
                port_to(port).send(notice_by_mail("jörg@example.com"))
            assert clerk.letters == []


@pytest.mark.parametrize(
    "to",
    ["ro", "@example.com", "ro@", "a@b@c", "a@example.com, b@example.com", "Ro <ro@example.com>", "a b@example.com"],
)
def test_what_is_not_one_address_never_reaches_the_relay(to: str) -> None:
    with bad_relay() as port, pytest.raises(PermanentError) as refused:
        port_to(port).send(notice_by_mail(to))
    assert refused.value.reason is Reason.ADDRESS_REFUSED


@pytest.mark.parametrize("sender", ["", "QAAMS", "QAAMS <>", "jörg@example.com"])
def test_a_sender_that_is_no_address_is_refused_at_the_start(sender: str) -> None:
    with pytest.raises(ValueError, match=r"address|sender"):
        MailPort("smtp://localhost", sender)


@pytest.mark.parametrize(
    ("step", "answer", "error", "reason"),
    [
        ("MAIL", "451 later", TemporaryError, Reason.UNAVAILABLE),
        ("MAIL", "550 not you", PermanentError, Reason.MESSAGE_REFUSED),
        ("RCPT", "450 full ro@example.com", TemporaryError, Reason.UNAVAILABLE),
        ("RCPT", "421 closing", TemporaryError, Reason.UNAVAILABLE),
        ("RCPT", "550 unknown ro@example.com", PermanentError, Reason.ADDRESS_REFUSED),
        ("DATA", "452 later", TemporaryError, Reason.UNAVAILABLE),
        ("DATA", "554 spam", PermanentError, Reason.MESSAGE_REFUSED),
    ],
)
def test_a_refusal_says_whether_to_try_again(
    step: str, answer: str, error: type[DeliveryError], reason: Reason
) -> None:
    clerk = Clerk(answers={step: answer})
    with relay(clerk) as port, pytest.raises(error) as refused:
        port_to(port).send(notice_by_mail())
    assert refused.value.reason is reason
    assert "example.com" not in str(refused.value)


@pytest.mark.parametrize("password", ["p/:% word", "pässword"])
def test_signing_in(password: str) -> None:
    clerk = Clerk(password=password.encode())
    quoted = "".join(f"%{byte:02X}" for byte in password.encode())
    with relay(clerk, authenticator=clerk.authenticate, auth_require_tls=False) as port:
        port_to(port, f"qaams%40example.com:{quoted}@").send(notice_by_mail())
        assert len(clerk.letters) == 1
        assert clerk.signed_in[0].login == b"qaams@example.com"
        with pytest.raises(TemporaryError) as refused:
            port_to(port, "qaams:wrong@").send(notice_by_mail())
    assert refused.value.reason is Reason.SIGN_IN_REFUSED
    assert len(clerk.letters) == 1


def test_a_relay_that_offers_no_sign_in_gets_no_letter() -> None:
    clerk = Clerk()
    with relay(clerk, auth_exclude_mechanism=["PLAIN", "LOGIN"]) as port, pytest.raises(TemporaryError):
        port_to(port, "qaams:secret@").send(notice_by_mail())
    assert clerk.letters == []


def test_a_password_does_not_travel_in_the_clear() -> None:
    clerk = Clerk(password=b"secret")
    options = {"authenticator": clerk.authenticate, "auth_require_tls": False}
    with relay(clerk, **options) as port, pytest.raises(TemporaryError) as refused:
        port_to(port, "qaams:secret@", ELSEWHERE).send(notice_by_mail())
    assert refused.value.reason is Reason.UNSAFE_LINE
    assert (clerk.signed_in, clerk.letters) == ([], [])


def test_starttls_is_used_where_it_is_offered(tmp_path: Path) -> None:
    server, client = certificate(tmp_path)
    clerk = Clerk(password=b"secret")
    with relay(clerk, authenticator=clerk.authenticate, tls_context=server, require_starttls=True) as port:
        port_to(port, "qaams:secret@", ELSEWHERE, tls=client).send(notice_by_mail())
    assert clerk.secured == [True]
    assert len(clerk.signed_in) == 1


def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    server, _ = certificate(tmp_path)
    clerk = Clerk(password=b"secret")
    with relay(clerk, authenticator=clerk.authenticate, tls_context=server) as port, pytest.raises(TemporaryError):
        port_to(port, "qaams:secret@", ELSEWHERE).send(notice_by_mail())
    assert (clerk.signed_in, clerk.letters) == ([], [])


def test_a_relay_on_this_machine_may_vouch_for_itself(tmp_path: Path) -> None:
    server, _ = certificate(tmp_path)
    clerk = Clerk()
    with relay(clerk, tls_context=server) as port:
        port_to(port).send(notice_by_mail())
    assert clerk.secured == [True]


@pytest.mark.parametrize("trusted", [True, False])
def test_tls_from_the_first_byte(tmp_path: Path, *, trusted: bool) -> None:
    server, client = certificate(tmp_path)
    clerk = Clerk()
    with relay(clerk, ssl_context=server) as port:
        sender = MailPort(f"smtps://{ELSEWHERE}:{port}", "no-reply@portal.example.com", tls=client if trusted else None)
        if trusted:
            sender.send(notice_by_mail())
        else:
            with pytest.raises(TemporaryError):
                sender.send(notice_by_mail())
    assert len(clerk.letters) == trusted


def test_nobody_there() -> None:
    with bad_relay() as port:
        pass
    with pytest.raises(TemporaryError):
        port_to(port).send(notice_by_mail())


HELLO = b"220 relay\r\n"
OK = b"250 OK\r\n"


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ([], TemporaryError),
        ([b""], TemporaryError),
        ([b"554 go away\r\n"], TemporaryError),
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], TemporaryError),
        ([b"\xff\xfe\x00" * 9000], TemporaryError),
        ([HELLO], TemporaryError),
        ([HELLO, OK, OK], TemporaryError),
        ([HELLO, OK, OK, OK, b"554 no\r\n"], PermanentError),
        ([HELLO, OK, OK, OK, b"354 go\r\n"], UncertainError),
        ([HELLO, OK, OK, OK, b"354 go\r\n", b""], UncertainError),
    ],
)
def test_a_relay_that_falls_silent_or_talks_nonsense(lines: list[bytes], error: type[DeliveryError]) -> None:
    started = time.monotonic()
    with bad_relay(*lines) as port, pytest.raises(DeliveryError) as failure:
        port_to(port).send(notice_by_mail())
    assert type(failure.value) is error
    assert time.monotonic() - started < QUICK.line


def test_a_relay_that_drips_is_cut_off() -> None:
    started = time.monotonic()
    with bad_relay(b"220-" + b"x" * 100, drip=0.1) as port, pytest.raises(TemporaryError):
        port_to(port, limits=Limits(step=1, taking=1, line=0.5)).send(notice_by_mail())
    assert time.monotonic() - started < 5
