"""People come to the portal from a provider that is not ours: oidc-provider, through the `oidc` adapter."""

from urllib.parse import parse_qs, urlsplit

import pytest

from app.oidc_client.adapters.base import Ask
from app.oidc_client.faults import Reason, SignInFault
from tests.interoperation.conftest import (
    AAL2,
    ACCOUNT,
    ODD_ID,
    ODD_SECRET,
    PORTAL,
    SECRET,
    ForeignProvider,
    OperatorSets,
    SetUp,
)
from tests.interoperation.person import Person, Shown

pytestmark = [pytest.mark.interoperation, pytest.mark.xdist_group("foreign provider")]


@pytest.fixture
def portal(operator_sets: OperatorSets, foreign_provider: ForeignProvider) -> SetUp:
    """A portal that proves itself by a secret, as most do."""
    return operator_sets(
        foreign_provider,
        OTHER_CLIENT_ID=ODD_ID,
        OTHER_CLIENT_SECRET=ODD_SECRET,
        OTHER_SCOPE="openid email profile",
    )


def sign_in_there(person: Person, shown: Shown) -> Shown:
    """The provider's two pages: who one is, and that the portal may know the address."""
    shown = person.submit(shown, login=str(ACCOUNT["login"]), password=str(ACCOUNT["password"]), answer="yes")
    assert "May the portal know" in shown.text
    return person.submit(shown, answer="yes")


def get_in(person: Person) -> Shown:
    """From the chooser through the provider and the portal's own consent to home."""
    shown = sign_in_there(person, person.choose("/sign-in/other"))
    assert (shown.url, shown.status) == (f"{PORTAL}/consent/email", 200)
    assert "officer@example.com" in shown.text
    return person.submit(shown)


def callback_of(person: Person) -> str:
    """The address by which the provider sent the person back."""
    return next(url for url in person.visited if urlsplit(url).path == "/callback/other")


def is_home(shown: Shown) -> bool:
    """Whether this is home, with both factors believed."""
    return shown.url == f"{PORTAL}/" and "You are signed in with Elsewhere." in shown.text and "/account" in shown.text


def test_a_person_gets_in_and_out_again_at_both_ends(portal: SetUp) -> None:
    person = portal.person()
    home = get_in(person)
    assert is_home(home)
    assert "Welcome, Ada Lovelace." in home.text

    leaving = person.sign_out(home)
    assert "Do you want to sign-out from" in leaving.text
    assert person.visit(f"{PORTAL}/").url == f"{PORTAL}/sign-in", "the portal's own session ends first"
    back = person.submit(leaving, logout="yes")
    assert urlsplit(back.url).path == "/signed-out"
    assert set(parse_qs(urlsplit(back.url).query)) == {"state"}
    assert "You are signed out of QAAMS" in back.text

    again = person.choose("/sign-in/other")
    assert "Sign in elsewhere" in again.text, "the session at the provider has ended too"


def test_a_known_person_comes_straight_home(portal: SetUp) -> None:
    get_in(portal.person())
    person = portal.person()
    assert is_home(sign_in_there(person, person.choose("/sign-in/other")))
    assert is_home(person.visit(f"{PORTAL}/"))


def test_who_declines_there_is_told_so_here(portal: SetUp) -> None:
    person = portal.person()
    shown = person.submit(person.choose("/sign-in/other"), answer="no")
    assert (urlsplit(shown.url).path, shown.status) == ("/callback/other", 403)
    assert "QA-202" in shown.text
    assert person.visit(f"{PORTAL}/").url == f"{PORTAL}/sign-in"


def test_a_callback_is_no_good_in_another_browser(portal: SetUp) -> None:
    person = portal.person()
    sign_in_there(person, person.choose("/sign-in/other"))
    assert "QA-201" in portal.person().visit(callback_of(person)).text


@pytest.mark.parametrize("name", ["rsa", "ec"])
def test_a_portal_that_signs_for_itself(
    operator_sets: OperatorSets, foreign_provider: ForeignProvider, name: str
) -> None:
    """private_key_jwt; userinfo comes as a signed token, for "ec" the ID token by ES256 too."""
    key = str(foreign_provider.private_keys[name])
    portal = operator_sets(foreign_provider, OTHER_CLIENT_ID=name, OTHER_PRIVATE_KEY_FILE=key)
    assert is_home(get_in(portal.person()))


def test_a_portal_that_signs_with_anothers_key_gets_nothing(
    operator_sets: OperatorSets, foreign_provider: ForeignProvider
) -> None:
    key = str(foreign_provider.private_keys["rsa"])
    portal = operator_sets(foreign_provider, OTHER_CLIENT_ID="ec", OTHER_PRIVATE_KEY_FILE=key)
    person = portal.person()
    assert "QA-204" in sign_in_there(person, person.choose("/sign-in/other")).text


def test_a_public_client_with_nothing_but_its_challenge(
    operator_sets: OperatorSets, foreign_provider: ForeignProvider
) -> None:
    portal = operator_sets(foreign_provider, OTHER_CLIENT_ID="public")
    assert is_home(get_in(portal.person()))


def test_a_provider_that_takes_secrets_in_the_body_only(
    operator_sets: OperatorSets, posting_provider: ForeignProvider
) -> None:
    portal = operator_sets(posting_provider, OTHER_CLIENT_ID="posting", OTHER_CLIENT_SECRET=SECRET)
    assert is_home(get_in(portal.person()))


def test_a_demanded_level_and_age_are_answered_and_a_code_is_good_once(portal: SetUp) -> None:
    person = portal.person()
    request = portal.party.start(Ask(max_age=300, minimum_aal=2, acr_values=AAL2))
    sign_in_there(person, person.visit(request.url))
    arguments = parse_qs(urlsplit(callback_of(person)).query)
    who = portal.party.finish(arguments, request.pending).identity
    assert (who.aal, who.amr) == (2, ("pwd", "otp", "mfa"))
    assert who.auth_time is not None
    with pytest.raises(SignInFault) as refused:
        portal.party.finish(arguments, request.pending)
    assert refused.value.reason is Reason.TOKEN_REFUSED
