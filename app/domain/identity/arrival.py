"""A person who comes back from a provider: the stages until they are in, and which one comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.domain.errors import NO_CONFIRMED_EMAIL, Refusal
from app.domain.identity.consent import Reason

# How long what the provider said is kept while the person has not agreed.
ARRIVAL_LIFETIME = timedelta(minutes=15)
# How long a trip to the provider may take: registering there with a slow mail takes a while.
ATTEMPT_LIFETIME = timedelta(hours=1)
# Pending trips of one browser (tabs); the oldest gives way.
MOST_ATTEMPTS = 5
# How long a repeated POST of a lost answer is still understood as the same one.
REPEAT_WINDOW = timedelta(seconds=120)


class Stage(StrEnum):
    """What the person has to do next."""

    CONSENT = "consent"
    HOME = "home"


@dataclass(frozen=True)
class ProviderClaims:
    """What an adapter made of what the provider said, as kept while the arrival is open."""

    provider: str
    issuer: str
    subject: str
    emails: tuple[str, ...]
    aal: int | None
    amr: tuple[str, ...]
    given_name: str | None = None
    family_name: str | None = None


def next_stage(reason: Reason | None) -> Stage:
    """The stage after the provider: consent while there is a reason to ask, then in."""
    return Stage.CONSENT if reason is not None else Stage.HOME


def refusal(emails: Sequence[str]) -> Refusal | None:
    """Why an arrival cannot go on: without an address the provider confirmed, nobody could be told anything."""
    return None if emails else NO_CONFIRMED_EMAIL


def chosen_address(emails: Sequence[str], position: int) -> str | None:
    """The address at this position of the list shown, or None when there is none there."""
    return emails[position] if 0 <= position < len(emails) else None
