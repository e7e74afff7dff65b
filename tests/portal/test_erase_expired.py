"""What housekeeping erases, and what it leaves."""

from datetime import timedelta

from sqlalchemy.orm import Session

from app import clock
from app.flows.identity.erase_expired import erase_expired
from app.models.session import PortalSession
from app.models.sign_in import Arrival, SignInAttempt
from app.storage.unit_of_work import unit_of_work
from tests.support.portal import PortalUnderTest


def erase(portal: PortalUnderTest) -> None:
    with Session(portal.engine) as session, unit_of_work(session) as work:
        erase_expired(work, clock.now())


def test_what_is_in_use_stays(any_portal: PortalUnderTest) -> None:
    any_portal.sign_in()
    any_portal.leave(any_portal.browser())
    erase(any_portal)
    assert any_portal.count(SignInAttempt) == 2
    assert any_portal.rows(PortalSession)[0].sealed_id_token is not None
    assert any_portal.client.get("/").status_code == 200


def test_attempts_and_arrivals_go_when_they_are_over(any_portal: PortalUnderTest) -> None:
    any_portal.arrive()
    any_portal.pass_time(timedelta(minutes=16))
    erase(any_portal)
    assert [row.sealed_claims for row in any_portal.rows(Arrival)] == [None]
    any_portal.pass_time(timedelta(days=1))
    erase(any_portal)
    assert any_portal.count(Arrival) == 0
    assert any_portal.count(SignInAttempt) == 0


def test_the_id_token_of_a_session_that_is_over_goes(any_portal: PortalUnderTest) -> None:
    any_portal.sign_in()
    any_portal.pass_time(timedelta(hours=13))
    erase(any_portal)
    assert any_portal.rows(PortalSession)[0].sealed_id_token is None


def test_signing_out_erases_the_id_token_at_once(any_portal: PortalUnderTest) -> None:
    any_portal.sign_in()
    response = any_portal.client.submit("/sign-out", page="/")
    assert "id_token_hint=" in response.headers["Location"]
    assert any_portal.rows(PortalSession)[0].sealed_id_token is None
