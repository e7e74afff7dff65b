"""Counting attempts and sends for the rules of `authenticators.throttle`, in the database, for all workers.

Everyone counted is kept as a keyed hash. An attempt is counted before it is looked at, in a transaction of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from app.authenticators import throttle
from app.authenticators.throttle import Allowed, Decision, Disabled, FailurePolicy, RatePolicy, Wait
from app.credential_service.account_events import ThrottleEngaged, record
from app.credential_service.flows.means import Means
from app.credential_service.store.base import counters
from app.storage import failures
from app.storage.unit_of_work import unit_of_work


@dataclass(frozen=True)
class Rule:
    """What is counted (`scope`) and how many failures it bears."""

    scope: str
    policy: FailurePolicy


PASSWORD: Final = Rule("password", throttle.PASSWORD)
AUTHENTICATOR: Final = Rule("authenticator", throttle.AUTHENTICATOR)
ADDRESS: Final = Rule("address", throttle.ADDRESS)
CONFIRMATION: Final = Rule("confirmation", throttle.AUTHENTICATOR)
"""Codes typed for an e-mail address or a telephone that nobody's account has yet."""
LASTING: Final = frozenset(rule.scope for rule in (PASSWORD, AUTHENTICATOR, CONFIRMATION))
"""Scopes whose counts stand until a success."""


@dataclass(frozen=True)
class Subject:
    """Whom a rule counts for."""

    rule: Rule
    key: str


def subject(means: Means, rule: Rule, value: str) -> Subject:
    """The subject that `value` (an address, an id) is to this rule."""
    return Subject(rule, means.keyed(f"throttle:{rule.scope}", value))


def here(means: Means) -> Subject:
    """The network address that asks."""
    return subject(means, ADDRESS, means.address)


def attempt(means: Means, *subjects: Subject) -> Decision:
    """Count an attempt for all subjects together, unless one of them has to wait or is disabled; then none is counted.

    Guesses made at the same moment are all counted before the first is looked at (SP 800-63B-4 §3.2.2).
    """
    with unit_of_work(means.session) as work:
        decision = _together([_decision(means, work, one) for one in subjects])
        if isinstance(decision, Allowed):
            for one in subjects:
                failures.add(work, counters, one.rule.scope, one.key, means.now)
                _tell_engaged(means, work, one)
    return decision


def _decision(means: Means, work: Session, one: Subject) -> Decision:
    count = failures.read(work, counters, one.rule.scope, one.key)
    forget_after = one.rule.policy.forget_after
    if forget_after is not None and count.last_at is not None and means.now - count.last_at >= forget_after:
        failures.clear(work, counters, one.rule.scope, one.key)
        return Allowed()
    return throttle.decide(count.number, count.last_at, means.now, one.rule.policy)


def _together(decisions: Sequence[Decision]) -> Decision:
    if any(isinstance(decision, Disabled) for decision in decisions):
        return Disabled()
    ends = [decision.until for decision in decisions if isinstance(decision, Wait)]
    return Wait(max(ends)) if ends else Allowed()


def _tell_engaged(means: Means, work: Session, one: Subject) -> None:
    count = failures.read(work, counters, one.rule.scope, one.key)
    if count.number == one.rule.policy.free:
        record(work, ThrottleEngaged(scope=one.rule.scope), means.now)


def is_spent(means: Means, work: Session, one: Subject) -> bool:
    """Whether the subject has failed so often that it must be disabled."""
    return isinstance(_decision(means, work, one), Disabled)


def succeeded(means: Means, work: Session, *subjects: Subject) -> None:
    """Forget the failures of what was used; of a network address only this attempt, since many people share it."""
    for one in subjects:
        if one.rule is ADDRESS:
            failures.take_back(work, counters, one.rule.scope, one.key, means.now)
        else:
            failures.clear(work, counters, one.rule.scope, one.key)


def not_counted(means: Means, work: Session, *subjects: Subject) -> None:
    """Take the attempt back: it was no failure, and no success either."""
    for one in subjects:
        failures.take_back(work, counters, one.rule.scope, one.key, means.now)


def may_send(means: Means, work: Session, scope: str, to: str, policies: Sequence[RatePolicy]) -> Allowed | Wait:
    """Count one more sending to `to`, or say when there may be one.

    Counted for each policy apart (`throttle.decide_sends`).
    """
    key = means.keyed(f"throttle:{scope}", to)
    counts = [failures.read(work, counters, f"{scope}_{place}", key) for place in range(len(policies))]
    sent = [throttle.Sent(policy, count.number, count.first_at) for policy, count in zip(policies, counts, strict=True)]
    decision = throttle.decide_sends(sent, means.now)
    if isinstance(decision, Wait):
        return decision
    for place, policy in enumerate(policies):
        failures.add(work, counters, f"{scope}_{place}", key, means.now, policy.window)
    return decision


def sent_code_used(means: Means, work: Session, scope: str, to: str) -> None:
    """Let the next sending follow at once: who has just used a code is not being pestered by the next one."""
    failures.clear(work, counters, f"{scope}_0", means.keyed(f"throttle:{scope}", to))
