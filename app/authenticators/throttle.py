"""How long to wait after failures, and how much may be sent: rules over numbers and times that the caller keeps.

Who is counted (an account, an authenticator, an address) and where is the caller's. A sent-again code never resets a
count; a success resets the counts of the authenticators that were used (SP 800-63B-4 §3.2.2).
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final


@dataclass(frozen=True)
class Allowed:
    """The attempt may be made now."""


@dataclass(frozen=True)
class Wait:
    """No attempt is looked at before `until`."""

    until: datetime


@dataclass(frozen=True)
class Disabled:
    """The authenticator no longer works and must be bound again; waiting does not help."""


Decision = Allowed | Wait | Disabled


@dataclass(frozen=True)
class FailurePolicy:
    """After `free` failures each further one doubles the delay, from `first_delay` to `longest_delay`.

    At `disable_at` consecutive failures the authenticator is disabled; None where there is none to disable. Failures
    are forgotten when `forget_after` has passed since the last one; None keeps them until a success.
    """

    free: int = 5
    first_delay: timedelta = timedelta(seconds=30)
    longest_delay: timedelta = timedelta(hours=1)
    disable_at: int | None = 100
    forget_after: timedelta | None = None


@dataclass(frozen=True)
class RatePolicy:
    """At most `limit` in one `window`."""

    limit: int
    window: timedelta


PASSWORD: Final = FailurePolicy()
"""Wrong passwords of one account."""

AUTHENTICATOR: Final = FailurePolicy()
"""Wrong codes of one authenticator, whatever was sent in between."""

ADDRESS: Final = FailurePolicy(free=50, disable_at=None, forget_after=timedelta(hours=12))
"""Failures from one network address: an office behind one address has many people, and no authenticator."""

CODES_TO_NUMBER: Final = (
    RatePolicy(1, timedelta(seconds=10)),
    RatePolicy(10, timedelta(minutes=5)),
    RatePolicy(20, timedelta(days=1)),
)
"""Texts and calls to one telephone number."""

MAILS_TO_ADDRESS: Final = (RatePolicy(20, timedelta(minutes=60)),)
"""Mails that a person, or anyone who knows the mail address, can cause."""

SENDS_FROM_ADDRESS: Final = (RatePolicy(25, timedelta(minutes=5)),)
"""Texts and calls asked for from one network address."""

IPV6_NETWORK_BITS: Final = 64
"""What one subscriber has."""


def network(address: str) -> str:
    """Whom a network address is counted as: itself, or its network of 64 bits where addresses cost nothing (IPv6)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), IPV6_NETWORK_BITS), strict=False))


def decide(failures: int, last_failure_at: datetime | None, now: datetime, policy: FailurePolicy) -> Decision:
    """Whether the next attempt is looked at, after this many consecutive failures of which the last was then.

    SP 800-63B-4 §3.2.2: delays of 30 seconds to an hour, and no authenticator outlives 100 consecutive failures.
    """
    if failures <= 0 or last_failure_at is None or _is_forgotten(last_failure_at, now, policy):
        return Allowed()
    if policy.disable_at is not None and failures >= policy.disable_at:
        return Disabled()
    # A clock that was set back must not turn a failure of "tomorrow" into a day's wait.
    until = min(last_failure_at, now) + _delay(failures, policy)
    return Wait(until) if until > now else Allowed()


def _is_forgotten(last_failure_at: datetime, now: datetime, policy: FailurePolicy) -> bool:
    return policy.forget_after is not None and now - last_failure_at >= policy.forget_after


def _delay(failures: int, policy: FailurePolicy) -> timedelta:
    if failures < policy.free:
        return timedelta()
    doublings = min(failures - policy.free, 32)
    seconds = policy.first_delay.total_seconds() * 2**doublings
    return timedelta(seconds=min(seconds, policy.longest_delay.total_seconds()))


@dataclass(frozen=True)
class Sent:
    """How many were sent in the window that began with the first of them; `first_at` is None before any."""

    policy: RatePolicy
    number: int
    first_at: datetime | None


def decide_sends(sent: Iterable[Sent], now: datetime) -> Allowed | Wait:
    """Whether one more may be sent, under all the policies together.

    Windows are fixed: each begins with the first sending after the one before, so that one row a window is enough.
    """
    ends = [
        one.first_at + one.policy.window
        for one in sent
        if one.first_at is not None and one.number >= one.policy.limit and now < one.first_at + one.policy.window
    ]
    return Wait(max(ends)) if ends else Allowed()
