"""Existing usernames: how they are compared, what a status means, and what a row of the usernames file may say.

Reading the file is `domain.csv_rows`, recognising a password hash `authenticators.imported_hashes`, the import a flow.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from app.domain.errors import USERNAME_CLOSED, USERNAME_EXPIRED, USERNAME_FROZEN, Refusal


class Status(StrEnum):
    """Whether a username may be used. Frozen is for now and by the office, expired by disuse, closed for good."""

    ACTIVE = "active"
    FROZEN = "frozen"
    EXPIRED = "expired"
    CLOSED = "closed"


class Role(StrEnum):
    """What the person was to the entity in the old system."""

    RO = "ro"
    CONTACT = "contact"
    POA = "poa"


class Problem(StrEnum):
    """Why a row, or one column of it, is refused."""

    DAMAGED = "damaged"
    CELL_COUNT = "cell_count"
    MISSING = "missing"
    TOO_LONG = "too_long"
    NOT_UTF8 = "not_utf8"
    UNPRINTABLE = "unprintable"
    NOT_AN_ADDRESS = "not_an_address"
    NOT_A_ROLE = "not_a_role"
    NOT_A_STATUS = "not_a_status"
    NOT_A_TIME = "not_a_time"
    UNKNOWN_HASH = "unknown_hash"
    REPEATED = "repeated"
    DIFFERS = "differs"


class HeaderProblem(StrEnum):
    """Why a file is not a usernames file."""

    EMPTY = "empty"
    DAMAGED = "damaged"
    MISSING = "missing"
    REPEATED = "repeated"
    UNKNOWN = "unknown"


COLUMNS: Final = {
    "username": 120,
    "email": 254,
    "given_name": 120,
    "family_name": 120,
    "password_hash": 512,
    "entity_id": 64,
    "role": 16,
    "cohort": 64,
    "last_sign_in": 40,
    "status": 16,
}
"""The columns and the most characters of each."""

REQUIRED: Final = ("username", "password_hash")

# Other systems' words. Anything else is refused: a status that is guessed wrong lets somebody in who was shut out.
_STATUSES: Final = {status.value: status for status in Status} | {
    "": Status.ACTIVE,
    "disabled": Status.FROZEN,
    "locked": Status.FROZEN,
}
_REFUSALS: Final = {
    Status.FROZEN: USERNAME_FROZEN,
    Status.EXPIRED: USERNAME_EXPIRED,
    Status.CLOSED: USERNAME_CLOSED,
}
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?", re.ASCII | re.IGNORECASE)
_ESCAPED_BYTES: Final = re.compile("[\udc80-\udcff]")
_NEVER_PRINTED: Final = {"Cc", "Cs", "Zl", "Zp"}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row, and with which column where it is one column's. Never a value of the row.

    `detail`: the earlier row for REPEATED, the columns for DIFFERS, the kind of damage for DAMAGED.
    """

    problem: Problem
    column: str = ""
    detail: str = ""


class NotAUsernamesFile(Exception):
    """The header is not one; `positions` are the columns at fault, counted from 1, `columns` the names that lack.

    The cells themselves are left out: a file without a header begins with somebody's data.
    """

    def __init__(self, problem: HeaderProblem, positions: tuple[int, ...] = (), columns: tuple[str, ...] = ()) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.positions = positions
        self.columns = columns


@dataclass(frozen=True, repr=False)
class ImportedUsername:
    """A row that is in order, but for its hash, which is not looked at here. Absent values are None."""

    username: str
    folded: str
    password_hash: str
    email: str | None
    given_name: str | None
    family_name: str | None
    entity_id: str | None
    role: str | None
    cohort: str | None
    last_sign_in: datetime | None
    status: str


def fold(username: str) -> str:
    """The form in which usernames are compared: trimmed, NFKC, without regard to capitals (Unicode 3.13, D146)."""
    compatible = unicodedata.normalize("NFKC", username)
    return unicodedata.normalize("NFKC", compatible.casefold()).strip()


def is_possible(folded: str) -> bool:
    """Whether a username may fold to this: nobody can type what is not seen, and what looks alike must be the same."""
    return bool(folded) and folded.isprintable()


def refusal(status: str) -> Refusal | None:
    """Why a username of this status opens no session; to be told after the right password only."""
    return _REFUSALS.get(Status(status))


def read_header(cells: Sequence[str]) -> tuple[str, ...]:
    """The columns of a file in its order. NotAUsernamesFile when one is unknown, repeated, or lacks.

    An unknown column is refused rather than passed over: it may be `status` misspelt, and the row's person frozen.
    """
    names = tuple(cell.strip().casefold() for cell in cells)
    unknown = tuple(position for position, name in enumerate(names, 1) if name not in COLUMNS)
    if unknown:
        raise NotAUsernamesFile(HeaderProblem.UNKNOWN, positions=unknown)
    repeated = tuple(position for position, name in enumerate(names, 1) if name in names[: position - 1])
    if repeated:
        raise NotAUsernamesFile(HeaderProblem.REPEATED, positions=repeated)
    missing = tuple(name for name in REQUIRED if name not in names)
    if missing:
        raise NotAUsernamesFile(HeaderProblem.MISSING, columns=missing)
    return names


def read_row(columns: Sequence[str], cells: Sequence[str]) -> ImportedUsername | tuple[Fault, ...]:
    """The row, or everything that is wrong with it. Blanks around values are dropped; empty values are absent ones."""
    if len(cells) != len(columns):
        return (Fault(Problem.CELL_COUNT),)
    values = dict.fromkeys(COLUMNS, "") | {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
    faults = tuple(_faults(values))
    if faults:
        return faults
    optional = {name: values[name] or None for name in ("email", "given_name", "family_name", "entity_id", "cohort")}
    return ImportedUsername(
        username=values["username"],
        folded=fold(values["username"]),
        password_hash=values["password_hash"],
        role=values["role"].casefold() or None,
        last_sign_in=_moment(values["last_sign_in"]),
        status=_STATUSES[values["status"].casefold()].value,
        **optional,
    )


def _faults(values: Mapping[str, str]) -> Iterator[Fault]:
    for name, value in values.items():
        problem = _text_problem(name, value) or _CHECKS.get(name, _nothing)(value)
        if problem is not None:
            yield Fault(problem, name)


def _text_problem(name: str, value: str) -> Problem | None:
    if not value:
        return Problem.MISSING if name in REQUIRED else None
    if len(value) > COLUMNS[name]:
        return Problem.TOO_LONG
    if value.isprintable():
        return None
    if _ESCAPED_BYTES.search(value):
        return Problem.NOT_UTF8
    unprintable = any(unicodedata.category(mark) in _NEVER_PRINTED for mark in value)
    return Problem.UNPRINTABLE if unprintable else None


def _username_problem(value: str) -> Problem | None:
    folded = fold(value)
    if len(folded) > COLUMNS["username"]:  # some characters fold into a dozen
        return Problem.TOO_LONG
    return None if is_possible(folded) else Problem.UNPRINTABLE


def _address_problem(value: str) -> Problem | None:
    return None if not value or _ADDRESS.fullmatch(value) else Problem.NOT_AN_ADDRESS


def _role_problem(value: str) -> Problem | None:
    return None if not value or value.casefold() in list(Role) else Problem.NOT_A_ROLE


def _status_problem(value: str) -> Problem | None:
    return None if value.casefold() in _STATUSES else Problem.NOT_A_STATUS


def _time_problem(value: str) -> Problem | None:
    return None if not value or _moment(value) is not None else Problem.NOT_A_TIME


def _nothing(_value: str) -> Problem | None:
    return None


_CHECKS: Final = {
    "username": _username_problem,
    "email": _address_problem,
    "role": _role_problem,
    "status": _status_problem,
    "last_sign_in": _time_problem,
}


def _moment(value: str) -> datetime | None:
    """RFC 3339, or a date, which is its first moment in UTC; None for anything else."""
    if not _MOMENT.fullmatch(value):
        return None
    try:
        read = datetime.fromisoformat(value.upper())
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
