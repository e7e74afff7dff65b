"""What keeps the credential service from starting in production."""

from pathlib import Path
from typing import Any

import pytest

from app.credential_service.settings import ClientSettings, CredentialSettings
from app.settings import EMBEDDED_CLIENT_SECRET, SettingsError


def read(folder: Path, **changes: Any) -> CredentialSettings:
    given = {
        "env": "production",
        "public_url": "https://credential.example.org",
        "database_url": f"sqlite:///{folder / 'credential.sqlite3'}",
        "keys_file": folder / "keys.json",
        "mail_url": "smtp://mail.example.org:25",
        "mail_from": "Credential service <no-reply@example.org>",
        "secret_key": "s" * 32,
    }
    return CredentialSettings.read(**(given | changes))


def test_a_client_with_the_secret_of_the_embedded_one(tmp_path: Path) -> None:
    client = ClientSettings(client_id="a", client_secret=EMBEDDED_CLIENT_SECRET)
    with pytest.raises(SettingsError, match="QAAMS_CREDENTIAL_CLIENTS: a: must have a client_secret of its own"):
        read(tmp_path, clients=(client,))


def test_one_with_its_own_starts(tmp_path: Path) -> None:
    assert read(tmp_path, clients=(ClientSettings(client_id="a", client_secret="its own"),)).clients
