"""Six-digit codes that are sent to a person: issuing, hashing, checking.

Sending is `delivery`'s, counting failures `throttle`'s, using a code only once the caller's (erase its row in the
transaction that accepts it). Codes of an authenticator app are in `totp`.
"""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

DIGITS: Final = 6
LIFETIME: Final = timedelta(minutes=10)
"""SP 800-63B-4 §3.1.3: an out-of-band code is good for at most ten minutes."""

_LONGEST_TYPED: Final = 64
_IGNORED: Final = {"Zs", "Cc", "Cf", "Pd"}
"""Unicode categories: spaces, line ends, invisible marks (some mail programs add them to a pasted code), dashes."""


@dataclass(frozen=True)
class IssuedCode:
    """A fresh code: `code` goes into the message and nowhere else, the rest into the row."""

    code: str
    keyed_hash: bytes
    expires_at: datetime

    def __repr__(self) -> str:
        return f"IssuedCode(expires_at={self.expires_at.isoformat()})"


class CodeCheck(Enum):
    """What became of a typed code. Only WRONG is a failure to count."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    EXPIRED = "expired"
    NOT_A_CODE = "not_a_code"


def issue(*, key: bytes, salt_id: str, now: datetime, lifetime: timedelta = LIFETIME) -> IssuedCode:
    """Make a code of six random digits, good until `now + lifetime`.

    `salt_id` names the request that the code belongs to and must be unique to it: a code is worth nothing for another
    request (ASVS 6.6.2). `key` comes from the keyring: six digits need a secret beside them to be safe at rest.
    """
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    return IssuedCode(code, _keyed_hash(code, key, salt_id), now + lifetime)


def verify(
    typed: str, *, key: bytes, salt_id: str, keyed_hash: bytes, expires_at: datetime, now: datetime
) -> CodeCheck:
    """Compare, in constant time, what a person typed with the code that was issued for this request.

    A right code that came too late is EXPIRED, a wrong one WRONG whenever it comes, so that waiting for the end does
    not make guesses free.
    """
    code = normalise(typed)
    if code is None:
        return CodeCheck.NOT_A_CODE
    if not hmac.compare_digest(_keyed_hash(code, key, salt_id), keyed_hash):
        return CodeCheck.WRONG
    return CodeCheck.ACCEPTED if now < expires_at else CodeCheck.EXPIRED


def normalise(typed: str) -> str | None:
    """Six ASCII digits from what was typed or pasted, or None.

    Spaces and dashes are dropped; full-width and other scripts' digits become ASCII.
    """
    if len(typed) > _LONGEST_TYPED:
        return None
    kept = [character for character in typed if unicodedata.category(character) not in _IGNORED]
    digits = [unicodedata.decimal(character, None) for character in kept]
    if len(digits) != DIGITS or None in digits:
        return None
    return "".join(str(digit) for digit in digits)


def _keyed_hash(code: str, key: bytes, salt_id: str) -> bytes:
    return hmac.new(key, f"one-time-code\0{salt_id}\0{code}".encode(), hashlib.sha256).digest()
