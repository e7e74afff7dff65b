"""Sessions at the portal: how long they last, what ends them, and what a session of one factor opens."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app.models.consent import ConsentReceipt
from app.models.session import PortalSession
from app.storage.sessions import ABSOLUTE_LIMIT, IDLE_LIMIT, LAST_SEEN_STEP
from app.web.guard import route_table
from tests.support.client import LintingClient
from tests.support.hostile_provider import CLIENT_ID, Fault, HostileProvider, claims_of
from tests.support.portal import PortalUnderTest

COOKIE = "qaams_session"
SECOND = timedelta(seconds=1)


def cookie_of(client: LintingClient) -> str:
    found = client.get_cookie(COOKIE)
    assert found is not None
    return found.value


def is_in(client: LintingClient) -> bool:
    return client.get("/").status_code == 200


class TestLimits:
    def test_an_idle_session_ends(self, any_portal: PortalUnderTest) -> None:
        any_portal.sign_in()
        any_portal.pass_time(IDLE_LIMIT - 30 * SECOND)
        assert is_in(any_portal.client)
        any_portal.pass_time(IDLE_LIMIT)
        assert not is_in(any_portal.client)

    def test_use_keeps_it_alive_until_the_absolute_limit(self, portal: PortalUnderTest) -> None:
        portal.sign_in()
        step = timedelta(minutes=25)
        passed = timedelta()
        while passed + step < ABSOLUTE_LIMIT:
            portal.pass_time(step)
            passed += step
            assert is_in(portal.client), passed
        portal.pass_time(ABSOLUTE_LIMIT - passed)
        assert not is_in(portal.client)

    def test_last_seen_is_written_once_a_minute_at_most(self, portal: PortalUnderTest) -> None:
        portal.sign_in()
        portal.pass_time(LAST_SEEN_STEP - 10 * SECOND)
        (before,) = portal.rows(PortalSession)
        portal.client.get("/")
        assert portal.rows(PortalSession)[0].last_seen_at == before.last_seen_at
        portal.pass_time(10 * SECOND)
        portal.client.get("/")
        assert portal.rows(PortalSession)[0].last_seen_at > before.last_seen_at

    def test_an_ended_session_leads_to_the_chooser_and_out_of_a_fragment(self, portal: PortalUnderTest) -> None:
        portal.sign_in()
        portal.pass_time(IDLE_LIMIT)
        assert portal.client.get("/").headers["Location"] == "/sign-in"
        inside = portal.client.get("/", headers={"HX-Request": "true"})
        assert (inside.status_code, inside.headers["HX-Redirect"], inside.data) == (200, "/sign-in", b"")


class TestSigningOut:
    def test_ends_the_session_at_the_server(self, any_portal: PortalUnderTest) -> None:
        any_portal.sign_in()
        stolen = cookie_of(any_portal.client)
        any_portal.client.submit("/sign-out", page="/")
        thief = any_portal.browser()
        thief.set_cookie(COOKIE, stolen)
        assert not is_in(thief)
        assert not is_in(any_portal.client)
        assert cookie_of(any_portal.client) != stolen
        assert len(any_portal.events("signed_out")) == 1

    def test_ends_no_other_session_of_the_person(self, portal: PortalUnderTest) -> None:
        portal.sign_in()
        other = portal.browser()
        portal.sign_in(other)
        other.submit("/sign-out", page="/")
        assert is_in(portal.client)

    def test_goes_on_to_the_provider_with_the_hint(self, portal: PortalUnderTest, provider: HostileProvider) -> None:
        portal.sign_in()
        there = portal.client.submit("/sign-out", page="/")
        assert there.status_code == 303
        url = urlsplit(there.headers["Location"])
        query = parse_qs(url.query)
        assert f"{url.scheme}://{url.netloc}{url.path}" == f"{provider.issuer}/end-session"
        assert claims_of(query["id_token_hint"][0])["sub"] == provider.userinfo["sub"]
        assert query["client_id"] == [CLIENT_ID]
        assert query["post_logout_redirect_uri"] == ["http://localhost:8000/signed-out"]

    def test_the_page_may_send_its_form_there(self, portal: PortalUnderTest, provider: HostileProvider) -> None:
        policy = portal.sign_in().headers["Content-Security-Policy"]
        assert f"form-action 'self' {provider.issuer};" in policy

    @pytest.mark.parametrize("absent", ["endpoint", "provider"])
    def test_says_where_one_may_still_be_signed_in(
        self, portal: PortalUnderTest, provider: HostileProvider, absent: str
    ) -> None:
        if absent == "endpoint":
            provider.metadata_changes["end_session_endpoint"] = None
        portal.sign_in()
        if absent == "provider":
            provider.faults.add(Fault.BROKEN)
        later = portal.restarted()
        later.client.set_cookie(COOKIE, cookie_of(portal.client))
        answer = later.client.submit("/sign-out", page="/")
        assert answer.headers["Location"] == "/signed-out?still=idme"
        assert "You may still be signed in at ID.me" in later.client.get(answer.headers["Location"]).text
        assert not is_in(later.client)
        later.engine.dispose()

    def test_the_page_after_names_providers_of_ours_only(self, portal: PortalUnderTest) -> None:
        text = portal.client.get("/signed-out?still=<b>evil</b>").text
        assert "evil" not in text
        assert "You are signed out of QAAMS" in text

    def test_needs_the_token(self, portal: PortalUnderTest) -> None:
        portal.sign_in()
        assert portal.client.post("/sign-out").status_code == 400
        assert is_in(portal.client)

    def test_twice_is_no_fault(self, portal: PortalUnderTest) -> None:
        portal.sign_in()
        form = portal.client.hidden("/")
        stolen = cookie_of(portal.client)
        portal.client.post("/sign-out", data=form)
        portal.client.set_cookie(COOKIE, stolen)
        assert portal.client.post("/sign-out", data=form).headers["Location"] == "/sign-in"
        assert len(portal.events("signed_out")) == 1


class TestIdentifier:
    def test_a_cookie_planted_before_is_worth_nothing_after(self, portal: PortalUnderTest) -> None:
        planted = "p" * 43
        portal.client.set_cookie(COOKIE, planted)
        portal.sign_in()
        attacker = portal.browser()
        attacker.set_cookie(COOKIE, planted)
        assert not is_in(attacker)
        assert is_in(portal.client)

    def test_the_database_does_not_hold_the_cookie(self, portal: PortalUnderTest) -> None:
        portal.sign_in()
        (row,) = portal.rows(PortalSession)
        assert cookie_of(portal.client) not in str(vars(row))

    def test_signing_in_again_ends_the_session_before(self, portal: PortalUnderTest) -> None:
        first, second = portal.leave(), portal.leave()
        portal.come_back(first)
        portal.client.submit("/consent/email", address="0")
        portal.come_back(second)
        assert sorted(row.ended_at is None for row in portal.rows(PortalSession)) == [False, True]
        assert is_in(portal.client)


class TestOneFactor:
    """The plain provider of these tests states no assurance, so its sessions count as one factor."""

    def test_the_session_says_so(self, portal: PortalUnderTest) -> None:
        assert "A second step is coming" in portal.sign_in().text
        assert [row.assurance for row in portal.rows(PortalSession)] == ["aal1"]

    def test_two_factors_at_the_provider_open_everything(self, idme: PortalUnderTest) -> None:
        assert "A second step is coming" not in idme.sign_in().text
        assert [row.assurance for row in idme.rows(PortalSession)] == ["aal2"]
        assert idme.client.get("/account").status_code == 200

    def test_only_home_and_signing_out_are_open_to_it(self, portal: PortalUnderTest) -> None:
        open_to_it = [line.split("\t")[0] for line in route_table(portal.app) if "aal1" in line]
        assert sorted(open_to_it) == ["/", "/sign-out"]

    def test_every_other_page_leads_home(self, portal: PortalUnderTest) -> None:
        portal.sign_in()
        (receipt,) = portal.rows(ConsentReceipt)
        closed = [line.split("\t")[0] for line in route_table(portal.app) if "aal2" in line]
        assert "/account" in closed
        for path in closed:
            answer = portal.client.get(path.replace("<receipt_id>", receipt.id))
            assert (answer.status_code, answer.headers["Location"]) == (303, "/"), path

    def test_no_page_of_a_person_is_open_without_a_session(self, portal: PortalUnderTest) -> None:
        for line in route_table(portal.app):
            path, methods, _, guard, *_ = line.split("\t")
            if guard.startswith("signed in") and "GET" in methods:
                assert portal.client.get(path.replace("<receipt_id>", "x")).headers["Location"] == "/sign-in", path

    def test_home_offers_no_link_to_what_is_closed(self, portal: PortalUnderTest) -> None:
        assert 'href="/account"' not in portal.sign_in().text
