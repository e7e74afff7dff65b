"""RP-initiated sign-out at the provider, and how the provider is."""

from urllib.parse import parse_qs, urlsplit

import pytest

from app.oidc_client.client import RelyingParty
from app.oidc_client.faults import Reason
from tests.oidc_client.conftest import Configure
from tests.support.hostile_provider import CLIENT_ID, Clock, Fault, HostileProvider

DISCOVERY = "/.well-known/openid-configuration"


def parameters(url: str | None) -> dict[str, str]:
    assert url is not None
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_rp_init_logout(configure: Configure, provider: HostileProvider) -> None:
    url = configure().end_session_url("the-id-token", "the-state")
    assert url is not None
    assert url.startswith(f"{provider.issuer}/end-session?")
    assert parameters(url) == {
        "id_token_hint": "the-id-token",
        "client_id": CLIENT_ID,
        "post_logout_redirect_uri": "http://localhost:8000/signed-out",
        "state": "the-state",
    }


def test_sign_out_without_a_hint(configure: Configure) -> None:
    assert "id_token_hint" not in parameters(configure().end_session_url(None, "the-state"))


def test_login_gov_gets_no_hint(configure: Configure) -> None:
    url = configure(adapter="login_gov").end_session_url("the-id-token", "the-state")
    assert parameters(url).keys() == {"client_id", "post_logout_redirect_uri", "state"}


def test_rp_init_logout_no_state(configure: Configure) -> None:
    """Without an address to return to there is nothing a state could come back with."""
    url = configure(post_logout_redirect_uri=None).end_session_url(None, "the-state")
    assert parameters(url) == {"client_id": CLIENT_ID}


def test_no_sign_out_where_it_is_not_offered(configure: Configure, provider: HostileProvider) -> None:
    provider.metadata_changes = {"end_session_endpoint": None}
    assert configure().end_session_url("the-id-token", "the-state") is None


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.GARBAGE_METADATA])
def test_signing_out_here_never_depends_on_the_provider(
    configure: Configure, provider: HostileProvider, fault: Fault
) -> None:
    provider.faults = {fault}
    assert configure().end_session_url("the-id-token", "the-state") is None


@pytest.fixture
def party(configure: Configure) -> RelyingParty:
    return configure(time_limit=0.4)


def test_a_well_provider(party: RelyingParty, clock: Clock) -> None:
    assert party.known_health() is None
    health = party.probe()
    assert (health.well, health.reason, health.checked_at) == (True, None, clock())
    assert party.known_health() == health


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.BROKEN, Reason.PROVIDER_ERROR),
        (Fault.DRIPPING_BODY, Reason.PROVIDER_SLOW),
        (Fault.GARBAGE_METADATA, Reason.PROVIDER_GARBAGE),
    ],
)
def test_an_ill_provider(
    party: RelyingParty, provider: HostileProvider, clock: Clock, fault: Fault, reason: Reason
) -> None:
    """Seen although a good document is still held, and seen to recover."""
    party.start()
    provider.faults = {fault}
    assert party.probe().reason is reason
    provider.faults = set()
    assert not party.probe().well
    clock.advance(seconds=30)
    assert party.probe().well


def test_probes_are_limited(party: RelyingParty, provider: HostileProvider, clock: Clock) -> None:
    for _ in range(5):
        party.probe()
    assert provider.asked(DISCOVERY) == 1
    clock.advance(seconds=30)
    party.probe()
    assert provider.asked(DISCOVERY) == 2


def test_origins_for_form_action(party: RelyingParty, provider: HostileProvider) -> None:
    provider.metadata_changes = {"authorization_endpoint": "http://localhost:1/authorize"}
    assert party.known_origins() == {provider.issuer}
    assert provider.seen == []
    party.probe()
    assert party.known_origins() == {provider.issuer, "http://localhost:1"}
