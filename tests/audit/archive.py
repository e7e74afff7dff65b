"""An audit record as the audit tests use it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, MetaData
from sqlalchemy.orm import Session

from app.audit.chain import VerifyResult, append, export, verify
from app.audit.tables import AuditTables, audit_tables
from app.storage.unit_of_work import unit_of_work

NOON = datetime(2027, 3, 31, 12, 0, tzinfo=UTC)
METADATA = MetaData()
TABLES = audit_tables(METADATA)


@dataclass(frozen=True)
class Archive:
    """One service's record."""

    engine: Engine
    tables: AuditTables = TABLES

    def write(self, count: int = 1) -> None:
        with Session(self.engine) as session, unit_of_work(session) as unit:
            for number in range(count):
                moment = NOON + timedelta(microseconds=number)
                append(unit, self.tables, "thing.happened", {"account": number, "code": "QA-201", "who": None}, moment)

    def verify(self, noted_hash: str | None = None) -> VerifyResult:
        with Session(self.engine) as session:
            return verify(session, self.tables, noted_hash)

    def export(self) -> list[str]:
        with Session(self.engine) as session:
            return list(export(session, self.tables))

    def run(self, statement: str) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql(statement)
