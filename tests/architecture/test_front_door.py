"""What the README promises is there: the targets, the command of CI, the settings and the decisions."""

import os
import re
import subprocess
import tomllib

from app.credential_service.settings import CredentialSettings
from app.settings import ProviderSettings, ServiceSettings, Settings
from tests.architecture.tree import ROOT, files, name_of

LINK = re.compile(r"\[[^\]]+\]\((?!https?:|#|mailto:)([^)#]+)")
# Fields that are put in by programs, not by variables.
NO_VARIABLES = {"provider", "provider_settings"}


def variables(settings: type[ServiceSettings]) -> set[str]:
    """The environment variables that a settings class reads."""
    prefix = str(settings.model_config["env_prefix"])
    found = set()
    for name, field in settings.model_fields.items():
        aliases = getattr(field.validation_alias, "choices", [f"{prefix}{name.upper()}"])
        found |= {str(alias) for alias in aliases if str(alias).startswith("QAAMS_") and name not in NO_VARIABLES}
    return found


def documented() -> set[str]:
    rows = re.findall(r"^\| `(QAAMS_[A-Z_]+)`", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    assert len(rows) == len(set(rows)), "a setting is told twice"
    return set(rows)


def test_every_setting_is_documented() -> None:
    provider = {f"QAAMS_IDME_{name.upper()}" for name in ProviderSettings.model_fields if name not in NO_VARIABLES}
    assert documented() == variables(Settings) | variables(CredentialSettings) | provider


def test_targets_are_told_and_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    told = set(re.findall(r"^#   make ([a-z]+) ", makefile, re.MULTILINE))
    phony = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())
    assert targets == told == phony
    readme = set(re.findall(r"\bmake ([a-z]+)\b", (ROOT / "README.md").read_text()))
    assert {"run", "test"} <= readme <= targets


def test_ci_runs_the_readme_s_test_command() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == "exec make test"


def test_a_wrong_port_is_refused_before_anything_starts() -> None:
    command = ["make", "--no-print-directory", "-C", str(ROOT), "run", "PORT=eighty"]
    result = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "'eighty' is not a port" in result.stderr


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{name_of(path)}: {target}"
        for path in files("*.md")
        for target in LINK.findall(path.read_text())
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in files("*.md", under="docs/adr")]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = [*project["project"]["dependencies"], *project["dependency-groups"]["test"]]
    names = {re.split(r"[\[>=<]", line)[0] for line in listed}
    told = set(re.findall(r"^\| `([a-z0-9-]+)`", (ROOT / "docs/adr/0002-dependencies.md").read_text(), re.MULTILINE))
    assert names == told
