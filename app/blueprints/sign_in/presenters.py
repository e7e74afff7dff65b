"""What the chooser shows: one card a way in."""

from dataclasses import dataclass

from app.access.portal import Portal


@dataclass(frozen=True)
class Way:
    """A provider as the chooser offers it."""

    key: str
    label: str
    available: bool


def ways(running: Portal) -> list[Way]:
    """The providers in the order of the settings. One that failed when last asked is marked, nobody is asked now."""
    found = []
    for key, party in running.parties.items():
        health = party.known_health()
        found.append(Way(key, party.config.label, available=health is None or health.well))
    return found


def form_origins(running: Portal) -> list[str]:
    """Origins a form may end at when it starts a trip to a provider or a sign-out there."""
    return sorted(origin for party in running.parties.values() for origin in party.known_origins())
