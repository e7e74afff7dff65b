"""The chain: what is appended verifies, and every way of changing it is found and named."""

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, select
from sqlalchemy.orm import Session

from app.audit.chain import BATCH, Break, ChainError, VerifyResult, append, canonical, verify_export
from app.audit.tables import FIRST_HEAD, GENESIS, append_only, audit_tables
from app.storage.engine import make_engine
from tests.audit.archive import NOON, Archive


def test_an_empty_record_is_whole(archive: Archive) -> None:
    assert archive.verify() == VerifyResult(0, GENESIS)
    assert archive.verify().ok


def test_events_are_numbered_and_verify(archive: Archive) -> None:
    archive.write(3)
    archive.write(2)
    result = archive.verify()
    assert result.ok
    assert result.events == 5
    with archive.engine.connect() as connection:
        rows = connection.execute(select(archive.tables.event).order_by(archive.tables.event.c.serial)).all()
    assert [row.serial for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0].previous_hash == GENESIS
    assert rows[4].hash == result.last_hash
    assert (rows[0].kind, rows[0].occurred_at) == ("thing.happened", NOON)
    assert rows[0].payload == '{"account":0,"code":"QA-201","who":null}'


def test_a_long_record_is_read_in_batches(archive: Archive) -> None:
    archive.write(BATCH + 3)
    assert archive.verify().events == BATCH + 3


def test_an_event_goes_with_its_transaction(archive: Archive) -> None:
    archive.write()
    with Session(archive.engine) as session:
        append(session, archive.tables, "thing.happened", {}, NOON)
        session.rollback()
    archive.write()
    assert archive.verify().events == 2


def write_ten(archive: Archive) -> None:
    for _ in range(10):
        archive.write()


def test_many_writers_make_one_chain(archive: Archive) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: write_ten(archive), range(4)))
    assert archive.verify().ok
    assert archive.verify().events == 40


def test_nothing_is_appended_to_a_record_without_its_head(unprotected: Archive) -> None:
    unprotected.run("DELETE FROM audit_head")
    with pytest.raises(ChainError):
        unprotected.write()


OTHER_HASH = "ab" * 32
COPY_OF_THE_LAST = (
    "INSERT INTO audit_event (serial, occurred_at, kind, payload, previous_hash, hash)"
    " SELECT 6, occurred_at, kind, payload, hash, hash FROM audit_event WHERE serial = 5"
)


@pytest.mark.parametrize(
    ("statements", "serial", "broken"),
    [
        (["UPDATE audit_event SET payload = '{\"account\":9}' WHERE serial = 3"], 3, Break.EDITED),
        (["UPDATE audit_event SET payload = 'nonsense' WHERE serial = 3"], 3, Break.EDITED),
        (["UPDATE audit_event SET payload = ' ' || payload WHERE serial = 3"], 3, Break.EDITED),
        (["UPDATE audit_event SET kind = 'other' WHERE serial = 1"], 1, Break.EDITED),
        (["UPDATE audit_event SET occurred_at = '2027-03-31 12:00:01.000000' WHERE serial = 5"], 5, Break.EDITED),
        (["UPDATE audit_event SET hash = 'abab' WHERE serial = 2"], 2, Break.EDITED),
        (["UPDATE audit_event SET previous_hash = 'abab' WHERE serial = 2"], 2, Break.EDITED),
        (["DELETE FROM audit_event WHERE serial = 1"], 1, Break.MISSING),
        (["DELETE FROM audit_event WHERE serial = 3"], 3, Break.MISSING),
        (["DELETE FROM audit_event WHERE serial >= 4"], 4, Break.TRUNCATED),
        (["DELETE FROM audit_event"], 1, Break.TRUNCATED),
        (
            ["DELETE FROM audit_event WHERE serial = 3", "UPDATE audit_event SET serial = serial - 1 WHERE serial > 3"],
            3,
            Break.EDITED,
        ),
        (
            [
                "UPDATE audit_event SET serial = 9 WHERE serial = 2",
                "UPDATE audit_event SET serial = 2 WHERE serial = 3",
                "UPDATE audit_event SET serial = 3 WHERE serial = 9",
            ],
            2,
            Break.EDITED,
        ),
        (["DELETE FROM audit_event WHERE serial = 5", "UPDATE audit_head SET serial = 4"], 4, Break.WRONG_HEAD),
        (["UPDATE audit_head SET serial = 4"], 5, Break.UNRECORDED),
        (["UPDATE audit_head SET hash = 'abab'"], 5, Break.WRONG_HEAD),
        (["DELETE FROM audit_head"], 1, Break.NO_HEAD),
        (["DELETE FROM audit_head", "DELETE FROM audit_event"], 1, Break.NO_HEAD),
        (
            [COPY_OF_THE_LAST],
            6,
            Break.EDITED,
        ),
    ],
)
def test_tampering_is_found_and_named(unprotected: Archive, statements: list[str], serial: int, broken: Break) -> None:
    for statement in statements:
        unprotected.run(statement)
    result = unprotected.verify()
    assert (result.ok, result.broken_serial, result.broken) == (False, serial, broken)


def test_a_stored_moment_that_is_none_is_an_edit_and_not_an_error(tmp_path: Path) -> None:
    archive = Archive(make_engine(f"sqlite:///{tmp_path / 'sqlite.sqlite'}"))
    archive.tables.event.metadata.create_all(archive.engine)
    archive.write(3)
    archive.run("DROP TRIGGER audit_event_no_update")
    archive.run("UPDATE audit_event SET occurred_at = 'never' WHERE serial = 2")
    assert archive.verify().broken_serial == 2
    archive.engine.dispose()


def forge(lines: list[str], number: int, payload: dict[str, int]) -> list[str]:
    """Change the payload of event `number` and make its own hash right again, as an able intruder would."""
    entry = json.loads(lines[number - 1]) | {"payload": payload}
    del entry["hash"]
    entry["hash"] = hashlib.sha256(canonical(entry).encode()).hexdigest()
    return [*lines[: number - 1], canonical(entry), *lines[number:]]


def test_an_event_that_was_rehashed_no_longer_joins_the_next(archive: Archive) -> None:
    archive.write(5)
    result = verify_export(forge(archive.export(), 2, {"account": 9}))
    assert (result.broken_serial, result.broken) == (3, Break.UNLINKED)


def test_the_last_event_rehashed_no_longer_joins_the_head(archive: Archive) -> None:
    archive.write(5)
    result = verify_export(forge(archive.export(), 5, {"account": 9}))
    assert (result.broken_serial, result.broken) == (5, Break.WRONG_HEAD)


def test_an_event_beyond_the_head_is_found(archive: Archive) -> None:
    archive.write(5)
    longer = archive.export()
    head = canonical({"head": {"serial": 4, "hash": json.loads(longer[3])["hash"]}})
    result = verify_export([*longer[:5], head])
    assert (result.broken_serial, result.broken) == (5, Break.UNRECORDED)


def test_an_export_verifies_anywhere(archive: Archive, tmp_path: Path) -> None:
    archive.write(5)
    file = tmp_path / "audit.jsonl"
    file.write_text("\n".join(archive.export()) + "\n", "utf-8")
    with file.open(encoding="utf-8") as lines:
        result = verify_export(lines)
    assert result == archive.verify()
    assert result.ok


def test_an_export_verifies_without_our_code(archive: Archive) -> None:
    archive.write(5)
    previous = GENESIS
    *events, head = [json.loads(line) for line in archive.export()]
    for event in events:
        stated = event.pop("hash")
        plain = json.dumps(event, sort_keys=True, separators=(",", ":")).encode()
        assert event["previous_hash"] == previous
        previous = hashlib.sha256(plain).hexdigest()
        assert stated == previous
    assert head == {"head": {"serial": 5, "hash": previous}}


@pytest.mark.parametrize(
    ("change", "serial", "broken"),
    [
        (lambda lines: lines[:-1], 6, Break.NO_HEAD),
        (lambda lines: lines[:0], 1, Break.NO_HEAD),
        (lambda lines: [*lines[:3], lines[-1]], 4, Break.TRUNCATED),
        (lambda lines: [*lines[:2], *lines[3:]], 3, Break.MISSING),
        (lambda lines: [lines[1], lines[0], *lines[2:]], 1, Break.MISSING),
        (lambda lines: [*lines[:2], "", *lines[2:]], 3, Break.UNREADABLE),
        (lambda lines: [*lines[:2], "[1]", *lines[3:]], 3, Break.UNREADABLE),
        (lambda lines: [*lines[:2], lines[2].replace("{", '{"extra":1,', 1), *lines[3:]], 3, Break.UNREADABLE),
        (
            lambda lines: [*lines[:2], lines[2].replace('"serial":3', '"serial":3,"serial":3'), *lines[3:]],
            3,
            Break.UNREADABLE,
        ),
        (lambda lines: [*lines, lines[0]], 6, Break.UNRECORDED),
        (lambda lines: [*lines[:-1], '{"head":7}'], 6, Break.NO_HEAD),
        (lambda lines: [*lines[:-1], '{"head":null}'], 6, Break.NO_HEAD),
    ],
)
def test_a_changed_export_is_found(
    archive: Archive, change: Callable[[list[str]], list[str]], serial: int, broken: Break
) -> None:
    archive.write(5)
    result = verify_export(change(archive.export()))
    assert (result.broken_serial, result.broken) == (serial, broken)


def test_a_record_rewritten_as_a_whole_is_told_by_a_hash_kept_elsewhere(archive: Archive) -> None:
    archive.write(3)
    noted = archive.verify().last_hash
    archive.write(2)
    assert archive.verify(noted).ok
    assert verify_export(archive.export(), noted).ok
    result = archive.verify(OTHER_HASH)
    assert (result.broken_serial, result.broken) == (1, Break.REWRITTEN)


def test_text_in_any_script_is_hashed_as_it_stands() -> None:
    assert canonical({"b": 1, "a": "é\u2028", "c": None, "d": True}) == '{"a":"é\u2028","b":1,"c":null,"d":true}'


def test_a_migration_makes_the_same_as_the_metadata(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'migrated.sqlite'}")
    metadata = MetaData()
    tables = audit_tables(metadata)
    with engine.begin() as connection:
        for table in (tables.event, tables.head):
            columns = ", ".join(f"{column.name} {column.type.compile(engine.dialect)}" for column in table.columns)
            connection.exec_driver_sql(f"CREATE TABLE {table.name} ({columns})")
        for statement in [FIRST_HEAD, *append_only("sqlite")]:
            connection.exec_driver_sql(statement)
    archive = Archive(engine, tables)
    archive.write(2)
    assert archive.verify().ok
    engine.dispose()
