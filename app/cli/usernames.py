"""`flask import-usernames FILE.csv`: reads the usernames file and names the rows it refuses, never what they hold."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.domain.csv_rows import Damage
from app.domain.identity.usernames import COLUMNS, Fault, HeaderProblem, NotAUsernamesFile, Problem, Role, Status
from app.flows.identity.import_usernames import RefusedRow, Tally, import_usernames
from app.models.base import db

SOME_REFUSED: Final = 1
UNREADABLE: Final = 2

_HEADER_WORDS: Final = {
    HeaderProblem.EMPTY: "The file is empty.",
    HeaderProblem.DAMAGED: "The first line cannot be read as CSV.",
    HeaderProblem.MISSING: "The first line must name the columns; {columns} lacks.",
    HeaderProblem.REPEATED: "The first line names a column twice: number {positions}.",
    HeaderProblem.UNKNOWN: "The first line must name the columns, with commas between them; "
    f"number {{positions}} is none of {', '.join(COLUMNS)}.",
}
_DAMAGE_WORDS: Final = {
    Damage.TOO_LONG: "is far too long",
    Damage.OPEN_QUOTE: "has a quotation mark that is never closed",
    Damage.STRAY_QUOTE: "has a quotation mark in the wrong place",
}
_WORDS: Final = {
    Problem.DAMAGED: "{damage}",
    Problem.CELL_COUNT: "has more or fewer columns than the first line",
    Problem.MISSING: "{column} is missing",
    Problem.TOO_LONG: "{column} is longer than {longest} characters",
    Problem.NOT_UTF8: "{column} is not UTF-8",
    Problem.UNPRINTABLE: "{column} holds characters that cannot be shown",
    Problem.NOT_AN_ADDRESS: "{column} is not an e-mail address",
    Problem.NOT_A_ROLE: "{column} is none of " + ", ".join(Role),
    Problem.NOT_A_STATUS: "{column} is none of " + ", ".join(Status),
    Problem.NOT_A_TIME: "{column} is neither a date (2026-11-23) nor a time (2026-11-23T09:30:00Z)",
    Problem.UNKNOWN_HASH: "{column} is of an unknown format, or too costly to check",
    Problem.REPEATED: "{column} stands in row {detail} already",
    Problem.DIFFERS: "{column} was imported before with other data ({detail})",
}


@click.command("import-usernames")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def import_command(file: Path) -> None:
    """Import the usernames of FILE, a CSV file in UTF-8; safe to run again.

    Exit status: 0, 1 when a row was refused, 2 when the file cannot be read. Rows are counted as a text editor counts
    lines, the header being row 1.
    """
    try:
        with file.open("rb") as opened:
            tally = read_file(opened, click.echo)
    except OSError as error:
        _give_up(f"{file} cannot be read: {error.strerror}")
    raise click.exceptions.Exit(SOME_REFUSED if tally.refused else 0)


def read_file(file: BinaryIO, say: Callable[[str], None]) -> Tally:
    """Import from an open file and say which rows were refused, and the sum. Exits with 2 when it cannot be read."""
    tally = Tally()
    try:
        import_usernames(db.session(), file, clock.now(), lambda row: say(describe(row)), tally)
    except NotAUsernamesFile as error:
        words = _HEADER_WORDS[error.problem]
        positions = ", ".join(map(str, error.positions))
        _give_up(words.format(positions=positions, columns=" and ".join(error.columns)))
    except SQLAlchemyError as error:
        # Its text would show the rows.
        say(summary(tally))
        _give_up(f"The database failed ({type(error).__name__}). Run the same command again; what was imported stays.")
    say(summary(tally))
    return tally


def describe(row: RefusedRow) -> str:
    """A refused row in words: where it stands and everything that is wrong with it."""
    where = f"Row {row.line}" if row.line == row.last_line else f"Rows {row.line} to {row.last_line}"
    return f"{where} refused: {'; '.join(_words(fault) for fault in row.faults)}."


def _words(fault: Fault) -> str:
    damage = _DAMAGE_WORDS[Damage(fault.detail)] if fault.problem is Problem.DAMAGED else ""
    longest = COLUMNS.get(fault.column, 0)
    return _WORDS[fault.problem].format(column=fault.column, detail=fault.detail, longest=longest, damage=damage)


def summary(tally: Tally) -> str:
    """One line: what became of the rows."""
    return f"{tally.added} imported, {tally.unchanged} unchanged, {tally.refused} refused."


def _give_up(words: str) -> NoReturn:
    click.echo(words, err=True)
    raise click.exceptions.Exit(UNREADABLE)


def register(app: Flask) -> None:
    """Offer the command."""
    app.cli.add_command(import_command)
