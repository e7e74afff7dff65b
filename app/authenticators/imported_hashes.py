"""Password hashes that came with the usernames file: recognising, checking and timing them.

New hashes are made in `passwords`; replacing an old one at its first use is the flow's. A row of the file is not
trusted: parameters that would cost a worker its memory or seconds of work are not recognised. Nothing here raises on
malformed input.
"""

import base64
import binascii
import hashlib
import hmac
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Final, Protocol

import bcrypt
from argon2.exceptions import Argon2Error
from argon2.low_level import Type, verify_secret

from app.authenticators.hashing_slot import hashing_slot
from app.authenticators.passwords import LONGEST_TRIED, needs_rehash

MOST_MEMORY: Final = 64 * 1024 * 1024
"""Bytes one verification may take; argon2-cffi's and werkzeug's defaults (64 and 32 MiB) fit."""

HARDEST_BCRYPT: Final = 14
MOST_PBKDF2_ITERATIONS: Final = 3_000_000
MOST_SCRYPT_WORK: Final = 2**20
"""N·r·p; werkzeug's default is 2**18."""
MOST_ARGON2_WORK: Final = 512 * 1024
"""KiB times passes."""

_LONGEST_HASH: Final = 512
_BCRYPT_BYTES: Final = 72
_SALTED_DIGESTS: Final = {"SSHA": "sha1", "SSHA256": "sha256", "SSHA512": "sha512"}

_BCRYPT: Final = re.compile(r"(\$2[aby]\$([01]\d)\$[./A-Za-z0-9]{21})([./A-Za-z0-9])([./A-Za-z0-9]{31})")
_BCRYPT_ALPHABET: Final = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_PBKDF2: Final = re.compile(r"pbkdf2_sha256\$([1-9]\d{0,6})\$([!-#%-~]{1,128})\$([A-Za-z0-9+/]{43}=)")
_SCRYPT: Final = re.compile(r"scrypt:([1-9]\d{0,6}):([1-9]\d{0,2}):([1-9]\d?)\$([!-#%-~]{1,128})\$([0-9a-f]{128})")
_SALTED: Final = re.compile(r"\{(SSHA|SSHA256|SSHA512)\}([A-Za-z0-9+/]+={0,2})", re.IGNORECASE)
_ARGON2ID: Final = re.compile(
    r"\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d?),p=([1-9]\d?)\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}"
)


class HashFormat(Enum):
    """The formats that the usernames file may hold; a value is what a report shows."""

    BCRYPT = "bcrypt"
    PBKDF2_SHA256 = "pbkdf2_sha256"
    SCRYPT = "scrypt"
    SSHA = "ssha"
    SSHA256 = "ssha256"
    SSHA512 = "ssha512"
    ARGON2ID = "argon2id"


class _Stored(Protocol):
    @property
    def format(self) -> HashFormat: ...

    def matches(self, octets: bytes) -> bool: ...


def recognise(encoded: str) -> HashFormat | None:
    """The format of a hash that is well formed and affordable, else None."""
    stored = _read(encoded)
    return stored.format if stored else None


def verify(password: str, encoded: str) -> bool:
    """Whether this is the password of the hash. False for a hash that `recognise` would not name.

    The password is tried as typed and, where that differs, in NFC: we do not know how the old system normalised.
    """
    stored = _read(encoded)
    if stored is None or len(password) > LONGEST_TRIED:
        return False
    return any(stored.matches(octets) for octets in _spellings(password))


def is_current(encoded: str) -> bool:
    """Whether the hash is Argon2id with today's parameters, so that it need not be replaced at first use."""
    return recognise(encoded) is HashFormat.ARGON2ID and not needs_rehash(encoded)


def measure(encoded: str, timer: Callable[[], float] = time.perf_counter) -> float:
    """Seconds that one refusal by this hash takes here and now; 0.0 for a hash that `recognise` would not name.

    For the floor under failed sign-ins, which must be as slow as the slowest imported format.
    """
    stored = _read(encoded)
    if stored is None:
        return 0.0
    started = timer()
    stored.matches(b"certainly not the password")
    return timer() - started


def _spellings(password: str) -> Iterator[bytes]:
    typed = password.encode("utf-8", "surrogatepass")
    yield typed
    normal = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    if normal != typed:
        yield normal


def _read(encoded: str) -> _Stored | None:
    if len(encoded) > _LONGEST_HASH or not encoded.isascii():
        return None
    for pattern, build in _READERS:
        found = pattern.fullmatch(encoded)
        if found:
            return build(found)
    return None


@dataclass(frozen=True, repr=False)
class _Bcrypt:
    settings: bytes
    digest: bytes
    format: ClassVar = HashFormat.BCRYPT

    def matches(self, octets: bytes) -> bool:
        # bcrypt reads 72 bytes and no more; version 5 of the library raises where older ones cut in silence.
        made = bcrypt.hashpw(octets[:_BCRYPT_BYTES], self.settings)
        return hmac.compare_digest(made[-len(self.digest) :], self.digest)


def _bcrypt(found: re.Match[str]) -> _Stored | None:
    if not 4 <= int(found[2]) <= HARDEST_BCRYPT:
        return None
    # A salt is 128 bits in 22 characters of 6: old programs left the last four bits as they fell and read past them,
    # the library refuses all but zeros.
    last = _BCRYPT_ALPHABET[_BCRYPT_ALPHABET.index(found[3]) & 0b110000]
    return _Bcrypt((found[1] + last).encode(), found[4].encode())


@dataclass(frozen=True, repr=False)
class _Pbkdf2:
    iterations: int
    salt: bytes
    digest: bytes
    format: ClassVar = HashFormat.PBKDF2_SHA256

    def matches(self, octets: bytes) -> bool:
        made = hashlib.pbkdf2_hmac("sha256", octets, self.salt, self.iterations)
        return hmac.compare_digest(made, self.digest)


def _pbkdf2(found: re.Match[str]) -> _Stored | None:
    iterations, digest = int(found[1]), _decoded(found[3])
    if iterations > MOST_PBKDF2_ITERATIONS or digest is None:
        return None
    return _Pbkdf2(iterations, found[2].encode(), digest)


@dataclass(frozen=True, repr=False)
class _Scrypt:
    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes
    format: ClassVar = HashFormat.SCRYPT

    def matches(self, octets: bytes) -> bool:
        with hashing_slot():
            made = hashlib.scrypt(
                octets, salt=self.salt, n=self.n, r=self.r, p=self.p, dklen=len(self.digest), maxmem=2 * MOST_MEMORY
            )
        return hmac.compare_digest(made, self.digest)


def _scrypt(found: re.Match[str]) -> _Stored | None:
    n, r, p = (int(found[group]) for group in (1, 2, 3))
    is_power_of_two = n > 1 and n & (n - 1) == 0
    # RFC 7914 §2 also bounds N by 2**(128·r/8), which matters for r = 1 only.
    if not is_power_of_two or n >= 2 ** (16 * r):
        return None
    if n * r * p > MOST_SCRYPT_WORK or 128 * r * (n + p) > MOST_MEMORY:
        return None
    return _Scrypt(n, r, p, found[4].encode(), bytes.fromhex(found[5]))


@dataclass(frozen=True, repr=False)
class _Salted:
    format: HashFormat
    algorithm: str
    digest: bytes
    salt: bytes

    def matches(self, octets: bytes) -> bool:
        return hmac.compare_digest(hashlib.new(self.algorithm, octets + self.salt).digest(), self.digest)


def _salted(found: re.Match[str]) -> _Stored | None:
    """The scheme of OpenLDAP: base64 of the digest of password and salt, then the salt."""
    scheme, body = found[1].upper(), _decoded(found[2])
    algorithm = _SALTED_DIGESTS[scheme]
    size = hashlib.new(algorithm).digest_size
    if body is None or not 4 <= len(body) - size <= 64:
        return None
    return _Salted(HashFormat[scheme], algorithm, body[:size], body[size:])


@dataclass(frozen=True, repr=False)
class _Argon2id:
    encoded: bytes
    format: ClassVar = HashFormat.ARGON2ID

    def matches(self, octets: bytes) -> bool:
        try:
            with hashing_slot():
                return verify_secret(self.encoded, octets, Type.ID)
        except Argon2Error:
            return False


def _argon2id(found: re.Match[str]) -> _Stored | None:
    memory, passes, lanes = (int(found[group]) for group in (1, 2, 3))
    if memory * 1024 > MOST_MEMORY or memory * passes > MOST_ARGON2_WORK or lanes > 8 or memory < 8 * lanes:
        return None
    return _Argon2id(found[0].encode())


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


_READERS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], _Stored | None]], ...]] = (
    (_BCRYPT, _bcrypt),
    (_PBKDF2, _pbkdf2),
    (_SCRYPT, _scrypt),
    (_SALTED, _salted),
    (_ARGON2ID, _argon2id),
)
