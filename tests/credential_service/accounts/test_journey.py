"""From a relying party through registration or sign-in and back to it, with an independent eye on each hop."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from app.settings import EMBEDDED_CLIENT_ID
from tests.credential_service.accounts.house import EMAIL, NUMBER, PASSWORD, House
from tests.credential_service.accounts.visitor import Visitor

CALLBACK = "http://localhost:8000/callback/idme"
REQUEST = {
    "response_type": "code",
    "client_id": EMBEDDED_CLIENT_ID,
    "redirect_uri": CALLBACK,
    "scope": "openid http://idmanagement.gov/ns/assurance/ial/1/aal/2",
    "state": "a-state",
    "nonce": "a-nonce",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


def ask(visitor: Visitor, **changes: str) -> None:
    """A relying party sends the browser here."""
    visitor.open(f"/authorize?{urlencode(REQUEST | changes)}")


def returned(visitor: Visitor) -> dict[str, list[str]]:
    """What the browser brings back to the relying party."""
    assert visitor.response.status_code == 303
    address = visitor.response.headers["Location"]
    assert address.startswith(f"{CALLBACK}?")
    return parse_qs(urlsplit(address).query)


def allows_return(visitor: Visitor) -> bool:
    """Whether Chromium would let the page's form end at the relying party."""
    return "form-action 'self' http://localhost:8000;" in visitor.response.headers["Content-Security-Policy"]


def register(house: House, visitor: Visitor) -> None:
    """From the page that the relying party asked for to the recovery codes, pressing only what is on the pages."""
    assert visitor.heading == "Create an ID.me account" and allows_return(visitor)
    visitor.press(email=EMAIL)
    assert allows_return(visitor)
    visitor.press(code=house.code(EMAIL))
    visitor.press(password=PASSWORD)
    visitor.open(
        next(str(link.get("href")) for link in visitor.elements("a") if "channel=sms" in str(link.get("href")))
    )
    visitor.press(number=NUMBER)
    assert allows_return(visitor)
    visitor.press(code=house.code(NUMBER))
    assert allows_return(visitor)


@pytest.mark.parametrize("wish", [{"op": "signup"}, {"prompt": "create"}])
def test_registration_ends_at_the_relying_party(house: House, wish: dict[str, str]) -> None:
    visitor = house.visitor()
    ask(visitor, **wish)
    register(house, visitor)
    visitor.press()
    assert visitor.response.status_code == 200 and EMAIL in visitor.response.text
    visitor.press(decision="agree")
    assert returned(visitor)["state"] == ["a-state"] and "code" in returned(visitor)


def test_the_second_time_the_sign_in_leads_straight_back(house: House) -> None:
    visitor, again = house.visitor(), house.visitor()
    ask(visitor, op="signup")
    register(house, visitor)
    visitor.press()
    visitor.press(decision="agree")
    ask(again)
    assert again.heading == "Sign in to your ID.me account" and allows_return(again)
    again.press("/sign-in", email=EMAIL, password=PASSWORD)
    assert allows_return(again)
    again.press(code=house.code(NUMBER))
    assert "code" in returned(again)


def test_inside_htmx_the_way_out_is_a_header(house: House) -> None:
    visitor, again = house.visitor(), house.visitor()
    ask(visitor, op="signup")
    register(house, visitor)
    visitor.press()
    visitor.press(decision="agree")
    ask(again)
    again.press("/sign-in", email=EMAIL, password=PASSWORD)
    url, data = again._form(None)
    response = again.client.post(url, data={**data, "code": house.code(NUMBER)}, headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"].startswith(CALLBACK)


def test_the_address_that_the_relying_party_knows_is_filled_in(house: House) -> None:
    visitor = house.visitor()
    ask(visitor, login_hint=EMAIL)
    assert visitor._form(None)[1]["email"] == EMAIL
    visitor.open(next(str(a.get("href")) for a in visitor.elements("a") if str(a.get("href")).startswith("/register")))
    assert visitor._form(None)[1]["email"] == EMAIL


def test_a_request_that_waits_in_another_browser_gives_nothing_away(house: House) -> None:
    visitor, other = house.visitor(), house.visitor()
    ask(visitor, login_hint=EMAIL)
    waiting = visitor._form(None)[1]["i"]
    other.open(f"/sign-in?i={waiting}")
    assert EMAIL not in other.response.text and not allows_return(other)


def test_registration_finished_in_another_browser_ends_at_the_account(house: House) -> None:
    first, second = house.visitor(), house.visitor()
    ask(first, op="signup")
    first.press(email=EMAIL)
    second.open(house.link(EMAIL))
    second.press()
    second.press(password=PASSWORD)
    second.open("/register/second-step/phone")
    second.press(number=NUMBER)
    second.press(code=house.code(NUMBER))
    second.press()
    assert second.heading == "Your ID.me account"
    first.open("/register/confirm?i=" + first._form(None)[1]["i"])
    assert first.heading == "You went on in another browser"
    first.open(next(str(a.get("href")) for a in first.elements("a") if str(a.get("href")).startswith("/sign-in")))
    house.later(seconds=10)
    first.press("/sign-in", email=EMAIL, password=PASSWORD)
    first.press(code=house.code(NUMBER))
    assert first.response.status_code == 200 and EMAIL in first.response.text
    first.press(decision="agree")
    assert "code" in returned(first)
