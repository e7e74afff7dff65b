"""Who may import whom: the contracts of pyproject.toml hold, and cover every package there is."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.tree import ROOT, files, imported_names, name_of

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def contracts() -> list[dict[str, list[str]]]:
    return PYPROJECT["tool"]["importlinter"]["contracts"]


def run_python(code: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


def test_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_every_package_is_under_a_contract() -> None:
    named = {module.removesuffix(".*") for contract in contracts() for module in contract.get("source_modules", [])}
    packages = {f"app.{path.parent.name}" for path in (ROOT / "app").glob("*/__init__.py")}
    # Commands may import everything; migrations are run by file name and import no part of the app.
    assert sorted(packages - named - {"app.cli", "app.migrations"}) == []


def test_migrations_do_not_depend_on_today_s_tables() -> None:
    for path in files("*/migrations/versions/*.py", under="app"):
        later = [name for name in imported_names(path) if name.startswith(("app.models", "app.credential_service"))]
        assert later == [], f"{name_of(path)}: a migration must mean the same when the tables have moved on"


def test_importing_the_domain_loads_no_framework() -> None:
    result = run_python(
        "import app.domain, app.domain.errors, sys; print('flask' in sys.modules, 'sqlalchemy' in sys.modules)"
    )
    assert result.stdout == "False False\n", result.stderr


def test_importing_the_domain_loads_only_itself_and_the_standard_library() -> None:
    names = [name_of(path).removesuffix(".py").replace("/", ".") for path in files("*.py", under="app/domain")]
    modules = [name.removesuffix(".__init__") for name in names]
    code = (
        "import sys; before = set(sys.modules)\n"
        f"import {', '.join(modules)}\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - sys.stdlib_module_names - {'app'}))"
    )
    result = run_python(code)
    assert result.stdout == "[]\n", result.stderr
