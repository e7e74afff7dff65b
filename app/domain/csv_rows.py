"""The records of a CSV file (RFC 4180), one at a time: bounded in memory, and damage is named instead of raised.

What the columns mean is not known here.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TextIO

LONGEST_RECORD: Final = 64 * 1024
"""Characters. More than any row of ours can hold, and far less than what hurts."""


class Damage(StrEnum):
    """Why a record cannot be read."""

    TOO_LONG = "too_long"
    OPEN_QUOTE = "open_quote"
    STRAY_QUOTE = "stray_quote"


@dataclass(frozen=True, repr=False)
class Record:
    """One record: its first and last line in the file, counted from 1, and its cells; none when it is damaged."""

    line: int
    last_line: int
    cells: tuple[str, ...]
    damage: Damage | None = None


@dataclass(frozen=True, repr=False)
class _Stretch:
    """The lines of one record as they stand, cut off at `LONGEST_RECORD`."""

    line: int
    last_line: int
    text: str
    length: int
    closed: bool


def records(file: TextIO) -> Iterator[Record]:
    r"""Read records to the end; blank lines are left out. Open the file with `newline="\n"`.

    A record ends at the first line end before which the quotes are even (RFC 4180 §2.6), also while a damaged one is
    passed over: what stands inside quotes is never taken for a row of its own.
    """
    for stretch in _stretches(file):
        record = _parse(stretch)
        if record.cells or record.damage:
            yield record


def _stretches(file: TextIO) -> Iterator[_Stretch]:
    first, line, quotes, length = 1, 1, 0, 0
    pieces: list[str] = []
    while piece := file.readline(LONGEST_RECORD):
        quotes += piece.count('"')
        length += len(piece)
        if length <= LONGEST_RECORD:
            pieces.append(piece)
        if not piece.endswith("\n"):
            continue  # the rest of a long line, or the end of the file
        if quotes % 2 == 0:
            yield _Stretch(first, line, "".join(pieces), length, closed=True)
            first, quotes, length = line + 1, 0, 0
            pieces.clear()
        line += 1
    if length:
        last = line if not pieces or not pieces[-1].endswith("\n") else line - 1
        yield _Stretch(first, last, "".join(pieces), length, closed=quotes % 2 == 0)


def _parse(stretch: _Stretch) -> Record:
    damage = None
    cells: tuple[str, ...] = ()
    if stretch.length > LONGEST_RECORD:
        damage = Damage.TOO_LONG
    elif not stretch.closed:
        damage = Damage.OPEN_QUOTE
    else:
        try:
            cells = tuple(next(csv.reader([stretch.text], strict=True), ()))
        except csv.Error:
            damage = Damage.STRAY_QUOTE
    return Record(stretch.line, stretch.last_line, cells, damage)
