"""The hash formats of the usernames file, made here by code that is not ours."""

import base64
import hashlib
import itertools
import unicodedata

import argon2
import bcrypt
import pytest
from werkzeug.security import generate_password_hash

from app.authenticators import imported_hashes, passwords
from app.authenticators.imported_hashes import HashFormat

PASSWORD = "Lètmein, bitte 7"


def django_hash(password: str, iterations: int = 1000, salt: str = "seasalt") -> str:
    made = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), iterations)
    return f"pbkdf2_sha256${iterations}${salt}${base64.b64encode(made).decode()}"


def ldap_hash(password: str, scheme: str = "SSHA", algorithm: str = "sha1", salt: bytes = b"\x00salt\xff") -> str:
    made = hashlib.new(algorithm, password.encode() + salt).digest() + salt
    return f"{{{scheme}}}{base64.b64encode(made).decode()}"


def bcrypt_hash(password: str, prefix: bytes = b"2b") -> str:
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    return made.replace("$2b$", f"${prefix.decode()}$", 1)


def argon2_hash(password: str) -> str:
    return argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(password)


SAMPLES = {
    "2a": (HashFormat.BCRYPT, bcrypt_hash(PASSWORD, b"2a")),
    "2b": (HashFormat.BCRYPT, bcrypt_hash(PASSWORD, b"2b")),
    "2y": (HashFormat.BCRYPT, bcrypt_hash(PASSWORD, b"2y")),
    "django": (HashFormat.PBKDF2_SHA256, django_hash(PASSWORD)),
    "werkzeug": (HashFormat.SCRYPT, generate_password_hash(PASSWORD, method="scrypt:1024:8:1")),
    "ssha": (HashFormat.SSHA, ldap_hash(PASSWORD)),
    "ssha256": (HashFormat.SSHA256, ldap_hash(PASSWORD, "SSHA256", "sha256")),
    "ssha512": (HashFormat.SSHA512, ldap_hash(PASSWORD, "SSHA512", "sha512")),
    "argon2id": (HashFormat.ARGON2ID, argon2_hash(PASSWORD)),
    "ours": (HashFormat.ARGON2ID, passwords.hash_password(PASSWORD)),
}


@pytest.mark.parametrize(("expected", "encoded"), SAMPLES.values(), ids=SAMPLES)
def test_each_format_admits_its_password_and_refuses_others(expected: HashFormat, encoded: str) -> None:
    assert imported_hashes.recognise(encoded) is expected
    assert imported_hashes.verify(PASSWORD, encoded)
    assert not imported_hashes.verify(PASSWORD + "x", encoded)
    assert not imported_hashes.verify("", encoded)


PBKDF2_RFC_7914 = base64.b64encode(
    bytes.fromhex("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")
).decode()


@pytest.mark.parametrize(
    ("password", "encoded"),
    [
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC/E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("passwd", f"pbkdf2_sha256$1$salt${PBKDF2_RFC_7914}"),
        (
            "pleaseletmein",
            "scrypt:16384:8:1$SodiumChloride$7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
            "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
        ),
    ],
    ids=["crypt_blowfish-1", "crypt_blowfish-2", "stray salt bits", "RFC 7914 §11", "RFC 7914 §12"],
)
def test_published_answers(password: str, encoded: str) -> None:
    assert imported_hashes.verify(password, encoded)
    assert not imported_hashes.verify(password.swapcase(), encoded)


def test_werkzeugs_default_fits_the_bounds() -> None:
    encoded = generate_password_hash(PASSWORD)
    assert encoded.startswith("scrypt:32768:8:1$")
    assert imported_hashes.verify(PASSWORD, encoded)


def test_bcrypt_reads_72_bytes_and_no_more() -> None:
    encoded = bcrypt_hash("é" * 36)
    assert imported_hashes.verify("é" * 36 + "anything", encoded)
    assert not imported_hashes.verify("é" * 35 + "anything", encoded)


def test_a_password_hashed_in_nfc_is_found_when_typed_decomposed_and_one_hashed_as_typed_too() -> None:
    decomposed = unicodedata.normalize("NFD", PASSWORD)
    assert decomposed != PASSWORD
    assert imported_hashes.verify(decomposed, django_hash(PASSWORD))
    assert imported_hashes.verify(decomposed, django_hash(decomposed))


VALID = {name: encoded for name, (_, encoded) in SAMPLES.items()}
ZEROS_64 = "0" * 128


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "plain text",
        VALID["2b"] + "\n",
        " " + VALID["2b"],
        VALID["2b"][:-1],
        VALID["2b"].replace("$2b$", "$2x$"),
        VALID["2b"].replace("$04$", "$03$"),
        VALID["2b"].replace("$04$", "$15$"),
        VALID["2b"].replace("$04$", "$31$"),
        django_hash(PASSWORD).replace("$1000$", "$3000001$"),
        django_hash(PASSWORD).replace("$1000$", "$0$"),
        django_hash(PASSWORD).replace("$1000$", "$01000$"),
        django_hash(PASSWORD).replace("$1000$", "$-1$"),
        django_hash(PASSWORD).replace("sha256", "sha1"),
        django_hash(PASSWORD).replace("seasalt", ""),
        django_hash(PASSWORD)[:-1],
        f"scrypt:1048576:8:1$salt${ZEROS_64}",
        f"scrypt:32768:8:16$salt${ZEROS_64}",
        f"scrypt:1000:8:1$salt${ZEROS_64}",
        f"scrypt:65536:1:1$salt${ZEROS_64}",
        f"scrypt:0:8:1$salt${ZEROS_64}",
        f"scrypt:1024:8$salt${ZEROS_64}",
        f"scrypt:1024:8:1$$${ZEROS_64}",
        "scrypt:1024:8:1$salt$" + "g" * 128,
        "{SSHA}",
        "{SSHA}%%%%",
        "{SSHA}" + base64.b64encode(b"short").decode(),
        ldap_hash(PASSWORD, salt=b""),
        ldap_hash(PASSWORD, salt=b"123"),
        ldap_hash(PASSWORD, salt=b"x" * 65),
        ldap_hash(PASSWORD, "SHA"),
        ldap_hash(PASSWORD, "SSHA384", "sha384"),
        VALID["argon2id"].replace("argon2id", "argon2i"),
        VALID["argon2id"].replace("v=19", "v=16"),
        VALID["argon2id"].replace("m=64", "m=65537"),
        VALID["argon2id"].replace("m=64", "m=4194304"),
        VALID["argon2id"].replace("m=64,t=1", "m=65536,t=9"),
        VALID["argon2id"].replace("p=1", "p=9"),
        VALID["argon2id"].replace("m=64", "m=7"),
        VALID["argon2id"] + "A" * 600,
        VALID["argon2id"].replace("$m", "$\uff4d"),
        "\ud800",
    ],
    ids=itertools.count(),  # the values differ from process to process, and so would their names
)
def test_malformed_and_unaffordable_hashes_are_not_recognised_and_never_raise(encoded: str) -> None:
    assert imported_hashes.recognise(encoded) is None
    assert imported_hashes.verify(PASSWORD, encoded) is False
    assert imported_hashes.is_current(encoded) is False
    assert imported_hashes.measure(encoded) == 0.0


@pytest.mark.parametrize("encoded", VALID.values(), ids=VALID)
@pytest.mark.parametrize("password", ["\x00", "a\x00b", "\ud800", "x" * 100_000], ids=["nul", "nul-in", "lone", "long"])
def test_hostile_passwords_are_wrong_and_nothing_more(encoded: str, password: str) -> None:
    assert imported_hashes.verify(password, encoded) is False


def test_a_well_formed_hash_with_broken_base64_verifies_nothing() -> None:
    broken = "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAA"
    assert imported_hashes.verify(PASSWORD, broken) is False


def test_bounds_admit_what_stands_at_them() -> None:
    assert imported_hashes.recognise(VALID["2b"].replace("$04$", "$14$")) is HashFormat.BCRYPT
    assert imported_hashes.recognise(django_hash("x").replace("$1000$", "$3000000$")) is HashFormat.PBKDF2_SHA256
    assert imported_hashes.recognise(f"scrypt:32768:8:4$salt${ZEROS_64}") is HashFormat.SCRYPT
    assert imported_hashes.recognise(argon2.PasswordHasher().hash("x")) is HashFormat.ARGON2ID


def test_scrypt_at_the_memory_bound_still_runs() -> None:
    made = hashlib.scrypt(b"x", salt=b"salt", n=32768, r=8, p=4, dklen=64, maxmem=2**27).hex()
    assert imported_hashes.verify("x", f"scrypt:32768:8:4$salt${made}")


def test_only_todays_argon2id_is_current() -> None:
    assert [name for name, encoded in VALID.items() if imported_hashes.is_current(encoded)] == ["ours"]


def test_measure_takes_the_difference_of_the_timer() -> None:
    ticks = iter([10.0, 10.25])
    assert imported_hashes.measure(VALID["django"], timer=lambda: next(ticks)) == 0.25


def test_measure_does_the_work() -> None:
    assert imported_hashes.measure(django_hash("x", 200_000)) > imported_hashes.measure(django_hash("x", 1))
