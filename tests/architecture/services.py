"""The two services as the architecture tests build them, and the committed tables of their routes.

`.venv/bin/python -m tests.architecture.services` writes the tables anew.
"""

import tempfile
from pathlib import Path

from flask import Flask

from app.settings import Settings
from app.web.guard import route_table

TABLES = Path(__file__).resolve().parent / "routes"
SERVICES = ("portal", "credential_service")


def build(name: str, folder: Path) -> Flask:
    """One of the two services, as a test builds it, on a database in the folder."""
    where = {"env": "test", "database_url": f"sqlite:///{folder / name}.sqlite3", "keys_file": folder / f"{name}.json"}
    if name == "portal":
        from app import create_app

        return create_app(Settings.read(**where))
    from app.credential_service import create_app as create_credential_service
    from app.credential_service.settings import CredentialSettings

    return create_credential_service(CredentialSettings.read(**where))


def table_of(name: str) -> Path:
    """Where a service's table is kept."""
    return TABLES / f"{name}.tsv"


def main() -> None:
    """Write both tables."""
    with tempfile.TemporaryDirectory() as folder:
        for name in SERVICES:
            lines = route_table(build(name, Path(folder)))
            table_of(name).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
