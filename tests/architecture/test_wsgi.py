"""`wsgi.py`: each service is built when asked for, and the portal runs without the other's folder."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT


def run_python(code: str, folder: Path, instance: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QAAMS_")}
    environment |= {
        "QAAMS_ENV": "test",
        "QAAMS_DATABASE_URL": f"sqlite:///{instance / 'portal.sqlite3'}",
        "QAAMS_KEYS_FILE": str(instance / "portal-keys.json"),
        "QAAMS_CREDENTIAL_DATABASE_URL": f"sqlite:///{instance / 'credential.sqlite3'}",
        "QAAMS_CREDENTIAL_KEYS_FILE": str(instance / "credential-keys.json"),
    }
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def portal_alone(tmp_path: Path) -> Path:
    """A copy of the repository in which nobody has installed the credential service."""
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(ROOT / "wsgi.py", copy)
    shutil.copytree(ROOT / "app", copy / "app", ignore=shutil.ignore_patterns("credential_service", "__pycache__"))
    return copy


def test_nothing_is_built_at_import(tmp_path: Path) -> None:
    result = run_python("import wsgi, sys; print('flask' in sys.modules)", ROOT, tmp_path)
    assert result.stdout == "False\n", result.stderr


def test_each_is_built_once_and_alone(tmp_path: Path) -> None:
    code = (
        "import wsgi, sys\n"
        "print(wsgi.portal is wsgi.portal, 'app.credential_service' in sys.modules)\n"
        "print(wsgi.credential_service is wsgi.credential_service, wsgi.portal is wsgi.credential_service)"
    )
    result = run_python(code, ROOT, tmp_path)
    assert result.stdout == "True False\nTrue False\n", result.stderr


def test_the_portal_runs_alone(portal_alone: Path, tmp_path: Path) -> None:
    code = "import wsgi; print(wsgi.portal.test_client().get('/healthz').status_code)"
    result = run_python(code, portal_alone, tmp_path)
    assert result.stdout == "200\n", result.stderr


def test_what_is_not_there_is_named(portal_alone: Path, tmp_path: Path) -> None:
    assert (
        "No module named 'app.credential_service'"
        in run_python("import wsgi; wsgi.credential_service", portal_alone, tmp_path).stderr
    )
    assert "AttributeError: application" in run_python("import wsgi; wsgi.application", portal_alone, tmp_path).stderr


@pytest.mark.parametrize("service", ["portal", "credential_service"])
def test_workers_that_start_at_once_on_an_empty_database_all_start(tmp_path: Path, service: str) -> None:
    code = f"import wsgi; print(wsgi.{service}.test_client().get('/readyz').json['status'])"
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: run_python(code, ROOT, tmp_path), range(3)))
    assert [result.stdout for result in results] == ["ready\n"] * 3, results
