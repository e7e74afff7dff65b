"""What is past its time is erased, and what is not stays."""

from datetime import timedelta

from flask import Flask

from app import clock
from app.credential_service.flows.expiry import erase_expired
from app.credential_service.store.base import store
from app.credential_service.store.interactions import Interaction
from app.credential_service.store.tokens import AccessToken, AuthorizationCode
from app.storage.unit_of_work import unit_of_work
from tests.support.credential_factories import RelyingParty


def erase(op: Flask, later: timedelta) -> int:
    with op.app_context(), unit_of_work(store.session()) as work:
        return erase_expired(work, clock.now() + later)


def rows(op: Flask) -> tuple[int, int, int]:
    with op.app_context():
        found = [store.session.query(table).count() for table in (Interaction, AuthorizationCode, AccessToken)]
    return found[0], found[1], found[2]


def test_nothing_goes_before_its_time(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    rp.tokens()
    assert erase(op, timedelta(0)) == 0
    assert rows(op) == (1, 1, 1)


def test_what_waits_goes_after_an_hour_and_the_rest_after_a_day(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    rp.tokens()
    assert erase(op, timedelta(hours=2)) == 1
    assert rows(op) == (0, 1, 1)
    assert erase(op, timedelta(days=1, hours=1)) == 2
    assert rows(op) == (0, 0, 0)


def test_a_sealed_code_goes_when_it_cannot_be_exchanged(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    rp.code()
    erase(op, timedelta(minutes=3))
    with op.app_context():
        assert store.session.query(AuthorizationCode).one().sealed_code is None
