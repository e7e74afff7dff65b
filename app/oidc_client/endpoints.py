"""Which addresses may be called or redirected to: https, or http on this machine. Calling them is `http.py`'s work."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

_PRINTABLE = re.compile(r"[\x21-\x7e]+")


def is_safe(url: str) -> bool:
    """Whether `url` is absolute, https (or http on loopback), and free of credentials, fragments and odd characters."""
    parts = _split(url)
    if parts is None or parts.username is not None or parts.password is not None or "#" in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    parts = _split(url)
    if parts is None or parts.hostname is None:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def origin(url: str) -> str:
    """Scheme, host and port of `url`, as a content security policy writes an origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _split(url: str) -> SplitResult | None:
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError for a port that is no number
    except ValueError:
        return None
    return parts if parts.hostname else None
