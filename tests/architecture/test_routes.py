"""Every endpoint stands in a committed table with its guard and its reason, so that a new door is seen in review."""

import difflib
from pathlib import Path

import pytest

from app.web.guard import SAFE_METHODS, guard_of, route_table
from tests.architecture.services import SERVICES, build, table_of

REGENERATE = "If this is meant: .venv/bin/python -m tests.architecture.services, and read the difference."


@pytest.mark.parametrize("name", SERVICES)
def test_the_table_is_the_committed_one(name: str, tmp_path: Path) -> None:
    committed = table_of(name).read_text().splitlines()
    now = route_table(build(name, tmp_path))
    difference = list(difflib.unified_diff(committed, now, "committed", "now", lineterm="", n=0))
    assert difference == [], "\n".join([*difference, REGENERATE])


@pytest.mark.parametrize("name", SERVICES)
def test_what_takes_no_form_token_says_why(name: str, tmp_path: Path) -> None:
    app = build(name, tmp_path)
    unsafe = [rule.endpoint for rule in app.url_map.iter_rules() if (rule.methods or set()) - SAFE_METHODS]
    guards = {endpoint: guard_of(app, endpoint) for endpoint in unsafe}
    assert [endpoint for endpoint, guard in guards.items() if not guard.csrf and not guard.reason] == []
