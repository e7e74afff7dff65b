"""Migrations and tables say the same, on both kinds of database, up and down, also with rows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Table, insert, inspect, select

from app.credential_service.store.all import MIGRATIONS as CREDENTIAL_SERVICE
from app.models.all import MIGRATIONS as PORTAL
from app.storage.engine import make_engine
from app.storage.migrations import Migrations
from app.storage.types import UtcDateTime
from tests.storage.conftest import NOON

SERVICES = {"portal": PORTAL, "credential service": CREDENTIAL_SERVICE}


@pytest.fixture(params=SERVICES)
def migrations(request: pytest.FixtureRequest) -> Migrations:
    return SERVICES[request.param]


@pytest.fixture
def empty(any_database: str) -> Iterator[Engine]:
    made = make_engine(any_database)
    yield made
    made.dispose()


def downgrade(migrations: Migrations, engine: Engine, revision: str) -> None:
    with engine.connect() as connection:
        command.downgrade(migrations._config(connection), revision)
        connection.commit()


def fill(engine: Engine, migrations: Migrations) -> int:
    """A row in every table that takes one as it comes; how many."""
    filled = 0
    with engine.begin() as connection:
        for table in migrations.metadata.sorted_tables:
            if table.name.startswith("audit_"):
                continue
            connection.execute(insert(table).values(**_row(table)))
            filled += 1
    return filled


def _row(table: Table) -> dict[str, object]:
    values: dict[str, object] = {}
    for column in table.columns:
        if isinstance(column.type, UtcDateTime):
            values[column.name] = NOON
        elif column.type.python_type is bytes:
            values[column.name] = b"x"
        elif column.type.python_type is int:
            values[column.name] = 1
        elif column.type.python_type is bool:
            values[column.name] = True
        else:
            values[column.name] = _allowed(table, column.name) or "x"
    return values


def _allowed(table: Table, name: str) -> str | None:
    """A word that a check constraint on the column names."""
    for constraint in table.constraints:
        found = re.match(rf"{name} IN \('(\w+)'", str(getattr(constraint, "sqltext", "")))
        if found:
            return found[1]
    return None


def test_upgraded_from_empty_is_what_the_tables_say(empty: Engine, migrations: Migrations) -> None:
    migrations.upgrade(empty)
    assert migrations.differences(empty) == []
    assert migrations.is_current(empty)


def test_a_difference_would_be_seen(empty: Engine, migrations: Migrations) -> None:
    migrations.upgrade(empty)
    with empty.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE forgotten (id INTEGER)")
    assert migrations.differences(empty) != []


def test_upgraded_has_the_indexes_and_triggers_that_made_tables_have(
    empty: Engine, migrations: Migrations, tmp_path: object
) -> None:
    """What the comparison of tables leaves out: unnamed by Alembic, and still part of what keeps the record."""
    migrations.upgrade(empty)
    if empty.dialect.name != "sqlite":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with empty.connect() as connection:
        by_migration = sorted(connection.exec_driver_sql(query).scalars())
    downgrade(migrations, empty, "base")
    migrations.metadata.create_all(empty)
    with empty.connect() as connection:
        assert sorted(connection.exec_driver_sql(query).scalars()) == by_migration


def test_twice_is_no_fault(empty: Engine, migrations: Migrations) -> None:
    migrations.upgrade(empty)
    migrations.upgrade(empty)
    assert migrations.is_current(empty)


def test_down_to_nothing_and_up_again_with_rows(empty: Engine, migrations: Migrations) -> None:
    migrations.upgrade(empty)
    assert fill(empty, migrations) == len(migrations.metadata.tables) - 2
    downgrade(migrations, empty, "base")
    assert set(inspect(empty).get_table_names()) <= {"alembic_version"}
    assert not migrations.is_current(empty)
    migrations.upgrade(empty)
    assert migrations.differences(empty) == []


def test_each_step_keeps_the_rows_there_are(empty: Engine, migrations: Migrations) -> None:
    """Down and up by the newest migration; the first one has nothing before it, and is covered above."""
    migrations.upgrade(empty)
    script = ScriptDirectory.from_config(migrations._config(None))
    before = script.get_revision(migrations.head).down_revision
    if before is None:
        assert len(list(script.walk_revisions())) == 1
        return
    fill(empty, migrations)
    downgrade(migrations, empty, str(before))
    migrations.upgrade(empty)
    assert migrations.differences(empty) == []
    with empty.connect() as connection:
        account = migrations.metadata.tables["account"]
        assert connection.execute(select(account.c.id)).all()


def test_the_head_is_the_newest_file(migrations: Migrations) -> None:
    files = sorted(path.name for path in (migrations.folder / "versions").glob("*.py"))
    assert files[-1].startswith(f"{migrations.head}_")
    assert all(re.fullmatch(r"\d{3}_[a-z0-9_]+\.py", name) for name in files)
    assert [int(name[:3]) for name in files] == list(range(1, len(files) + 1))
    assert [revision.revision for revision in _line(migrations)] == [name[:3] for name in files]


def _line(migrations: Migrations) -> list[object]:
    return list(reversed(list(ScriptDirectory.from_config(migrations._config(None)).walk_revisions())))


def test_an_older_database_is_not_current(empty: Engine, migrations: Migrations) -> None:
    migrations.upgrade(empty)
    with empty.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '000'")
    assert not migrations.is_current(empty)


def test_an_empty_database_is_not_current_and_is_made_so(migrations: Migrations, empty: Engine) -> None:
    assert not migrations.is_current(empty)
    migrations.make_current(empty)
    migrations.make_current(empty)
    assert migrations.is_current(empty)


def test_a_database_that_is_away_does_not_stop_the_start(migrations: Migrations, tmp_path: Path) -> None:
    away = make_engine(f"sqlite:///{tmp_path / 'no such folder' / 'away.sqlite3'}")
    migrations.make_current(away)
    assert not (tmp_path / "no such folder").exists()
