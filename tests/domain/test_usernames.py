"""What a usernames file and each of its rows may say, and how usernames are compared."""

from datetime import UTC, datetime
from io import StringIO

import pytest

from app.domain.csv_rows import LONGEST_RECORD, Damage, records
from app.domain.errors import USERNAME_CLOSED, USERNAME_EXPIRED, USERNAME_FROZEN
from app.domain.identity.usernames import (
    COLUMNS,
    Fault,
    HeaderProblem,
    ImportedUsername,
    NotAUsernamesFile,
    Problem,
    fold,
    read_header,
    read_row,
    refusal,
)


def row(**values: str) -> ImportedUsername | tuple[Fault, ...]:
    given = {"username": "ro.smith", "password_hash": "{SSHA}x"} | values
    return read_row(tuple(given), tuple(given.values()))


def taken(**values: str) -> ImportedUsername:
    found = row(**values)
    assert isinstance(found, ImportedUsername), found
    return found


class TestFold:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("RO.Smith", "ro.smith"),
            ("  ro.smith\t", "ro.smith"),
            ("STRASSE", "straße"),
            ("\N{FULLWIDTH LATIN SMALL LETTER R}o.smith", "ro.smith"),
            ("Ame\u0301lie", "am\u00e9lie"),
        ],
    )
    def test_same_username(self, one: str, other: str) -> None:
        assert fold(one) == fold(other)

    @pytest.mark.parametrize(("one", "other"), [("ro.smith", "rosmith"), ("amelie", "amélie"), ("ro smith", "rosmith")])
    def test_other_username(self, one: str, other: str) -> None:
        assert fold(one) != fold(other)

    def test_folding_twice_changes_nothing(self) -> None:
        for name in ("ﷺ", "İstanbul", "ς", "ᾳ", "¨x"):
            assert fold(fold(name)) == fold(name)


class TestHeader:
    def test_all_columns_in_any_order_and_case(self) -> None:
        assert read_header([name.upper() for name in reversed(COLUMNS)]) == tuple(reversed(COLUMNS))

    def test_only_what_is_required(self) -> None:
        assert read_header([" username", "password_hash "]) == ("username", "password_hash")

    @pytest.mark.parametrize(
        ("cells", "problem", "positions", "columns"),
        [
            (["username", "email"], HeaderProblem.MISSING, (), ("password_hash",)),
            (["email"], HeaderProblem.MISSING, (), ("username", "password_hash")),
            (["username", "password_hash", "statsu"], HeaderProblem.UNKNOWN, (3,), ()),
            (["username", "password_hash", "username"], HeaderProblem.REPEATED, (3,), ()),
            (["username;password_hash"], HeaderProblem.UNKNOWN, (1,), ()),
        ],
    )
    def test_refuses(
        self, cells: list[str], problem: HeaderProblem, positions: tuple[int, ...], columns: tuple[str, ...]
    ) -> None:
        with pytest.raises(NotAUsernamesFile) as refused:
            read_header(cells)
        assert (refused.value.problem, refused.value.positions, refused.value.columns) == (problem, positions, columns)

    def test_a_file_without_header_shows_nobodys_data(self) -> None:
        with pytest.raises(NotAUsernamesFile) as refused:
            read_header(["ro.smith", "$2b$12$secret"])
        assert "smith" not in repr(refused.value)
        assert "secret" not in repr(vars(refused.value))


class TestRow:
    def test_least(self) -> None:
        found = taken()
        assert (found.username, found.folded, found.status) == ("ro.smith", "ro.smith", "active")
        assert (found.email, found.given_name, found.entity_id, found.role, found.last_sign_in) == (None,) * 5

    def test_most(self) -> None:
        found = taken(
            username=" RO.Smith ",
            email="ro@example.org",
            given_name="می\u200cخو",
            family_name="Smith, née O'Neil",
            entity_id="QI-0815",
            role="RO",
            cohort="2027 spring",
            last_sign_in="2026-11-23T10:30:00.5+02:00",
            status="Frozen",
        )
        assert (found.username, found.folded) == ("RO.Smith", "ro.smith")
        assert (found.role, found.status) == ("ro", "frozen")
        assert found.last_sign_in == datetime(2026, 11, 23, 8, 30, 0, 500_000, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("active", "active"),
            ("EXPIRED", "expired"),
            ("closed", "closed"),
            ("disabled", "frozen"),
            ("locked", "frozen"),
        ],
    )
    def test_status(self, text: str, status: str) -> None:
        assert taken(status=text).status == status

    @pytest.mark.parametrize("text", ["2026-02-28", "2026-02-28T00:00:00Z", "2026-02-28t00:00:00z"])
    def test_last_sign_in(self, text: str) -> None:
        assert taken(last_sign_in=text).last_sign_in == datetime(2026, 2, 28, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("column", "value", "problem"),
        [
            ("username", "", Problem.MISSING),
            ("username", " \t", Problem.MISSING),
            ("username", "x" * 121, Problem.TOO_LONG),
            ("username", "ﷺ" * 20, Problem.TOO_LONG),
            ("username", "ro\u200bsmith", Problem.UNPRINTABLE),
            ("username", "ro\0smith", Problem.UNPRINTABLE),
            ("username", "ro\udcffsmith", Problem.NOT_UTF8),
            ("password_hash", "", Problem.MISSING),
            ("password_hash", "x" * 513, Problem.TOO_LONG),
            ("email", "ro.example.org", Problem.NOT_AN_ADDRESS),
            ("email", "ro@example.org, poa@example.org", Problem.NOT_AN_ADDRESS),
            ("given_name", "a\nb", Problem.UNPRINTABLE),
            ("family_name", "a\u2028b", Problem.UNPRINTABLE),
            ("role", "officer", Problem.NOT_A_ROLE),
            ("cohort", "x" * 65, Problem.TOO_LONG),
            ("status", "suspended?", Problem.NOT_A_STATUS),
            ("last_sign_in", "2026-02-30", Problem.NOT_A_TIME),
            ("last_sign_in", "2026-02-28T00:00:00", Problem.NOT_A_TIME),
            ("last_sign_in", "20260228", Problem.NOT_A_TIME),
            ("last_sign_in", "0001-01-01T00:00:00+14:00", Problem.NOT_A_TIME),
            ("last_sign_in", "٢٠٢٦-٠٢-٢٨", Problem.NOT_A_TIME),
        ],
    )
    def test_refuses(self, column: str, value: str, problem: Problem) -> None:
        assert row(**{column: value}) == (Fault(problem, column),)

    def test_everything_wrong_is_named_at_once(self) -> None:
        assert row(role="boss", status="gone") == (
            Fault(Problem.NOT_A_ROLE, "role"),
            Fault(Problem.NOT_A_STATUS, "status"),
        )

    def test_other_number_of_cells(self) -> None:
        assert read_row(("username", "password_hash"), ("ro.smith",)) == (Fault(Problem.CELL_COUNT),)

    def test_does_not_show_itself(self) -> None:
        assert "SSHA" not in repr(taken())


@pytest.mark.parametrize(
    ("status", "refused"),
    [("active", None), ("frozen", USERNAME_FROZEN), ("expired", USERNAME_EXPIRED), ("closed", USERNAME_CLOSED)],
)
def test_what_a_status_forbids(status: str, refused: object) -> None:
    assert refusal(status) is refused


def read(text: str) -> list[tuple[int, int, tuple[str, ...] | Damage]]:
    found = records(StringIO(text, newline="\n"))
    return [(record.line, record.last_line, record.damage or record.cells) for record in found]


class TestRecords:
    def test_both_line_ends_blank_lines_and_no_end(self) -> None:
        assert read("a,b\r\n\r\nc,\nd") == [(1, 1, ("a", "b")), (3, 3, ("c", "")), (4, 4, ("d",))]

    def test_quotes(self) -> None:
        assert read('"a,""b""","c\r\nd"\ne\n') == [(1, 2, ('a,"b"', "c\r\nd")), (3, 3, ("e",))]

    def test_what_stands_in_quotes_is_no_row(self) -> None:
        assert [cells for _, _, cells in read('a,"x\nevil,{SSHA}y\n"\nb,c\n')] == [
            ("a", "x\nevil,{SSHA}y\n"),
            ("b", "c"),
        ]

    def test_stray_quote_costs_one_record(self) -> None:
        assert read('a,"b"c"\n"\nd,e\n') == [(1, 2, Damage.STRAY_QUOTE), (3, 3, ("d", "e"))]

    def test_open_quote(self) -> None:
        assert read('a,b\nc,"d\ne,f\n') == [(1, 1, ("a", "b")), (2, 3, Damage.OPEN_QUOTE)]

    @pytest.mark.parametrize("extra", [1, LONGEST_RECORD, 3 * LONGEST_RECORD])
    def test_too_long(self, extra: int) -> None:
        long = "x" * (LONGEST_RECORD + extra)
        assert read(f"a\n{long}\nb\n") == [(1, 1, ("a",)), (2, 2, Damage.TOO_LONG), (3, 3, ("b",))]

    def test_too_long_inside_quotes_hides_no_row(self) -> None:
        long = "x" * (LONGEST_RECORD + 1)
        assert read(f'a,"{long}\nevil,hash\n"\nb\n') == [(1, 3, Damage.TOO_LONG), (4, 4, ("b",))]

    def test_longest(self) -> None:
        assert read("x" * (LONGEST_RECORD - 1) + "\n")[0][2] == ("x" * (LONGEST_RECORD - 1),)
