"""Portals in the situations that several tests of this folder begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hostile_provider import SUBJECT, HostileProvider
from tests.support.portal import PortalUnderTest, make_portal, stand_in


@pytest.fixture
def idme(tmp_path: Path, provider: HostileProvider) -> Iterator[PortalUnderTest]:
    """A portal whose provider speaks ID.me's dialect: two confirmed addresses, a name, two factors shown."""
    provider.userinfo = {
        "sub": SUBJECT,
        "uuid": SUBJECT,
        "email": "ro@example.com",
        "emails_confirmed": ["ro@example.com", "office@example.com"],
        "fname": "Rosa",
        "lname": "Okafor",
        "multifactor": True,
    }
    settings = (stand_in(provider, adapter="idme"),)
    running = make_portal(tmp_path, f"sqlite:///{tmp_path / 'idme.sqlite3'}", provider, provider_settings=settings)
    yield running
    running.engine.dispose()
