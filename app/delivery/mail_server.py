"""Where the mail relay is, read from its URL. What is said to it stands in `mail`."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

_DEFAULT_PORTS = {"smtp": 25, "smtps": 465}
_SUBMISSION_PORT = 587


@dataclass(frozen=True)
class MailServer:
    """A relay: `tls` means TLS from the first byte (RFC 8314); without it STARTTLS is used when offered."""

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> "MailServer":
        """Read `smtp://user:pass@host:port` or `smtps://…`, user and password percent-encoded.

        The port is 25, with a user 587, and 465 for smtps, unless given. ValueError, whose text never repeats the
        URL since it may hold a password.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
            username = unquote(parts.username, errors="strict") if parts.username else None
            password = unquote(parts.password or "", errors="strict")
        except ValueError:
            raise ValueError("the mail URL cannot be read: smtp://user:pass@host:port is expected") from None
        if parts.scheme not in _DEFAULT_PORTS or not host:
            raise ValueError("the mail URL starts with smtp:// or smtps:// and names a host")
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError("the mail URL ends after the port; percent-encode / ? # in user and password")
        if password and not username:
            raise ValueError("the mail URL has a password without a user")
        if any(ord(letter) < 32 for letter in (username or "") + password):
            raise ValueError("the mail URL's user and password hold no control characters")
        default = _SUBMISSION_PORT if username and parts.scheme == "smtp" else _DEFAULT_PORTS[parts.scheme]
        return cls(host, port if port is not None else default, parts.scheme == "smtps", username, password)

    @property
    def is_local(self) -> bool:
        """Whether the relay is on this machine, so that nobody on the way can read along."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False
