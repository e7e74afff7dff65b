"""Waiting after failures and limits of sending, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from app.authenticators import throttle
from app.authenticators.throttle import Allowed, Disabled, FailurePolicy, RatePolicy, Sent, Wait, decide, decide_sends

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("failures", "delay"),
    [(0, 0), (1, 0), (4, 0), (5, 30), (6, 60), (7, 120), (11, 1920), (12, 3600), (13, 3600), (99, 3600)],
)
def test_delays_grow_from_30_seconds_to_an_hour(failures: int, delay: int) -> None:
    just_failed = decide(failures, NOW, NOW, throttle.PASSWORD)
    assert just_failed == (Wait(NOW + timedelta(seconds=delay)) if delay else Allowed())
    assert decide(failures, ago(delay), NOW, throttle.PASSWORD) == Allowed()
    if delay:
        assert decide(failures, ago(delay - 1), NOW, throttle.PASSWORD) == Wait(NOW + timedelta(seconds=1))


@pytest.mark.parametrize("policy", [throttle.PASSWORD, throttle.AUTHENTICATOR])
@pytest.mark.parametrize("failures", [100, 101, 10**9])
def test_the_hundredth_failure_disables_for_good(policy: FailurePolicy, failures: int) -> None:
    assert decide(failures, ago(0), NOW, policy) == Disabled()
    assert decide(failures, ago(10 * 365 * 86_400), NOW, policy) == Disabled()


def test_a_success_starts_again() -> None:
    assert decide(0, ago(0), NOW, throttle.PASSWORD) == Allowed()
    assert decide(0, None, NOW, throttle.PASSWORD) == Allowed()


@pytest.mark.parametrize(
    ("failures", "seconds", "decision"),
    [
        (49, 0, Allowed()),
        (50, 0, Wait(NOW + timedelta(seconds=30))),
        (10**6, 0, Wait(NOW + timedelta(hours=1))),
        (10**6, 3600, Allowed()),
        (10**6, 12 * 3600, Allowed()),
    ],
)
def test_an_address_waits_and_is_never_disabled(failures: int, seconds: int, decision: throttle.Decision) -> None:
    assert decide(failures, ago(seconds), NOW, throttle.ADDRESS) == decision


def test_failures_are_forgotten_when_the_policy_says_so() -> None:
    policy = FailurePolicy(disable_at=10, forget_after=timedelta(hours=1))
    assert decide(10, ago(3599), NOW, policy) == Disabled()
    assert decide(10, ago(3600), NOW, policy) == Allowed()


def test_a_clock_set_back_costs_no_more_than_the_delay() -> None:
    assert decide(5, NOW + timedelta(days=1), NOW, throttle.PASSWORD) == Wait(NOW + timedelta(seconds=30))


THREE_A_MINUTE = RatePolicy(3, timedelta(minutes=1))


@pytest.mark.parametrize(
    ("number", "began", "decision"),
    [
        (0, None, Allowed()),
        (2, 1, Allowed()),
        (3, 60, Allowed()),
        (3, 59, Wait(NOW + timedelta(seconds=1))),
        (9, 1, Wait(NOW + timedelta(seconds=59))),
    ],
)
def test_a_window_bears_so_many(number: int, began: int | None, decision: throttle.Decision) -> None:
    sent = Sent(THREE_A_MINUTE, number, None if began is None else ago(began))
    assert decide_sends([sent], NOW) == decision


def test_the_longest_wait_of_several_policies_counts() -> None:
    short, long, _ = throttle.CODES_TO_NUMBER
    spent = [Sent(short, short.limit, ago(4)), Sent(long, long.limit, ago(95))]
    assert decide_sends(spent, NOW) == Wait(NOW + timedelta(seconds=205))
    assert decide_sends(spent[:1], NOW) == Wait(NOW + timedelta(seconds=6))
    assert decide_sends([Sent(short, short.limit, ago(10))], NOW) == Allowed()


@pytest.mark.parametrize(("policies", "limit"), [(throttle.MAILS_TO_ADDRESS, 20), (throttle.SENDS_FROM_ADDRESS, 25)])
def test_the_last_of_the_limit_is_admitted_and_the_next_refused(policies: tuple[RatePolicy, ...], limit: int) -> None:
    assert decide_sends([Sent(policy, limit - 1, NOW) for policy in policies], NOW) == Allowed()
    assert isinstance(decide_sends([Sent(policy, limit, NOW) for policy in policies], NOW), Wait)
