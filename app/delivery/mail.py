"""Mail over SMTP: the letter and the conversation with the relay. Where the relay is stands in `mail_server`."""

import base64
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from app import clock
from app.delivery.mail_server import MailServer
from app.delivery.message import Message
from app.delivery.ports import DeliveryError, PermanentError, Reason, TemporaryError, UncertainError

_UTF8_LETTER = policy.SMTPUTF8.clone(cte_type="7bit")
_ASCII_LETTER = policy.SMTP.clone(cte_type="7bit")


@dataclass(frozen=True)
class Limits:
    """How long the relay may take, in seconds: for a step, to take a letter (it may scan it), and in all.

    The last stays below the worker's claim life.
    """

    step: float = 10
    taking: float = 30
    line: float = 45


class _Line(smtplib.SMTP):
    """A line that is cut after `limits.line`: a limit for each step would not end a server that drips bytes."""

    cut: threading.Timer | None = None

    def __init__(self, server: MailServer, limits: Limits, **options: Any) -> None:
        self.limits = limits
        super().__init__(server.host, server.port, _own_name(), timeout=limits.step, **options)

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        self.cut = threading.Timer(self.limits.line, self._hang_up)
        self.cut.daemon = True
        self.cut.start()
        try:
            return super().connect(host, port, source_address)
        except BaseException:
            self.cut.cancel()
            raise

    def wait_for_taking(self) -> None:
        """From here on the relay has the longer time."""
        if self.sock:
            self.sock.settimeout(self.limits.taking)

    def close(self) -> None:
        if self.cut:
            self.cut.cancel()
        super().close()

    def _hang_up(self) -> None:
        if self.sock:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class _SecureLine(_Line, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""


class MailPort:
    """Sends mail through one relay, a connection a letter.

    `url` is `QAAMS_MAIL_URL` (see `MailServer.parse`), `sender` is `QAAMS_MAIL_FROM`. ValueError when either cannot
    be used. STARTTLS is used wherever it is offered, and certificates are checked, save on the machine itself.
    """

    def __init__(
        self,
        url: str,
        sender: str,
        *,
        now: Callable[[], datetime] = clock.now,
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._server = MailServer.parse(url)
        name, address = parseaddr(sender)
        self._sender = _ascii_domain(address)
        if not self._sender.addr_spec.isascii():
            raise ValueError("the sender's address is ASCII before the @")
        self._from = Address(name, self._sender.username, self._sender.domain)
        self._now = now
        self._tls = tls or ssl.create_default_context()
        self._limits = limits or Limits()

    def send(self, message: Message) -> None:
        """Hand one letter to the relay.

        PermanentError: 5xx replies, addresses that are none. TemporaryError: 4xx replies, no connection, no sign-in,
        a line too unsafe for the password. UncertainError: the line broke after the letter had begun.
        """
        try:
            recipient = _ascii_domain(message.to)
        except ValueError as error:
            raise PermanentError(Reason.ADDRESS_REFUSED) from error
        letter = self._letter(message, recipient)
        with _told_as(TemporaryError):
            line = self._open()
        try:
            with _told_as(TemporaryError):
                self._make_safe(line)
                self._sign_in(line)
                self._address(line, recipient)
            with _told_as(UncertainError):
                line.wait_for_taking()
                _expect(Reason.MESSAGE_REFUSED, *line.data(letter))
        finally:
            # No QUIT: the letter's fate is settled, and a relay that is slow to say goodbye would hold up the next.
            line.close()

    def _letter(self, message: Message, recipient: Address) -> bytes:
        letter = EmailMessage(_ASCII_LETTER if recipient.addr_spec.isascii() else _UTF8_LETTER)
        letter["From"] = self._from
        letter["To"] = recipient
        letter["Subject"] = message.subject
        letter["Date"] = format_datetime(self._now())
        letter["Message-ID"] = f"<{message.id}@{self._sender.domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text, charset="utf-8", cte=None if message.text.isascii() else "quoted-printable")
        return letter.as_bytes()

    def _open(self) -> _Line:
        if self._server.tls:
            return _SecureLine(self._server, self._limits, context=self._tls)
        return _Line(self._server, self._limits)

    def _make_safe(self, line: _Line) -> None:
        line.ehlo_or_helo_if_needed()
        if self._server.tls:
            return
        if line.has_extn("starttls"):
            line.starttls(context=_unchecked() if self._server.is_local else self._tls)
            line.ehlo_or_helo_if_needed()
        elif self._server.username and not self._server.is_local:
            raise TemporaryError(Reason.UNSAFE_LINE)

    def _sign_in(self, line: _Line) -> None:
        server = self._server
        if server.username is None:
            return
        try:
            if (server.username + server.password).isascii():
                line.login(server.username, server.password)
            else:
                # RFC 4616 speaks UTF-8; smtplib's own sign-in only ASCII.
                plain = base64.b64encode(f"\0{server.username}\0{server.password}".encode()).decode()
                _expect(Reason.SIGN_IN_REFUSED, *line.docmd("AUTH", f"PLAIN {plain}"))
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, PermanentError) as error:
            # The operator can put a password right: the letters wait for it.
            raise TemporaryError(Reason.SIGN_IN_REFUSED) from error

    def _address(self, line: _Line, recipient: Address) -> None:
        options = []
        if not recipient.addr_spec.isascii():
            if not line.has_extn("smtputf8"):
                raise PermanentError(Reason.ADDRESS_REFUSED)
            options = ["SMTPUTF8"]
        _expect(Reason.MESSAGE_REFUSED, *line.mail(self._sender.addr_spec, options))
        _expect(Reason.ADDRESS_REFUSED, *line.rcpt(recipient.addr_spec))


def _ascii_domain(address: str) -> Address:
    """One address and nothing else, its domain as DNS knows it (RFC 5890). ValueError otherwise."""
    name, _, domain = address.rpartition("@")
    try:
        # The parser knows only ASCII names, so that letters of other scripts (RFC 6532) are shown to it as x.
        shape = "".join(letter if letter.isascii() or not letter.isprintable() else "x" for letter in name)
        parsed = Address(addr_spec=f"{shape}@{domain.encode('idna').decode('ascii')}")
    except (ValueError, IndexError, MessageError) as error:
        raise ValueError("this is not an address") from error
    if not parsed.username or not parsed.domain:
        raise ValueError("this is not an address")
    return parsed if name.isascii() else Address(username=name, domain=parsed.domain)


def _own_name() -> str:
    """What we call ourselves in EHLO. smtplib's own way asks DNS, which can take longer than the rest together."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _unchecked() -> ssl.SSLContext:
    """For a relay on this machine, whose certificate is often made by itself: no worse than the clear line."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _expect(reason: Reason, status: int, _words: object = None) -> None:
    """Raise what a refusing reply means. The relay's words may repeat an address: they go nowhere."""
    if 200 <= status < 300:
        return
    if 500 <= status < 600:
        raise PermanentError(reason)
    raise TemporaryError(Reason.UNAVAILABLE)


@contextmanager
def _told_as(broken: type[DeliveryError]) -> Iterator[None]:
    """Put smtplib's errors into our terms; `broken` is what a line that broke here means."""
    try:
        yield
    except smtplib.SMTPDataError as error:
        _expect(Reason.MESSAGE_REFUSED, error.smtp_code)
        raise TemporaryError(Reason.UNAVAILABLE) from error
    except smtplib.SMTPResponseException as error:
        # A relay that is not in order (greeting, EHLO, STARTTLS) says nothing about this letter.
        raise TemporaryError(Reason.UNAVAILABLE) from error
    except (OSError, UnicodeError, ValueError) as error:
        raise broken(Reason.UNAVAILABLE) from error
