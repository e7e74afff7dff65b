"""A provider that lives for one test, and a relying party configured for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.oidc_client.client import RelyingParty, SignInResult
from app.oidc_client.provider import ProviderConfig
from tests.support.hostile_provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, Clock, HostileProvider

Configure = Callable[..., RelyingParty]
SignIn = Callable[..., SignInResult]


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """These tests speak HTTP to a server of their own on 127.0.0.1."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(clock: Clock) -> Iterator[HostileProvider]:
    with HostileProvider(clock) as running:
        yield running


@pytest.fixture
def configure(provider: HostileProvider, clock: Clock) -> Configure:
    """A relying party of the test's provider, with changes to its configuration."""

    def build(**changes: Any) -> RelyingParty:
        values: dict[str, Any] = {
            "key": "stand-in",
            "label": "the stand-in",
            "issuer": provider.issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "redirect_uri": REDIRECT_URI,
            "post_logout_redirect_uri": "http://localhost:8000/signed-out",
        }
        return RelyingParty(ProviderConfig(**(values | {"time_limit": 2.0} | changes)), clock)

    return build


@pytest.fixture
def sign_in(provider: HostileProvider, configure: Configure) -> SignIn:
    """A whole sign-in in which the person agrees."""

    def run(party: RelyingParty | None = None, ask: Any = None, **changes: str | None) -> SignInResult:
        party = party or configure()
        request = party.start(ask) if ask else party.start()
        return party.finish(provider.approve(request.url, **changes), request.pending)

    return run
