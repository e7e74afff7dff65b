"""The list of common passwords: the committed file and the search in it."""

from pathlib import Path

import pytest

from app.authenticators.blocklist import COMMON_PASSWORDS, is_common
from tests.support.blocklist_source import common_passwords


def test_the_committed_file_is_what_the_source_gives() -> None:
    assert COMMON_PASSWORDS.read_bytes() == common_passwords()


def test_the_file_is_long_sorted_and_unique() -> None:
    lines = COMMON_PASSWORDS.read_bytes().splitlines()
    assert len(lines) >= 20_000
    assert lines == sorted(set(lines))


def test_every_500th_line_and_both_ends_are_found() -> None:
    lines = COMMON_PASSWORDS.read_text("utf-8").splitlines()
    assert [line for line in [*lines[::500], lines[0], lines[-1]] if not is_common(line)] == []


@pytest.mark.parametrize("password", ["Password", "QWERTY", "123456", "Dragon"])
def test_capitals_do_not_hide_a_common_password(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password", ["", "\n", "password\n", "123456\n123456", "correct horse", "\x00", "\uffff", "passwordx", "\ud800"]
)
def test_others_are_not_found(password: str) -> None:
    assert not is_common(password)


@pytest.mark.parametrize("lines", [[], ["a"], ["a", "b"], ["a", "ab", "abc", "b", "zz"], ["é", "ü", "私"]])
def test_finds_all_and_only_the_lines_of_small_files(tmp_path: Path, lines: list[str]) -> None:
    file = tmp_path / "list.txt"
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    asked = ["0", "a", "aa", "ab", "abc", "abcd", "b", "zz", "zzz", "é", "ü", "私"]
    assert [word for word in asked if is_common(word, file)] == [word for word in asked if word in lines]


def test_a_missing_list_is_an_error_and_not_a_yes(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        is_common("123456", tmp_path / "gone.txt")


def test_the_licence_stands_beside_the_list() -> None:
    assert "MIT License" in COMMON_PASSWORDS.with_name("README.md").read_text("utf-8")
