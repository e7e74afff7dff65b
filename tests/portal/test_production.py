"""What production refuses to start with, one by one, and what is not there when it runs."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.cli.seed import seed
from app.models.all import MIGRATIONS
from app.models.base import db
from app.settings import EMBEDDED_CLIENT_SECRET, EMBEDDED_SECRET, ProviderSettings, Settings, SettingsError
from app.storage.engine import make_engine
from app.storage.keyring import Keyring
from app.web.guard import route_table

PUBLIC_URL = "https://portal.example.org"


def sound(folder: Path, **changes: Any) -> dict[str, Any]:
    """Settings that production starts with; a change of None leaves one out."""
    given = {
        "env": "production",
        "public_url": PUBLIC_URL,
        "database_url": f"sqlite:///{folder / 'portal.sqlite3'}",
        "keys_file": folder / "keys.json",
        "mail_url": "smtp://mail.example.org:25",
        "mail_from": "QAAMS <no-reply@example.org>",
        "secret_key": "s" * 32,
        "username_sign_in": False,
        "provider_settings": (
            ProviderSettings(
                provider="idme", issuer="https://api.example.org", client_id="x", client_secret="y" * 32, label="ID.me"
            ),
        ),
    } | changes
    return {name: value for name, value in given.items() if value is not None}


def start(folder: Path, **changes: Any) -> Flask:
    Keyring.load(folder / "keys.json", create=True)
    return create_app(Settings.read(**sound(folder, **changes)))


@pytest.fixture
def running(tmp_path: Path) -> Flask:
    return start(tmp_path)


def test_sound_settings_start(running: Flask) -> None:
    assert running.test_client().get("/healthz", base_url=PUBLIC_URL).json == {"status": "ok"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"public_url": "http://portal.example.org"}, "QAAMS_PUBLIC_URL: must be https"),
        ({"public_url": None}, "QAAMS_PUBLIC_URL: required"),
        ({"database_url": None}, "QAAMS_DATABASE_URL: required"),
        ({"keys_file": None}, "QAAMS_KEYS_FILE: required"),
        ({"mail_url": None}, "QAAMS_MAIL_URL: required"),
        ({"mail_from": None}, "QAAMS_MAIL_FROM: required"),
        ({"secret_key": None}, "QAAMS_SECRET_KEY: must be set"),
        ({"secret_key": EMBEDDED_SECRET}, "QAAMS_SECRET_KEY: must be set"),
        ({"secret_key": "s" * 31}, "QAAMS_SECRET_KEY: must be set"),
        ({"outbox_page": True}, "QAAMS_OUTBOX_PAGE: "),
        ({"username_sign_in": True}, "QAAMS_USERNAME_SIGN_IN: must be off"),
        ({"username_sign_in": None}, "QAAMS_USERNAME_SIGN_IN: must be off"),
    ],
)
def test_unsafe_settings_do_not(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.read(**sound(tmp_path, **change))
    assert [line for line in caught.value.problems if line.startswith(named)], caught.value


def test_all_that_is_unsafe_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.read(**sound(tmp_path, mail_url=None, secret_key=None, outbox_page=True))
    assert [line.partition(":")[0] for line in caught.value.problems] == [
        "QAAMS_MAIL_URL",
        "QAAMS_SECRET_KEY",
        "QAAMS_OUTBOX_PAGE",
    ]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"ISSUER": "https://a.example", "CLIENT_ID": "x", "CLIENT_SECRET": EMBEDDED_CLIENT_SECRET}, "CLIENT_SECRET"),
        ({"ISSUER": "http://a.example", "CLIENT_ID": "x", "CLIENT_SECRET": "y" * 32}, "ISSUER"),
        ({"CLIENT_ID": "x", "CLIENT_SECRET": "y" * 32}, "ISSUER"),
        ({"ISSUER": "https://a.example", "CLIENT_SECRET": "y" * 32}, "CLIENT_ID"),
    ],
)
def test_a_provider_of_the_laptop_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], named: str
) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"QAAMS_IDME_{name}", value)
    with pytest.raises(SettingsError, match=f"QAAMS_IDME_{named}: "):
        Settings.read(**sound(tmp_path, provider_settings=None))


def test_demo_data_does_not(tmp_path: Path) -> None:
    engine = make_engine(str(sound(tmp_path)["database_url"]))
    MIGRATIONS.upgrade(engine)
    engine.dispose()
    app = start(tmp_path)
    with app.app_context():
        seed(db.session())
        db.session.remove()
        db.engine.dispose()
    with pytest.raises(SettingsError, match="QAAMS_DATABASE_URL: the database holds demo data"):
        start(tmp_path)


def test_the_seed_is_refused(running: Flask) -> None:
    result = running.test_cli_runner().invoke(args=["seed"])
    assert result.exit_code != 0
    assert "Production refuses demo data" in result.output


def test_keys_are_never_made_in_passing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"QAAMS_KEYS_FILE: .*keys\.json"):
        create_app(Settings.read(**sound(tmp_path)))
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.parametrize("path", ["/outbox", "/outbox.json"])
def test_the_outbox_page_is_not_there(running: Flask, path: str) -> None:
    assert not [line for line in route_table(running) if "outbox" in line]
    assert running.test_client().get(path, base_url=PUBLIC_URL).status_code == 404


def test_cookies_are_for_this_host_over_tls_whatever_scheme_reached_the_app(running: Flask) -> None:
    for scheme in ("https", "http"):
        header = running.test_client().get("/sign-in", base_url=f"{scheme}://portal.example.org").headers["Set-Cookie"]
        assert header.startswith("__Host-qaams_session=")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(header.split("; "))


def test_loopback_is_no_host_of_production(running: Flask) -> None:
    for host in ("127.0.0.1", "[::1]", "localhost"):
        assert running.test_client().get("/healthz", base_url=f"http://{host}").status_code == 400


def test_usernames_are_not_offered(running: Flask) -> None:
    client = running.test_client()
    assert "/sign-in/username" not in client.get("/sign-in", base_url=PUBLIC_URL).text
    assert "QA-305" in client.get("/sign-in/username", base_url=PUBLIC_URL).text
