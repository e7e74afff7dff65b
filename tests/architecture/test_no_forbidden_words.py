"""Words that must not stand in the repository: places of one machine, addresses of registries, unfinished work."""

import re
from pathlib import Path

from tests.architecture.tree import ROOT, files, name_of

TEXTS = (
    "*.py",
    "*.md",
    "*.toml",
    "*.txt",
    "*.html",
    "*.css",
    "*.js",
    "*.json",
    "*.sh",
    "*.ini",
    "*.cfg",
    "*.yml",
    "Makefile",
    "run",
)
# The words of others, and this file, which has to name what it looks for.
NOT_READ = {"htmx.min.js", "common_passwords.txt", Path(__file__).name}
MACHINE_PATHS = re.compile(r"(?<![\w.}])/(?:work|root|opt|home/[a-z]+)/")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
REGISTRIES = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian")
LOG_IN = re.compile(r"\blog(?:ged)?[ -]?(?:in|on)\b(?![._]gov)", re.IGNORECASE)


def found(pattern: re.Pattern[str], *patterns: str, under: str = ".") -> list[str]:
    """Each line that matches, with its place."""
    return [
        f"{name_of(path)}:{number}: {line.strip()[:100]}"
        for path in files(*patterns, under=under)
        if path.name not in NOT_READ
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_machine_paths() -> None:
    assert found(MACHINE_PATHS, *TEXTS) == []


def test_no_unfinished_work() -> None:
    assert found(UNFINISHED, *TEXTS) == []


def test_lock_files_name_no_registry() -> None:
    for name in ("run.txt", "test.txt"):
        text = (ROOT / "requirements" / name).read_text()
        assert "://" not in text
        assert "--index" not in text
        assert "--hash=sha256:" in text
    lock = (ROOT / "tests/interoperation/package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert '"integrity"' in lock


def test_no_registry_anywhere() -> None:
    assert found(REGISTRIES, *TEXTS) == []


def test_people_sign_in() -> None:
    templates = [
        *found(LOG_IN, "*.html", "*.txt", under="app/templates"),
        *found(LOG_IN, "*.html", "*.txt", under="app/credential_service"),
    ]
    assert templates == [], 'write "sign in"'


def test_the_other_word_is_found() -> None:
    assert LOG_IN.search("Log in to continue")
    assert LOG_IN.search("your login")
    assert not LOG_IN.search("Sign in with Login.gov, login_hint, a blog in English")


def test_a_machine_path_is_found() -> None:
    assert MACHINE_PATHS.search("see /home/someone/file")
    assert not MACHINE_PATHS.search("a framework/root/page, https://portal.example.org/work/")
