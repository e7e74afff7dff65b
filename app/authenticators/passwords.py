"""Passwords: hashing and checking with Argon2id, and the rule a new password must meet.

Hashes brought from elsewhere are in `imported_hashes`, the list of common passwords in `blocklist`, waiting after
failures in `throttle`. The words that tell a person what is wrong stand in templates.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.authenticators.blocklist import is_common
from app.authenticators.hashing_slot import hashing_slot

SHORTEST: Final = 8
"""Characters. SP 800-63B-4 §3.1.1.2 asks 15 of a password that stands alone; ours never does."""

LONGEST: Final = 128
"""Characters of a new password; twice what SP 800-63B-4 §3.1.1.2 says a verifier should allow at least."""

LONGEST_TRIED: Final = 1024
"""Characters that are hashed at all when a password is checked; more is simply wrong."""

PASSES: Final = 2
MEMORY_KIB: Final = 19 * 1024
LANES: Final = 1
HASH_BYTES: Final = 32

_HASHER: Final = PasswordHasher(
    time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, hash_len=HASH_BYTES, salt_len=16
)

_SERVICE_WORDS: Final = (
    "qaams", "id.me", "idme", "irs", "irs.gov", "login.gov", "internal revenue service",
    "qualified intermediary", "qi", "wp", "wt",
)  # fmt: skip

_KEYBOARD_RUNS: Final = (
    "01234567890123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb",
    "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
)  # fmt: skip

_LONGEST_REPEATED_UNIT: Final = 4
_SHORTEST_OWN_WORD: Final = 3


class PasswordProblem(Enum):
    """Why a new password is refused; SP 800-63B-4 §3.1.1.2 asks that the reason be told."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    OWN_WORD = "own_word"
    SERVICE_WORD = "service_word"
    REPEATED = "repeated"
    SEQUENCE = "sequence"
    COMMON = "common"


def check_new(password: str, *, own_words: Iterable[str] = ()) -> PasswordProblem | None:
    """Say why this password may not be chosen, or None when it may.

    `own_words` are the person's e-mail addresses, username and names. The whole password is compared, never a part
    of it, and no mixture of characters is demanded (SP 800-63B-4 §3.1.1.2). Lengths count characters after NFC.
    """
    length = len(normalise(password))
    if length < SHORTEST:
        return PasswordProblem.TOO_SHORT
    if length > LONGEST:
        return PasswordProblem.TOO_LONG
    text = _comparable(password)
    core = _core(text)
    if core and core in _cores(_SERVICE_WORDS):
        return PasswordProblem.SERVICE_WORD
    if _is_own(text, core, own_words):
        return PasswordProblem.OWN_WORD
    return _weakness(text)


def normalise(password: str) -> str:
    """The form that is counted and hashed: Unicode NFC, so that é typed on any keyboard is the same é.

    SP 800-63B-4 §3.1.1.2 asks for normalisation; NFKC is not used because it would make different passwords equal.
    """
    return unicodedata.normalize("NFC", password)


def _comparable(text: str) -> str:
    """A looser form for comparing with lists only: full-width letters and capitals do not make a word a secret."""
    return unicodedata.normalize("NFKC", text).casefold()


def _core(comparable: str) -> str:
    """The word inside: digits and signs at both ends and separators within are dropped ('Jane.Doe-2024' → janedoe)."""
    trimmed = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", comparable)
    return re.sub(r"[\W_]+", "", trimmed)


def _cores(words: Iterable[str]) -> set[str]:
    return {_core(_comparable(word)) for word in words}


def _is_own(text: str, core: str, own_words: Iterable[str]) -> bool:
    parts = {part for word in own_words for part in _parts(_comparable(word)) if len(part) >= _SHORTEST_OWN_WORD}
    return text in parts or (len(core) >= _SHORTEST_OWN_WORD and core in _cores(parts))


def _parts(word: str) -> Iterator[str]:
    """A word, and for an e-mail address its local part, its domain and the pieces of both but the last label."""
    local, at, domain = word.partition("@")
    yield word
    yield local
    yield from re.split(r"[\W_]+", local)
    if at:
        yield domain
        yield from domain.split(".")[:-1]


def _weakness(text: str) -> PasswordProblem | None:
    if any(_repeats(text, unit) for unit in range(1, _LONGEST_REPEATED_UNIT + 1)):
        return PasswordProblem.REPEATED
    if _is_sequence(text):
        return PasswordProblem.SEQUENCE
    if is_common(text):
        return PasswordProblem.COMMON
    return None


def _repeats(text: str, unit: int) -> bool:
    return text == (text[:unit] * len(text))[: len(text)]


def _is_sequence(text: str) -> bool:
    """Neighbours in the alphabet or on a keyboard, forwards or backwards, from the first character to the last."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1}) or any(text in run or text in run[::-1] for run in _KEYBOARD_RUNS)


def hash_password(password: str) -> str:
    """An Argon2id hash in PHC form (19 MiB, two passes, one lane) of the normalised password."""
    with hashing_slot():
        return _HASHER.hash(_octets(password))


def verify(password: str, encoded: str) -> bool:
    """Whether the password is the one this hash of ours was made of; False too for a hash that cannot be read.

    The hash's own parameters are obeyed, so pass only hashes that `hash_password` made or `imported_hashes.recognise`
    accepted.
    """
    if len(password) > LONGEST_TRIED:
        return False
    try:
        with hashing_slot():
            return _HASHER.verify(encoded, _octets(password))
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def verify_nobody(password: str) -> bool:
    """Spend what one verification costs where there is no account to verify against. Always False.

    Keeps an unknown username as slow as a known one, also when threads wait for the slot (ASVS 6.3.8).
    """
    verify(password, _nobodys_hash())
    return False


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe(32))


def needs_rehash(encoded: str) -> bool:
    """Whether a hash was made with other parameters than today's, and should be replaced at the next sign-in."""
    try:
        return _HASHER.check_needs_rehash(encoded)
    except (InvalidHashError, UnicodeEncodeError):
        return True


def _octets(password: str) -> bytes:
    # A lone surrogate can arrive through JSON; it must make a wrong password, not an error.
    return normalise(password).encode("utf-8", "surrogatepass")
