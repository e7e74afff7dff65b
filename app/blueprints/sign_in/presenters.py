"""What the chooser shows: one card a way in."""

from dataclasses import dataclass
from datetime import datetime

from app.access.portal import Portal
from app.oidc_client.client import PROBE_INTERVAL, RelyingParty


@dataclass(frozen=True)
class Way:
    """A provider as the chooser offers it."""

    key: str
    label: str
    available: bool


def ways(running: Portal, now: datetime) -> list[Way]:
    """The providers in the order of the settings. One that failed a moment ago is marked, nobody is asked now."""
    return [Way(key, party.config.label, _is_offered(party, now)) for key, party in running.parties.items()]


def _is_offered(party: RelyingParty, now: datetime) -> bool:
    health = party.known_health()
    # A failure is believed for as long as it would not be asked about again. Then the next person finds out: with
    # no way to choose the provider, nobody ever would.
    return health is None or health.well or now - health.checked_at >= PROBE_INTERVAL


def form_origins(running: Portal) -> list[str]:
    """Origins a form of the chooser may end at: the providers', and the portal's own public one."""
    providers = {origin for party in running.parties.values() for origin in party.known_origins()}
    return sorted({*providers, running.settings.public_url})
