"""A credential service on SQLite, with its inbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.credential_service.accounts.house import House, make_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A credential service without a floor under failures, so that tests need not wait."""
    running = make_house(tmp_path)
    yield running
    running.close()
