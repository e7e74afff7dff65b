"""Which outside libraries the inner packages may use: a list of what is allowed, so that a new one is a decision."""

import sys

import pytest

from tests.architecture.tree import files, imported_names, name_of

ALLOWED = {
    "app/domain": set(),
    "app/authenticators": {"argon2", "bcrypt", "cryptography", "phonenumbers", "pyotp", "segno", "webauthn"},
    # flask and flask_sqlalchemy: in database.py only, as the contracts say.
    "app/storage": {"alembic", "cryptography", "flask", "flask_sqlalchemy", "sqlalchemy"},
    "app/delivery": {"sqlalchemy"},
    "app/audit": {"sqlalchemy"},
    "app/models": {"flask_sqlalchemy", "sqlalchemy"},
    "app/oidc_client": {"authlib", "cryptography", "email_validator", "joserfc", "requests", "urllib3"},
    "app/flows": {"joserfc", "sqlalchemy"},
}


@pytest.mark.parametrize("package", ALLOWED)
def test_only_the_allowed_ones(package: str) -> None:
    modules = files("*.py", under=package)
    assert modules
    for path in modules:
        tops = {name.partition(".")[0] for name in imported_names(path)}
        outside = tops - set(sys.stdlib_module_names) - {"app"}
        assert outside <= ALLOWED[package], f"{name_of(path)} uses {sorted(outside - ALLOWED[package])}"


def test_authlib_s_flask_client_is_not_used() -> None:
    """Pending sign-ins are rows of ours, single-use at the server; that client keeps them in the cookie."""
    users = [
        name_of(path) for path in files("*.py", under="app") for name in imported_names(path) if "flask_client" in name
    ]
    assert users == []


def test_flask_s_session_is_not_used() -> None:
    users = [name_of(path) for path in files("*.py", under="app") if "flask.session" in imported_names(path)]
    assert users == [], "what a sign-in needs is kept in rows at the server"


def test_time_is_read_in_one_place() -> None:
    for path in files("*.py", under="app"):
        if name_of(path) != "app/clock.py":
            text = path.read_text()
            assert "datetime.now(" not in text, f"{name_of(path)}: take the time from app.clock, or as an argument"
            assert "time.time()" not in text, f"{name_of(path)}: take the time from app.clock, or as an argument"
