"""Recovery codes: a sheet, what may be typed, each place once."""

import pytest

from app.authenticators import recovery_codes
from app.authenticators.recovery_codes import Sheet
from tests.support.scripts import full_width


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    return recovery_codes.issue()


def test_a_sheet_has_ten_different_codes_of_80_bits(sheet: Sheet) -> None:
    assert len(sheet.codes) == len(set(sheet.codes)) == len(set(sheet.hashes)) == 10
    for code in sheet.codes:
        assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
        assert not set(code) & set("ILOUilou")


def test_each_code_is_found_in_its_place(sheet: Sheet) -> None:
    found = [recovery_codes.verify(code, salt=sheet.salt, hashes=sheet.hashes) for code in sheet.codes]
    assert found == list(range(10))


def test_another_sheets_code_is_refused(sheet: Sheet) -> None:
    other = recovery_codes.issue(1)
    assert recovery_codes.verify(other.codes[0], salt=sheet.salt, hashes=sheet.hashes) is None
    assert recovery_codes.verify(sheet.codes[0], salt=other.salt, hashes=sheet.hashes) is None


def test_a_used_code_is_refused_and_the_others_keep_their_places(sheet: Sheet) -> None:
    left = [None if place == 3 else kept for place, kept in enumerate(sheet.hashes)]
    assert recovery_codes.verify(sheet.codes[3], salt=sheet.salt, hashes=left) is None
    assert recovery_codes.verify(sheet.codes[4], salt=sheet.salt, hashes=left) == 4


def test_the_hashes_tell_nothing_of_the_codes(sheet: Sheet) -> None:
    assert sheet.codes[0] not in repr(sheet)
    assert {len(kept) for kept in sheet.hashes} == {32}
    assert recovery_codes.issue(1).salt != sheet.salt


@pytest.mark.parametrize(
    "typed",
    [
        "7K3M-0Q1Z-ABCD-1910",
        "7k3m-0q1z-abcd-1910",
        "7K3M0Q1ZABCD1910",
        "  7K3M 0Q1Z  ABCD 1910\r\n",
        "7K3M\u2013OQIZ\u2013ABCD\u2013L9IO",
        "7k3m.oqlz.abcd.i9lo",
        full_width("7K3M0Q1ZABCD1910"),
    ],
)
def test_ways_to_type_a_code(typed: str) -> None:
    assert recovery_codes.normalise(typed) == "7K3M0Q1ZABCD1910"


@pytest.mark.parametrize(
    "typed", ["", "7K3M-0Q1Z-ABCD", "7K3M-0Q1Z-ABCD-19100", "7K3M-0Q1Z-ABCD-191U", "ж" * 16, "\ud800", "7" * 10_000]
)
def test_what_is_no_code(typed: str, sheet: Sheet) -> None:
    assert recovery_codes.normalise(typed) is None
    assert recovery_codes.verify(typed, salt=sheet.salt, hashes=sheet.hashes) is None
