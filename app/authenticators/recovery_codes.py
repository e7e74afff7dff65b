"""Recovery codes: a sheet of ten secrets that a person keeps for the day everything else is lost.

Each is used once; striking it out, telling the person and asking for a new sheet are the caller's.

A code is 80 random bits in 16 characters: more than the 64 that SP 800-63B-4 §4.2 asks of a saved recovery code, and
short enough to be typed from paper. Below 112 bits §3.1.2 demands a salted password hash, so the codes are hashed with
Argon2id; only from 23 characters on would a fast hash do. One salt serves a sheet: a check costs one Argon2 for all
its codes, and a second salt would protect nothing that 80 random bits leave open.
"""

import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from argon2.low_level import Type, hash_secret_raw

from app.authenticators.hashing_slot import hashing_slot
from app.authenticators.passwords import HASH_BYTES, LANES, MEMORY_KIB, PASSES

CODES: Final = 10
CHARACTERS: Final = 16
GROUP: Final = 4
SALT_BYTES: Final = 16

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O, U."""
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_LONGEST_TYPED: Final = 64


@dataclass(frozen=True)
class Sheet:
    """A fresh sheet: `codes` are shown once and kept nowhere; `salt` and `hashes`, in the same order, are stored."""

    codes: tuple[str, ...]
    salt: bytes
    hashes: tuple[bytes, ...]

    def __repr__(self) -> str:
        return f"Sheet({len(self.codes)} codes)"


def issue(count: int = CODES) -> Sheet:
    """Make a sheet of `count` codes; about 20 ms of work for each."""
    salt = secrets.token_bytes(SALT_BYTES)
    plain = ["".join(secrets.choice(_ALPHABET) for _ in range(CHARACTERS)) for _ in range(count)]
    return Sheet(tuple(_grouped(code) for code in plain), salt, tuple(_slow_hash(code, salt) for code in plain))


def verify(typed: str, *, salt: bytes, hashes: Sequence[bytes | None]) -> int | None:
    """The place on the sheet of the code that was typed, or None. A used code's place holds None and never matches.

    All places are compared, in constant time.
    """
    code = normalise(typed)
    if code is None:
        return None
    made = _slow_hash(code, salt)
    places = [place for place, kept in enumerate(hashes) if kept is not None and hmac.compare_digest(kept, made)]
    return places[0] if places else None


def normalise(typed: str) -> str | None:
    """The 16 characters from what was typed or pasted, or None: any case, any grouping, O read as 0, I and L as 1."""
    if len(typed) > _LONGEST_TYPED:
        return None
    capitals = unicodedata.normalize("NFKC", typed).upper()
    text = "".join(character for character in capitals if character.isalnum()).translate(_READ_AS)
    if len(text) != CHARACTERS or not set(text) <= set(_ALPHABET):
        return None
    return text


def _grouped(code: str) -> str:
    return "-".join(code[start : start + GROUP] for start in range(0, CHARACTERS, GROUP))


def _slow_hash(code: str, salt: bytes) -> bytes:
    with hashing_slot():
        return hash_secret_raw(code.encode("ascii"), salt, PASSES, MEMORY_KIB, LANES, HASH_BYTES, Type.ID)
