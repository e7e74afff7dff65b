"""Passwords: the policy for new ones, and hashing with Argon2id."""

import threading
import time
import unicodedata

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from app.authenticators import passwords
from app.authenticators.hashing_slot import hashing_slot
from app.authenticators.passwords import PasswordProblem, check_new
from tests.support.scripts import full_width

OWN = ("jane.doe@mail.example.co.uk", "jdoe1990", "49309876", "Müller & Söhne")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery 9",
        "qzvxkwpt",
        "x" * 3 + "y" * 124 + "z",
        "mein Fahrrad ist blau",
        "私の秘密の合言葉です",
        "jane likes doe-eyed cats",
        "the irs office at noon",
        "abcdefgh-not-only",
    ],
)
def test_admits(password: str) -> None:
    assert check_new(password, own_words=OWN) is None


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", PasswordProblem.TOO_SHORT),
        ("q7!vxkw", PasswordProblem.TOO_SHORT),
        ("q7!" * 43, PasswordProblem.TOO_LONG),
        ("Jane.Doe@Mail.Example.co.uk", PasswordProblem.OWN_WORD),
        ("jane.doe", PasswordProblem.OWN_WORD),
        ("JaneDoe-2024!", PasswordProblem.OWN_WORD),
        ("2024example", PasswordProblem.OWN_WORD),
        ("jdoe1990", PasswordProblem.OWN_WORD),
        ("49309876", PasswordProblem.OWN_WORD),
        ("jdoe1990!!", PasswordProblem.OWN_WORD),
        ("müllersöhne7", PasswordProblem.OWN_WORD),
        ("qaams2025", PasswordProblem.SERVICE_WORD),
        ("QAAMS!!!!", PasswordProblem.SERVICE_WORD),
        ("ID.me 2025", PasswordProblem.SERVICE_WORD),
        ("irs12345", PasswordProblem.SERVICE_WORD),
        (full_width("QAAMS999"), PasswordProblem.SERVICE_WORD),
        ("Login.gov1", PasswordProblem.SERVICE_WORD),
        ("zzzzzzzz", PasswordProblem.REPEATED),
        ("x!9kx!9kx!", PasswordProblem.REPEATED),
        ("23456789", PasswordProblem.SEQUENCE),
        ("89012345", PasswordProblem.SEQUENCE),
        ("zyxwvuts", PasswordProblem.SEQUENCE),
        ("абвгдежз", PasswordProblem.SEQUENCE),
        ("poiuytrewq", PasswordProblem.SEQUENCE),
        ("Trustno1", PasswordProblem.COMMON),
        ("PASSWORD1", PasswordProblem.COMMON),
    ],
)
def test_refuses_with_the_reason(password: str, problem: PasswordProblem) -> None:
    assert check_new(password, own_words=OWN) is problem


def test_length_counts_composed_characters() -> None:
    seven_letters = unicodedata.normalize("NFD", "ééééèèè")
    assert len(seven_letters) == 14
    assert check_new(seven_letters) is PasswordProblem.TOO_SHORT


def test_two_letter_words_of_a_person_do_not_count() -> None:
    assert check_new("li-70521-98", own_words=["li@x.org"]) is None


def test_verify_admits_the_password_and_refuses_another() -> None:
    encoded = passwords.hash_password("correct horse battery 9")
    assert passwords.verify("correct horse battery 9", encoded)
    assert not passwords.verify("correct horse battery 8", encoded)
    assert encoded != passwords.hash_password("correct horse battery 9")


def test_parameters_are_those_of_the_budget() -> None:
    found = extract_parameters(passwords.hash_password("correct horse battery 9"))
    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (Type.ID, 19 * 1024, 2, 1)


def test_composed_and_decomposed_letters_are_the_same_password() -> None:
    encoded = passwords.hash_password(unicodedata.normalize("NFD", "Señor Größe 7"))
    assert passwords.verify(unicodedata.normalize("NFC", "Señor Größe 7"), encoded)


def test_compatibility_letters_stay_different() -> None:
    assert not passwords.verify("office hours", passwords.hash_password("o\ufb03ce hours"))


@pytest.mark.parametrize("encoded", ["", "not a hash", "$argon2id$v=19$m=1", "$argon2id$ü", "\ud800"])
def test_a_broken_hash_verifies_nothing(encoded: str) -> None:
    assert not passwords.verify("correct horse battery 9", encoded)
    assert passwords.needs_rehash(encoded)


def test_hostile_passwords_are_wrong_and_nothing_more() -> None:
    encoded = passwords.hash_password("correct horse battery 9")
    assert not passwords.verify("\ud800 lone surrogate", encoded)
    assert not passwords.verify("", encoded)


def test_no_more_than_1024_characters_are_ever_hashed_to_check() -> None:
    assert passwords.verify("x" * 1024, passwords.hash_password("x" * 1024))
    assert not passwords.verify("x" * 1025, passwords.hash_password("x" * 1025))


def test_only_other_parameters_need_a_rehash() -> None:
    assert not passwords.needs_rehash(passwords.hash_password("correct horse battery 9"))
    weaker = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    assert passwords.needs_rehash(weaker.hash("correct horse battery 9"))


def test_nobody_has_no_password() -> None:
    assert passwords.verify_nobody("correct horse battery 9") is False


def test_one_hash_at_a_time() -> None:
    waiting = threading.Thread(target=passwords.hash_password, args=("correct horse battery 9",), daemon=True)
    with hashing_slot():
        waiting.start()
        time.sleep(0.15)  # several times what one hash takes
        assert waiting.is_alive()
    waiting.join(timeout=10)
    assert not waiting.is_alive()
