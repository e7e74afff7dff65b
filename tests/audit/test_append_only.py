"""The database itself refuses to change the record, whatever code asks it to."""

import pytest
from sqlalchemy.exc import DBAPIError

from tests.audit.archive import Archive


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET kind = 'other' WHERE serial = 2",
        "UPDATE audit_event SET serial = 9 WHERE serial = 2",
        "DELETE FROM audit_event WHERE serial = 2",
        "DELETE FROM audit_event",
        "INSERT INTO audit_event SELECT * FROM audit_event WHERE serial = 2",
        "UPDATE audit_head SET serial = serial - 1",
        "UPDATE audit_head SET hash = 'other'",
        "UPDATE audit_head SET serial = serial + 2",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head (id, serial, hash) VALUES (1, 0, '')",
        "INSERT INTO audit_head (id, serial, hash) VALUES (2, 0, '')",
    ],
)
def test_the_record_cannot_be_changed(archive: Archive, statement: str) -> None:
    archive.write(3)
    with pytest.raises(DBAPIError):
        archive.run(statement)
    assert archive.verify().ok
    archive.write()
    assert archive.verify().events == 4


def test_the_ways_around_of_each_database_are_closed(archive: Archive) -> None:
    around = {
        "sqlite": [
            "REPLACE INTO audit_event SELECT * FROM audit_event WHERE serial = 2",
            "INSERT OR REPLACE INTO audit_head (id, serial, hash) VALUES (1, 0, '')",
            "UPDATE OR REPLACE audit_event SET serial = 1 WHERE serial = 2",
        ],
        "postgresql": ["TRUNCATE audit_event", "TRUNCATE audit_head", "TRUNCATE audit_event, audit_head"],
    }
    archive.write(3)
    for statement in around[archive.engine.dialect.name]:
        with pytest.raises(DBAPIError):
            archive.run(statement)
    assert archive.verify().ok
