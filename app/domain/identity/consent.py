"""When a person is asked for consent, and how long an agreement stands.

Both consents follow it: the credential service's release to a relying party, and the portal's use of an address.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# The version of the words on the portal's consent page. A change of meaning gets a new one: everybody is asked again.
WORDING = "2026-11"
LIFETIME = timedelta(days=365)


class Reason(StrEnum):
    """Why consent is asked for."""

    FIRST_TIME = "first_time"
    ADDRESS_CHANGED = "address_changed"
    WORDING_CHANGED = "wording_changed"
    OVER_A_YEAR = "over_a_year"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Agreement:
    """What a person agreed to before."""

    address: str
    wording: str
    agreed_at: datetime
    withdrawn: bool = False


def reason_to_ask(before: Agreement | None, confirmed: Collection[str], now: datetime) -> Reason | None:
    """Why the person has to be asked now, or None while the earlier agreement stands.

    `confirmed` are the addresses the provider vouches for today: an agreement about an address that is no longer
    among them has nothing left to stand on.
    """
    if before is None:
        return Reason.FIRST_TIME
    if before.withdrawn:
        return Reason.WITHDRAWN
    if fold(before.address) not in {fold(address) for address in confirmed}:
        return Reason.ADDRESS_CHANGED
    if before.wording != WORDING:
        return Reason.WORDING_CHANGED
    return Reason.OVER_A_YEAR if now - before.agreed_at >= LIFETIME else None


def fold(address: str) -> str:
    """An address for comparison only; what is stored and shown stays as the person typed it."""
    return address.strip().casefold()
