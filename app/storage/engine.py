"""Engines for SQLite and PostgreSQL, set up alike: real transactions, and a bounded wait for locks."""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

LOCK_WAIT_MS = 5000
WRITE_OPTION = "qaams_write"


def engine_options(url: str) -> dict[str, Any]:
    """Keyword arguments for `create_engine` that suit the database named by `url`."""
    # The text of a database error ends up in logs, which hold no addresses and no secrets.
    options: dict[str, Any] = {"hide_parameters": True}
    if make_url(url).get_backend_name() == "sqlite":
        # autocommit at the driver, because we begin transactions ourselves (see `_begin`).
        driver: dict[str, Any] = {"timeout": LOCK_WAIT_MS / 1000, "check_same_thread": False, "isolation_level": None}
        return options | {"connect_args": driver}
    driver = {"options": f"-c lock_timeout={LOCK_WAIT_MS} -c timezone=UTC"}
    return options | {"pool_pre_ping": True, "connect_args": driver}


def make_engine(url: str) -> Engine:
    """An engine for tests, workers and migrations; the web processes let Flask-SQLAlchemy make theirs."""
    engine = create_engine(url, **engine_options(url))
    prepare(engine)
    return engine


def prepare(engine: Engine) -> None:
    """Attach what every connection of a SQLite engine needs; nothing for PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)


def _set_pragmas(connection: Any, record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={LOCK_WAIT_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A deferred transaction that turns into a writer late fails at once with "database is locked"; one that
    # means to write says so first and waits its turn.
    write = connection.get_execution_options().get(WRITE_OPTION, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
