"""A client that is not ours signs people in at the credential service: openid-client, with every check it has."""

import time
from collections.abc import Iterator

import pytest

from tests.interoperation.members import Meeting, Member, meeting
from tests.interoperation.person import Person, Shown
from tests.support.running import free_ports

pytestmark = [pytest.mark.interoperation, pytest.mark.xdist_group("foreign client")]

AAL2 = "http://idmanagement.gov/ns/assurance/ial/1/aal/2"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meeting]:
    """The credential service and the client."""
    with meeting(tmp_path_factory.mktemp("meeting"), free_ports(1)[0]) as running:
        yield running


def registered(both: Meeting) -> Member:
    """Somebody new, who registers where a client sends them to, and is then back at the client `basic`."""
    found = Member(both)
    shown = both.start(found.person, "basic", "?prompt=create")
    assert shown.heading == "Create an ID.me account", shown.text
    found.agree(found.register(shown))
    return found


@pytest.fixture(scope="module")
def member(both: Meeting) -> Member:
    """Somebody who stays signed in and has agreed to share with `basic`; who else asks is one client a test."""
    return registered(both)


@pytest.fixture
def newcomer(both: Meeting) -> Member:
    """Such a person for one test only."""
    return registered(both)


def refused(shown: Shown) -> str | None:
    """Which error the client was told."""
    assert shown.status == 400, shown.text
    error: str | None = shown.json()["error"]
    return error


@pytest.mark.parametrize("name", ["post", "rsa", "ec", "public"])
def test_every_way_of_client_authentication(both: Meeting, member: Member, name: str) -> None:
    """The way `basic` is the member's own: they came through it."""
    told = member.agree(both.start(member.person, name))
    assert told["claims"]["aud"] == name
    assert told["userinfo"]["sub"] == told["claims"]["sub"]
    assert (told["userinfo"]["email"], told["userinfo"]["email_verified"]) == (member.email, True)


def test_what_a_registration_tells_the_client(both: Meeting) -> None:
    newcomer, before = Member(both), int(time.time())
    told = newcomer.agree(newcomer.register(both.start(newcomer.person, "basic", f"?prompt=create&acr_values={AAL2}")))
    claims = told["claims"]
    assert (claims["iss"], claims["aud"], claims["acr"]) == (both.issuer, "basic", AAL2)
    assert set(claims["amr"]) == {"pwd", "otp", "mfa"}
    assert before <= claims["auth_time"] <= claims["iat"] < claims["exp"]
    assert {"jti", "nonce", "at_hash"} <= claims.keys()
    assert "email" not in claims, "what is shared is told at userinfo"
    assert told["userinfo"] == {"sub": claims["sub"], "email": newcomer.email, "email_verified": True}
    assert (told["scope"], told["expires_in"] > 0) == ("openid email profile", True)


def test_the_profile_of_idme_signs_its_userinfo(both: Meeting, member: Member) -> None:
    told = member.agree(both.start(member.person, "idme", f"?scope=openid {AAL2}"))
    assert told["userinfo"]["uuid"] == told["claims"]["sub"]
    assert told["userinfo"]["emails_confirmed"] == [member.email]
    assert told["userinfo"]["multifactor"] is True


def test_without_a_page_only_who_is_known_and_has_agreed(both: Meeting, member: Member) -> None:
    told = both.start(member.person, "basic", "?prompt=none")
    assert (told.status, told.json()["userinfo"]["email"]) == (200, member.email)
    assert refused(both.start(Person(), "basic", "?prompt=none")) == "login_required"
    assert refused(both.start(member.person, "spare", "?prompt=none")) == "consent_required"


def test_who_declines_is_not_signed_in(both: Meeting, member: Member) -> None:
    asked = both.start(member.person, "spare")
    assert refused(member.person.submit(asked, decision="decline")) == "access_denied"


def test_a_code_is_good_once_and_takes_its_token_with_it(both: Meeting, member: Member) -> None:
    used = both.start(member.person, "basic")
    assert member.person.visit(f"{both.client}/basic/userinfo").status == 200
    assert refused(member.person.visit(used.url)) == "invalid_grant"
    assert member.person.visit(f"{both.client}/basic/userinfo").json()["status"] == 401


@pytest.mark.parametrize("query", ["?prompt=login", "?max_age=0"])
def test_a_fresh_sign_in_is_a_fresh_sign_in(both: Meeting, newcomer: Member, query: str) -> None:
    first = both.start(newcomer.person, "basic").json()["claims"]["auth_time"]
    time.sleep(1.1)  # auth_time counts whole seconds
    shown = newcomer.sign_in(both.start(newcomer.person, "basic", query))
    assert shown.status == 200, shown.text
    assert shown.json()["claims"]["auth_time"] > first


def test_signing_out_at_the_client_signs_out_here(both: Meeting, newcomer: Member) -> None:
    known = both.start(newcomer.person, "basic").json()["claims"]["sub"]
    back = newcomer.person.visit(f"{both.client}/basic/sign-out")
    assert back.json() == {"state": "as it was"}, back.text
    assert refused(both.start(newcomer.person, "basic", "?prompt=none")) == "login_required"

    shown = both.start(newcomer.person, "basic", f"?login_hint={newcomer.email}")
    assert newcomer.sign_in(shown).json()["claims"]["sub"] == known
