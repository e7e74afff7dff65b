"""E-mail addresses out of claims: syntax and number only. Whether one was confirmed is the adapters' judgement."""

from collections.abc import Iterable
from typing import Any

from email_validator import EmailNotValidError, validate_email

ADDRESS_LIMIT = 10
_LENGTH_LIMIT = 254  # characters, RFC 5321 §4.5.3.1.3


def clean_addresses(values: Iterable[Any]) -> tuple[str, ...]:
    """The well-formed addresses among `values`, in order, each once whatever its case, at most ten."""
    found: dict[str, str] = {}
    for value in values:
        address = clean_address(value)
        if address is not None:
            found.setdefault(address.casefold(), address)
        if len(found) == ADDRESS_LIMIT:
            break
    return tuple(found.values())


def clean_address(value: Any) -> str | None:
    """The address with its domain in lower case, or None when it is none. No name is resolved."""
    if not isinstance(value, str) or len(value) > _LENGTH_LIMIT:
        return None
    try:
        # test_environment admits the reserved ".test", which can reach nobody.
        return validate_email(value.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


def first_of(address: Any, confirmed: tuple[str, ...]) -> str | None:
    """`address` as it stands among the confirmed ones; else the first confirmed one; else None."""
    cleaned = clean_address(address)
    if cleaned is not None:
        for candidate in confirmed:
            if candidate.casefold() == cleaned.casefold():
                return candidate
    return confirmed[0] if confirmed else None
