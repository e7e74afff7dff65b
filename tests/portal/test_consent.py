"""The portal's e-mail consent: nothing is kept before it, what is agreed to is what was shown, and it is asked once."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import clock
from app.delivery.message import Message
from app.domain.errors import ARRIVAL_OVER
from app.domain.identity.arrival import ARRIVAL_LIFETIME, REPEAT_WINDOW
from app.domain.identity.consent import LIFETIME
from app.flows.identity.agree_to_email import Agreed, agree
from app.flows.identity.erase_expired import erase_expired
from app.flows.identity.return_from_provider import Browser
from app.models.account import Account, Identity
from app.models.consent import ConsentReceipt
from app.models.outbox import outbox
from app.models.session import PortalSession
from app.models.sign_in import Arrival
from app.storage.unit_of_work import unit_of_work
from tests.support.hostile_provider import HostileProvider
from tests.support.portal import PortalUnderTest

PAGE = "/consent/email"
DECLINE = "/consent/email/decline"
FIRST, SECOND = "ro@example.com", "office@example.com"


def bytes_at_rest(portal: PortalUnderTest) -> bytes:
    """Everything the database's files hold."""
    files = Path(str(portal.engine.url.database)).parent.glob("*.sqlite3*")
    return b"".join(file.read_bytes() for file in files)


def erase(portal: PortalUnderTest) -> int:
    with Session(portal.engine) as session, unit_of_work(session) as work:
        return erase_expired(work, clock.now())


class TestAgreeing:
    def test_says_what_is_shared_with_whom_and_for_how_long(self, portal: PortalUnderTest) -> None:
        portal.arrive()
        text = portal.client.get(PAGE).text
        assert all(words in text for words in (FIRST, "ID.me", "QAAMS", "One year"))
        assert 'type="radio"' not in text, "there is nothing to choose from"

    def test_the_chosen_address_is_the_one_that_is_used(self, idme: PortalUnderTest) -> None:
        idme.arrive()
        text = idme.client.get(PAGE).text
        assert FIRST in text
        assert SECOND in text
        idme.client.submit(PAGE, address="1")
        (receipt,) = idme.rows(ConsentReceipt)
        assert receipt.address == SECOND
        assert [message["to"] for message in idme.messages()] == [SECOND]

    @pytest.mark.parametrize("position", ["2", "-1", "x", "", "0x1", "1e9", "99999999999999999999", "\u0661\u0662"])
    def test_a_position_that_was_not_offered_is_refused(self, idme: PortalUnderTest, position: str) -> None:
        idme.arrive()
        response = idme.client.submit(PAGE, address=position)
        assert response.status_code == 422
        assert "<title>Error:" in response.text
        assert 'href="#address-0"' in response.text
        assert idme.count(ConsentReceipt) == idme.count(PortalSession) == 0
        assert idme.client.submit(PAGE, address="0").headers["Location"] == "/"

    def test_one_address_needs_no_choice(self, portal: PortalUnderTest) -> None:
        portal.arrive()
        assert portal.client.submit(PAGE).headers["Location"] == "/"

    def test_a_page_about_another_arrival_agrees_to_nothing(
        self, portal: PortalUnderTest, provider: HostileProvider
    ) -> None:
        """In a second tab the browser comes back with another address; the first tab's page is out of date."""
        portal.arrive()
        first_tab = portal.client.hidden(PAGE)
        provider.userinfo["email"] = SECOND
        portal.arrive()
        response = portal.client.post(PAGE, data=first_tab)
        assert "QA-210" in response.text
        assert portal.count(Account) == 0
        assert portal.client.submit(PAGE).headers["Location"] == "/"

    def test_the_notice_is_queued_once_and_with_the_agreement(self, portal: PortalUnderTest) -> None:
        portal.arrive()
        assert portal.messages() == []
        portal.client.submit(PAGE)
        (notice,) = portal.messages()
        assert (notice["channel"], notice["to"], notice["code"]) == ("email", FIRST, None)
        assert notice["subject"] == "QAAMS now uses this e-mail address"
        (receipt,) = portal.rows(ConsentReceipt)
        assert receipt.id in str(notice["text"])

    def test_who_has_not_arrived_sees_the_chooser(self, portal: PortalUnderTest) -> None:
        assert portal.client.get(PAGE).headers["Location"] == "/sign-in"
        assert portal.client.get(DECLINE).headers["Location"] == "/sign-in"

    def test_another_browser_sees_nothing_of_it(self, portal: PortalUnderTest) -> None:
        portal.arrive()
        other = portal.browser()
        other.get("/sign-in")
        assert other.get(PAGE).headers["Location"] == "/sign-in"


class TestBeforeAgreeing:
    def test_what_the_provider_said_is_sealed(self, idme: PortalUnderTest) -> None:
        idme.arrive()
        before = bytes_at_rest(idme)
        assert b"sign_in_attempt" in before, "these are the right files"
        assert not any(word in before for word in (FIRST.encode(), SECOND.encode(), b"Okafor"))
        idme.client.submit(PAGE, address="0")
        after = bytes_at_rest(idme)
        assert FIRST.encode() in after
        assert SECOND.encode() not in after, "an address that was not chosen is never kept"

    def test_there_is_no_account_and_no_identity(self, any_portal: PortalUnderTest) -> None:
        any_portal.arrive()
        assert any_portal.count(Account) == any_portal.count(Identity) == any_portal.count(ConsentReceipt) == 0

    def test_it_opens_no_page(self, portal: PortalUnderTest) -> None:
        portal.arrive()
        assert portal.client.get("/").headers["Location"] == "/sign-in"


class TestDeclining:
    def test_leaves_nothing(self, any_portal: PortalUnderTest) -> None:
        any_portal.arrive()
        response = any_portal.client.submit(DECLINE)
        assert "You declined, and nothing was kept" in response.text
        (arrival,) = any_portal.rows(Arrival)
        assert arrival.sealed_claims is None
        assert any_portal.count(Account) == any_portal.count(Identity) == any_portal.count(PortalSession) == 0
        assert any_portal.messages() == []
        assert any_portal.events("consent.declined") == [("consent.declined", {"provider": "idme"})]
        assert any_portal.client.get(PAGE).headers["Location"] == "/sign-in"

    def test_asks_first_and_the_question_changes_nothing(self, portal: PortalUnderTest) -> None:
        portal.arrive()
        assert "Do you want to decline?" in portal.client.get(DECLINE).text
        assert portal.client.submit(PAGE).headers["Location"] == "/"

    def test_twice_is_declined_once(self, portal: PortalUnderTest) -> None:
        portal.arrive()
        form = portal.client.hidden(DECLINE)
        portal.client.post(DECLINE, data=form)
        assert portal.client.post(DECLINE, data=form).headers["Location"] == "/sign-in"
        assert len(portal.events("consent.declined")) == 1

    def test_after_agreeing_does_not_claim_that_nothing_was_kept(self, portal: PortalUnderTest) -> None:
        """The page of the old cookie, whose answer was lost."""
        portal.arrive()
        old = portal.client.get_cookie("qaams_session")
        assert old is not None
        form = portal.client.hidden(DECLINE)
        portal.client.submit(PAGE)
        portal.client.set_cookie("qaams_session", old.value)
        assert portal.client.get(DECLINE).headers["Location"] == "/"
        assert portal.client.post(DECLINE, data=form).headers["Location"] == "/"
        assert portal.events("consent.declined") == []

    def test_one_can_come_back_and_agree(self, portal: PortalUnderTest) -> None:
        portal.arrive()
        portal.client.submit(DECLINE)
        assert "QAAMS home" in portal.sign_in().text


class TestExpiry:
    def test_just_before_the_end_one_can_agree(self, portal: PortalUnderTest) -> None:
        portal.arrive()
        portal.pass_time(ARRIVAL_LIFETIME - timedelta(seconds=30))
        assert portal.client.submit(PAGE).headers["Location"] == "/"

    def test_after_fifteen_minutes_it_is_over(self, portal: PortalUnderTest) -> None:
        portal.arrive()
        form = portal.client.hidden(PAGE)
        portal.pass_time(ARRIVAL_LIFETIME)
        for late in (portal.client.get(PAGE), portal.client.post(PAGE, data=form)):
            assert (late.status_code, "QA-210" in late.text) == (400, True)
        assert portal.count(Account) == 0

    def test_who_never_came_is_sent_to_the_chooser(self, portal: PortalUnderTest) -> None:
        stranger = portal.browser().get(PAGE)
        assert (stranger.status_code, stranger.headers["Location"]) == (303, "/sign-in")

    @pytest.mark.parametrize(("late", "refused"), [(timedelta(seconds=-1), False), (timedelta(), True)])
    def test_a_page_that_was_let_through_in_time_may_still_be_late(
        self, portal: PortalUnderTest, late: timedelta, refused: bool
    ) -> None:
        portal.arrive()
        (arrival,) = portal.rows(Arrival)
        notice = Message("email", FIRST, "x", "x", kind="notice")
        with Session(portal.engine) as session:
            outcome = agree(
                session,
                portal.keyring,
                Browser(arrival.browser_key, "n" * 64),
                Agreed(arrival.id, 0, "key"),
                lambda *_: notice,
                arrival.expires_at + late,
            )
        assert (outcome.refusal is ARRIVAL_OVER) is refused

    def test_what_is_over_is_erased_and_what_is_not_stays(self, any_portal: PortalUnderTest) -> None:
        any_portal.arrive()
        any_portal.pass_time(ARRIVAL_LIFETIME)
        other = any_portal.browser()
        any_portal.arrive(other)
        assert erase(any_portal) == 1
        assert erase(any_portal) == 0
        assert sorted(row.sealed_claims is None for row in any_portal.rows(Arrival)) == [False, True]
        assert other.submit(PAGE).headers["Location"] == "/"


class TestRepeatedPost:
    """The answer to a POST was lost, so the browser still has its old cookie and sends the same form again."""

    @staticmethod
    def lose_the_answer(portal: PortalUnderTest) -> dict[str, str]:
        portal.arrive()
        form = portal.client.hidden(PAGE)
        old = portal.client.get_cookie("qaams_session")
        assert old is not None
        assert portal.client.post(PAGE, data=form).status_code == 303
        portal.client.set_cookie("qaams_session", old.value)
        return form

    def test_the_same_again_signs_in_again_and_does_nothing_else(self, any_portal: PortalUnderTest) -> None:
        form = self.lose_the_answer(any_portal)
        assert any_portal.client.post(PAGE, data=form).headers["Location"] == "/"
        assert "QAAMS home" in any_portal.client.get("/").text
        assert any_portal.count(Account) == any_portal.count(ConsentReceipt) == 1
        assert len(any_portal.messages()) == 1
        assert sorted(row.ended_at is None for row in any_portal.rows(PortalSession)) == [False, True]

    def test_another_key_is_refused(self, portal: PortalUnderTest) -> None:
        form = self.lose_the_answer(portal)
        response = portal.client.post(PAGE, data=form | {"request_key": "another"})
        assert "QA-210" in response.text
        assert portal.client.get("/").headers["Location"] == "/sign-in"

    def test_without_a_key_it_is_refused(self, portal: PortalUnderTest) -> None:
        form = self.lose_the_answer(portal)
        assert "QA-210" in portal.client.post(PAGE, data=form | {"request_key": ""}).text

    def test_after_two_minutes_it_is_over(self, portal: PortalUnderTest) -> None:
        form = self.lose_the_answer(portal)
        portal.pass_time(REPEAT_WINDOW)
        assert portal.client.post(PAGE, data=form).headers["Location"] == "/sign-in"

    def test_after_signing_out_it_is_over(self, portal: PortalUnderTest) -> None:
        form = self.lose_the_answer(portal)
        with portal.engine.begin() as connection:
            connection.execute(update(PortalSession).values(ended_at=clock.now()))
        assert "QA-210" in portal.client.post(PAGE, data=form).text


class TestAskedAgain:
    def test_not_before_a_year(self, portal: PortalUnderTest) -> None:
        portal.sign_in()
        portal.pass_time(LIFETIME - timedelta(minutes=1))
        assert portal.arrive(portal.browser()).headers["Location"] == "/"

    def test_after_a_year_with_a_second_receipt(self, portal: PortalUnderTest) -> None:
        portal.sign_in()
        portal.pass_time(LIFETIME)
        other = portal.browser()
        assert portal.arrive(other).headers["Location"] == PAGE
        other.submit(PAGE)
        assert (portal.count(Account), portal.count(Identity), portal.count(ConsentReceipt)) == (1, 1, 2)
        assert portal.arrive(portal.browser()).headers["Location"] == "/"

    def test_when_the_wording_has_changed(self, portal: PortalUnderTest) -> None:
        portal.sign_in()
        with portal.engine.begin() as connection:
            connection.execute(update(ConsentReceipt).values(wording="2020-01"))
        assert portal.arrive(portal.browser()).headers["Location"] == PAGE

    def test_when_it_was_withdrawn(self, portal: PortalUnderTest) -> None:
        portal.sign_in()
        with portal.engine.begin() as connection:
            connection.execute(update(ConsentReceipt).values(withdrawn_at=clock.now()))
        assert portal.arrive(portal.browser()).headers["Location"] == PAGE


class TestReceipt:
    @staticmethod
    def of(portal: PortalUnderTest) -> ConsentReceipt:
        (receipt,) = portal.rows(ConsentReceipt)
        return receipt

    def test_its_owner_reads_and_downloads_it(self, idme: PortalUnderTest) -> None:
        idme.sign_in()
        receipt = self.of(idme)
        assert f'href="/consent/receipts/{receipt.id}"' in idme.client.get("/account").text
        read = idme.client.get(f"/consent/receipts/{receipt.id}")
        kept = idme.client.get(f"/consent/receipts/{receipt.id}.txt")
        words = (FIRST, "ID.me", receipt.wording, receipt.id)
        assert all(word in text for text in (read.text, kept.text) for word in words)
        assert kept.mimetype == "text/plain"
        assert kept.headers["Content-Disposition"].startswith("attachment;")
        assert kept.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("suffix", ["", ".txt"])
    def test_nobody_else_does(self, idme: PortalUnderTest, provider: HostileProvider, suffix: str) -> None:
        idme.sign_in()
        path = f"/consent/receipts/{self.of(idme).id}{suffix}"
        provider.userinfo |= {"sub": "another", "uuid": "another"}
        provider.id_token_changes["sub"] = "another"
        other = idme.browser()
        idme.sign_in(other)
        assert other.get(path).status_code == 404
        assert idme.browser().get(path).headers["Location"] == "/sign-in"

    def test_bodies_leave_the_outbox_once_sent(self, idme: PortalUnderTest) -> None:
        idme.sign_in()
        idme.messages()
        with idme.engine.connect() as connection:
            (row,) = connection.execute(outbox.outbox.select()).mappings().all()
        assert FIRST not in str(dict(row))
