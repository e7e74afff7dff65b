"""The one form in which every provider's answer leaves this package. Whom it belongs to here is decided elsewhere."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_TEXT_LIMIT = 255
_LIST_LIMIT = 16
_JOINERS = "\u200c\u200d"  # Persian and Indic names are spelt with them; other invisible letters mislead


@dataclass(frozen=True)
class ProviderIdentity:
    """A person as the provider `provider` knows them; (`issuer`, `subject`) is the key and nothing else is.

    `emails` are the addresses the provider confirmed, `email` the one it puts first (None: none confirmed). `aal` is
    the authenticator assurance level (1 to 3) and `phishing_resistant` the quality the provider stated for this very
    authentication; None means that it stated nothing, and must not be read as a promise. `auth_time` is aware UTC.
    """

    provider: str
    issuer: str
    subject: str
    email: str | None = field(repr=False)
    emails: tuple[str, ...] = field(repr=False)
    aal: int | None
    phishing_resistant: bool | None
    auth_time: datetime | None
    acr: str | None
    amr: tuple[str, ...]
    given_name: str | None = field(repr=False)
    family_name: str | None = field(repr=False)


def text_of(value: Any) -> str | None:
    """A claim as one line of at most 255 characters, or None when it is anything else."""
    if not isinstance(value, str):
        return None
    text = " ".join(value.split())
    fits = 0 < len(text) <= _TEXT_LIMIT and all(letter.isprintable() or letter in _JOINERS for letter in text)
    return text if fits else None


def texts_of(value: Any) -> tuple[str, ...]:
    """A claim that is a list of short texts; what is not is left out."""
    if not isinstance(value, list):
        return ()
    return tuple(text for item in value[:_LIST_LIMIT] if (text := text_of(item)) is not None)


def time_of(value: Any) -> datetime | None:
    """A NumericDate as aware UTC, or None when it is absent or no such date."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
