"""One pair of services for all browser tests of a process, and people who visit them."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.running import Services, running
from tests.support.visitor import Visitor

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Both services, as `make run` starts them."""
    with running(tmp_path_factory.mktemp("instance")) as started:
        yield started


@pytest.fixture
def new_visitor(chromium: Browser, services: Services) -> Iterator[NewVisitor]:
    """Makes people, each with a browser profile of their own; scripts can be off."""
    contexts = []

    def make(*, scripts: bool = True, **options: object) -> Visitor:
        context = chromium.new_context(java_script_enabled=scripts, **options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        return Visitor(context.new_page(), services)

    yield make
    for context in contexts:
        context.close()
