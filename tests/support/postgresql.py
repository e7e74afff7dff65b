"""A PostgreSQL server of the tests' own: on a free port of this machine, in a folder of its own, gone afterwards."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine, text

VERSIONS = Path("/usr/lib/postgresql")
OWNER = "postgres"


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The server's address as a SQLAlchemy URL without a database name. As root it runs as Debian's `postgres`."""
    binaries = max(VERSIONS.glob("*/bin"))
    folder = Path(tempfile.mkdtemp(prefix="qaams-postgresql-"))
    if os.geteuid() == 0:
        owner = pwd.getpwnam(OWNER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data, port = folder / "data", _free_port()
    _run(binaries / "initdb", "-D", data, "-A", "trust", "-U", OWNER, "--no-sync", "-E", "UTF8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    _run(binaries / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start")
    try:
        yield f"postgresql+psycopg://{OWNER}@127.0.0.1:{port}"
    finally:
        _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: object) -> None:
    prefix = ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []
    subprocess.run(
        [*prefix, *map(str, command)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_database(address: str, name: str) -> str:
    """An empty database on the server; its URL."""
    engine = create_engine(f"{address}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return f"{address}/{name}"
