"""From the chooser to the provider and back: what signs a person in, and every answer that must not."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from app import clock
from app.access.portal import portal_of
from app.blueprints.sign_in.presenters import ways
from app.models.account import Account, Identity
from app.models.consent import ConsentReceipt
from app.models.session import PortalSession
from app.models.sign_in import Arrival
from app.oidc_client.client import PROBE_INTERVAL
from tests.support.hostile_provider import Fault, HostileProvider
from tests.support.portal import PortalUnderTest


def test_a_new_person_gets_in_by_agreeing(any_portal: PortalUnderTest) -> None:
    home = any_portal.sign_in()
    assert "QAAMS home" in home.text
    assert (any_portal.count(Account), any_portal.count(Identity), any_portal.count(ConsentReceipt)) == (1, 1, 1)


def test_a_known_person_is_not_asked_again(any_portal: PortalUnderTest) -> None:
    any_portal.sign_in()
    again = any_portal.browser()
    assert any_portal.arrive(again).headers["Location"] == "/"
    assert "QAAMS home" in again.get("/").text
    assert any_portal.count(Account) == 1


def test_the_request_asks_for_authentication_only(portal: PortalUnderTest) -> None:
    query = parse_qs(urlsplit(portal.leave(intent="register")).query)
    assert query["code_challenge_method"] == ["S256"]
    assert not any(word in str(query) for word in ("ial/2", "loa/3", "verified", "facial"))


def test_a_changed_address_asks_again(portal: PortalUnderTest, provider: HostileProvider) -> None:
    portal.sign_in()
    provider.userinfo["email"] = "new@example.com"
    response = portal.arrive(portal.browser())
    assert response.headers["Location"] == "/consent/email"


def test_no_address_no_arrival(portal: PortalUnderTest, provider: HostileProvider) -> None:
    provider.userinfo["email_verified"] = False
    response = portal.arrive()
    assert response.status_code == 403
    assert "QA-208" in response.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": None}, "QA-209"),
        ({"state": None}, "QA-209"),
        ({"state": "x" * 43}, "QA-201"),
        ({"iss": "https://elsewhere.example"}, "QA-205"),
        ({"code": None, "error": "access_denied"}, "QA-202"),
        ({"code": None, "error": "temporarily_unavailable"}, "QA-203"),
        ({"code": None, "error": "server_error"}, "QA-204"),
        ({"code": "made-up"}, "QA-204"),
    ],
)
def test_a_changed_callback_is_refused(portal: PortalUnderTest, change: dict[str, str | None], code: str) -> None:
    response = portal.come_back(portal.leave(), **change)
    assert 400 <= response.status_code < 504
    assert code in response.text
    assert portal.count(PortalSession) == 0
    assert portal.count(Arrival) == 0


def _mixed_up(provider: HostileProvider) -> None:
    provider.userinfo["sub"] = "somebody-else"


def _wrong_nonce(provider: HostileProvider) -> None:
    provider.id_token_changes["nonce"] = "another"


def _wrong_issuer(provider: HostileProvider) -> None:
    provider.id_token_changes["iss"] = "https://elsewhere.example"


def _wrong_audience(provider: HostileProvider) -> None:
    provider.id_token_changes["aud"] = "another-client"


def _garbage(provider: HostileProvider) -> None:
    provider.replies["/token"] = (200, "text/html", b"<p>not json")


def _huge(provider: HostileProvider) -> None:
    provider.replies["/userinfo"] = (200, "application/json", b"{" + b" " * 400_000 + b"}")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_mixed_up, "QA-205"),
        (_wrong_nonce, "QA-205"),
        (_wrong_issuer, "QA-205"),
        (_wrong_audience, "QA-205"),
        (_garbage, "QA-204"),
        (_huge, "QA-204"),
    ],
)
def test_an_answer_that_does_not_hold_signs_nobody_in(
    portal: PortalUnderTest, provider: HostileProvider, spoil: Callable[[HostileProvider], None], code: str
) -> None:
    url = portal.leave()
    spoil(provider)
    response = portal.come_back(url)
    assert code in response.text
    assert response.status_code >= 400
    assert portal.count(PortalSession) == 0


@pytest.mark.parametrize("fault", sorted(Fault))
def test_no_fault_of_the_provider_is_a_fault_of_ours(
    portal: PortalUnderTest, provider: HostileProvider, fault: Fault
) -> None:
    url = portal.leave()
    provider.faults.add(fault)
    response = portal.come_back(url)
    assert response.status_code != 500, fault
    assert (response.status_code == 303) == (portal.count(Arrival) == 1)


def test_a_callback_is_good_once(portal: PortalUnderTest) -> None:
    url = portal.leave()
    answer = portal.provider.approve(url)
    first = portal.client.get("/callback/idme", query_string=answer)
    portal.client.submit("/consent/email", address="0")
    second = portal.client.get("/callback/idme", query_string=answer)
    assert (first.status_code, second.status_code) == (303, 400)
    assert "QA-201" in second.text


def test_a_callback_whose_answer_was_lost_goes_on(portal: PortalUnderTest) -> None:
    answer = portal.provider.approve(portal.leave())
    portal.client.get("/callback/idme", query_string=answer)
    repeated = portal.client.get("/callback/idme", query_string=answer)
    assert repeated.headers["Location"] == "/consent/email"
    assert portal.count(Arrival) == 1


def test_another_browser_cannot_finish_an_attempt(portal: PortalUnderTest) -> None:
    url = portal.leave()
    thief = portal.browser()
    thief.get("/sign-in")
    response = portal.come_back(url, thief)
    assert "QA-201" in response.text
    assert "QA-201" in portal.come_back(url).text, "the attempt is used up, whoever came with it"


def test_the_callback_of_another_provider_is_refused(portal: PortalUnderTest) -> None:
    assert portal.client.get("/callback/login_gov?state=x&code=y").status_code == 404


def test_two_tabs_both_finish(portal: PortalUnderTest) -> None:
    first, second = portal.leave(), portal.leave()
    portal.come_back(first)
    portal.client.submit("/consent/email", address="0")
    assert portal.come_back(second).headers["Location"] == "/"


def test_the_oldest_of_six_attempts_gives_way(portal: PortalUnderTest) -> None:
    urls = [portal.leave() for _ in range(6)]
    assert "QA-201" in portal.come_back(urls[0]).text
    assert portal.come_back(urls[1]).status_code == 303


def test_the_cookie_changes_at_sign_in(portal: PortalUnderTest) -> None:
    portal.arrive()
    before = portal.client.get_cookie("qaams_session")
    portal.client.submit("/consent/email", address="0")
    after = portal.client.get_cookie("qaams_session")
    assert before is not None and after is not None
    assert before.value != after.value


def test_a_provider_that_is_down_says_so_and_leaves_the_others(
    portal: PortalUnderTest, provider: HostileProvider
) -> None:
    provider.replies["/.well-known/openid-configuration"] = (500, "text/plain", b"down")
    response = portal.client.submit("/sign-in/idme", page="/sign-in")
    assert response.status_code in (502, 503)
    chooser = portal.client.get("/sign-in").text
    assert "cannot be reached at the moment" in chooser
    assert "/sign-in/username" in chooser


def test_a_provider_that_was_down_is_offered_again(portal: PortalUnderTest, provider: HostileProvider) -> None:
    provider.faults.add(Fault.BROKEN)
    portal.client.submit("/sign-in/idme", page="/sign-in")
    running, now = portal_of(portal.app), clock.now()
    assert [way.available for way in ways(running, now)] == [False]
    assert [way.available for way in ways(running, now + PROBE_INTERVAL)] == [True]


def test_who_came_by_another_name_of_ours_is_sent_on_first(portal: PortalUnderTest, provider: HostileProvider) -> None:
    """The provider answers to the public address only; a browser lets a form be sent on where its page says so."""
    elsewhere = {"base_url": "http://127.0.0.1:8000"}
    browser = portal.app.test_client()
    page = browser.get("/sign-in", **elsewhere)
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = browser.post("/sign-in/idme", data={"csrf_token": token}, **elsewhere)
    assert answer.headers["Location"] == "http://localhost:8000/sign-in"
    assert f"form-action 'self' {provider.issuer} http://localhost:8000;" in page.headers["Content-Security-Policy"]
