"""Fixtures that several folders of tests share. Databases are real ones; providers answer over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, sync_playwright

from app import clock
from tests.support import postgresql
from tests.support.chromium import launch
from tests.support.hostile_provider import Clock, HostileProvider
from tests.support.portal import PortalUnderTest, make_portal


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser a test process: Playwright can be started only once in each."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """One PostgreSQL server a test process, started when the first test asks for it."""
    with postgresql.server() as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once of each kind: what holds on one must hold on the other."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'any.sqlite3'}"
    return postgresql.new_database(request.getfixturevalue("postgresql_server"), f"test_{uuid4().hex}")


@pytest.fixture
def provider() -> Iterator[HostileProvider]:
    """A provider that answers well until a test switches a fault on. Its clock is the machine's."""
    with HostileProvider(Clock(clock.now())) as running:
        yield running


@pytest.fixture
def portal(tmp_path: Path, provider: HostileProvider) -> Iterator[PortalUnderTest]:
    """A portal on SQLite."""
    running = make_portal(tmp_path, f"sqlite:///{tmp_path / 'portal.sqlite3'}", provider)
    yield running
    running.engine.dispose()


@pytest.fixture
def any_portal(tmp_path: Path, any_database: str, provider: HostileProvider) -> Iterator[PortalUnderTest]:
    """A portal on each kind of database."""
    running = make_portal(tmp_path, any_database, provider)
    yield running
    running.engine.dispose()
