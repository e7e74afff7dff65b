"""The consent page: what it lists, what the answer does, and when it is asked again."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.credential_service.store.accounts import EmailAddress
from app.credential_service.store.base import audit, store
from app.credential_service.store.consents import Consent
from app.credential_service.store.interactions import Interaction
from app.credential_service.store.tokens import AuthorizationCode
from tests.support.credential_factories import (
    PORTAL_RETURN,
    PUBLIC,
    RelyingParty,
    add_account,
    answer_of,
    events,
    make_older,
    sign_in,
    subject_of,
)
from tests.support.html import lint

ANSWERED = "CS-204"


def shown(rp: RelyingParty, **changed: str | None) -> str:
    response = rp.browser.get(rp.authorize(**changed).location)
    assert response.status_code == 200
    return response.text


def test_it_lists_what_is_shared_with_whom_why_and_how_long(rp: RelyingParty, signed_in: str) -> None:
    page = shown(rp)
    for words in (
        "Strict relying party",
        "https://rp.example",
        "person@example.org",
        "What is shared",
        "Why",
        "For how long",
        "Agree and continue",
        "Decline",
    ):
        assert words in page
    assert not lint(page)


def test_it_lists_nothing_that_is_not_asked(op: Flask, rp: RelyingParty) -> None:
    sign_in(op, rp.browser, add_account(op, "grace@example.org", given_name="Grace", family_name="Hopper"))
    assert "grace@example.org" not in shown(rp, scope="openid")
    assert "Grace" not in shown(rp, scope="openid email")
    assert "Grace Hopper" in shown(rp, scope="openid profile")


def test_it_does_not_list_a_name_that_was_never_given(rp: RelyingParty, signed_in: str) -> None:
    assert ">Name<" not in shown(rp, scope="openid profile")


def test_the_form_is_plain_and_may_end_at_the_client_only(rp: RelyingParty, signed_in: str) -> None:
    response = rp.browser.get(rp.authorize().location)
    assert "hx-post" not in response.text.partition("<main")[2]
    assert "form-action 'self' https://rp.example;" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"


def test_other_pages_widen_nothing(rp: RelyingParty, signed_in: str) -> None:
    policy = rp.browser.get("/consent?i=nonsense").headers["Content-Security-Policy"]
    assert "form-action 'self';" in policy


def test_who_declines_shares_nothing(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    answer = answer_of(rp.consent(rp.authorize(), "decline"))
    assert (answer["error"], answer["state"]) == ("access_denied", rp.state)
    assert events(op) == ["consent.declined"]
    assert rp.authorize().location.startswith("/consent")


def test_it_is_remembered(rp: RelyingParty, signed_in: str) -> None:
    rp.code()
    assert answer_of(rp.authorize())["code"]


def test_it_is_remembered_for_this_client_only(rp: RelyingParty, signed_in: str) -> None:
    rp.code()
    other = RelyingParty(rp.app, rp.browser, settings=PUBLIC, redirect_uri=PUBLIC.redirect_uris[0])
    assert other.authorize().location.startswith("/consent")


def test_it_is_remembered_for_this_person_only(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    rp.code()
    sign_in(op, rp.browser, add_account(op, "other@example.org"))
    assert rp.authorize().location.startswith("/consent")


def test_it_is_asked_again_after_a_year(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    rp.code()
    make_older(op, Consent, timedelta(days=364))
    assert answer_of(rp.authorize())["code"]
    make_older(op, Consent, timedelta(days=1))
    assert rp.authorize().location.startswith("/consent")


def test_it_is_asked_again_when_more_is_asked(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    rp.code(scope="openid")
    place = rp.authorize(scope="openid email")
    assert place.location.startswith("/consent")
    assert "You have agreed before" in rp.browser.get(place.location).text
    rp.consent(place)
    assert answer_of(rp.authorize(scope="openid"))["code"]


def test_it_is_asked_again_when_the_name_is_asked_too(op: Flask, rp: RelyingParty) -> None:
    sign_in(op, rp.browser, add_account(op, given_name="Grace"))
    rp.code(scope="openid email")
    assert rp.authorize(scope="openid email profile").location.startswith("/consent")


def test_less_is_shared_when_less_is_asked(rp: RelyingParty, signed_in: str) -> None:
    rp.code()
    assert set(rp.userinfo(rp.tokens(scope="openid")["access_token"]).get_json()) == {"sub"}


def test_one_of_several_addresses_is_chosen(op: Flask, rp: RelyingParty) -> None:
    account = add_account(op, "home@example.org", "work@example.org")
    sign_in(op, rp.browser, account)
    page = rp.browser.get(rp.authorize().location)
    fields = rp.consent_fields(page)
    with op.app_context():
        ids = {row.address: row.id for row in store.session.query(EmailAddress)}
    assert fields["email"] == ids["home@example.org"]
    chosen = rp.browser.post("/consent", data={**fields, "decision": "agree", "email": ids["work@example.org"]})
    tokens = rp.exchange(answer_of(chosen)["code"]).get_json()
    assert rp.userinfo(tokens["access_token"]).get_json()["email"] == "work@example.org"


@pytest.mark.parametrize("chosen", ["", "nonsense", "somebody else's"])
def test_an_address_that_is_not_offered_is_refused(op: Flask, rp: RelyingParty, chosen: str) -> None:
    sign_in(op, rp.browser, add_account(op, "home@example.org", "work@example.org"))
    page = rp.browser.get(rp.authorize().location)
    data = {**rp.consent_fields(page), "decision": "agree", "email": chosen}
    refused = rp.browser.post("/consent", data=data)
    assert refused.status_code == 422
    assert "<title>Error:" in refused.text
    assert "form-action 'self' https://rp.example;" in refused.headers["Content-Security-Policy"]
    assert events(op) == []


def test_the_only_address_cannot_be_exchanged_for_another(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    add_account(op, "other@example.org")
    with op.app_context():
        ids = {row.address: row.id for row in store.session.query(EmailAddress)}
    response = rp.consent(rp.authorize(), email=ids["other@example.org"])
    tokens = rp.exchange(answer_of(response)["code"]).get_json()
    assert rp.userinfo(tokens["access_token"]).get_json()["email"] == "person@example.org"


def test_it_needs_the_token_against_forgery(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    fields = rp.consent_fields(rp.browser.get(rp.authorize().location))
    del fields["csrf_token"]
    assert rp.browser.post("/consent", data={**fields, "decision": "agree"}).status_code == 400
    assert "code.issued" not in events(op)


@pytest.mark.parametrize("decision", ["", "maybe"])
def test_an_answer_is_yes_or_no(op: Flask, rp: RelyingParty, signed_in: str, decision: str) -> None:
    assert rp.consent(rp.authorize(), decision).status_code == 400
    assert "consent.declined" not in events(op)


def test_the_same_post_again_gets_the_same_address(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    data = {**rp.consent_fields(rp.browser.get(rp.authorize().location)), "decision": "agree"}
    first, second = (rp.browser.post("/consent", data=data) for _ in range(2))
    assert first.location == second.location
    assert events(op).count("code.issued") == 1
    assert rp.exchange(answer_of(second)["code"]).status_code == 200


def test_the_same_no_again_is_the_same_no(rp: RelyingParty, signed_in: str) -> None:
    data = {**rp.consent_fields(rp.browser.get(rp.authorize().location)), "decision": "decline"}
    first, second = (rp.browser.post("/consent", data=data) for _ in range(2))
    assert first.location == second.location


@pytest.mark.parametrize("changed", ["another key", ""])
def test_another_post_is_told_that_it_was_answered(rp: RelyingParty, signed_in: str, changed: str) -> None:
    data = {**rp.consent_fields(rp.browser.get(rp.authorize().location)), "decision": "agree"}
    rp.browser.post("/consent", data=data)
    again = rp.browser.post("/consent", data={**data, "request_key": changed})
    assert again.status_code == 409
    assert ANSWERED in again.text


def test_a_spent_code_is_not_given_again(rp: RelyingParty, signed_in: str) -> None:
    data = {**rp.consent_fields(rp.browser.get(rp.authorize().location)), "decision": "agree"}
    rp.exchange(answer_of(rp.browser.post("/consent", data=data))["code"])
    assert ANSWERED in rp.browser.post("/consent", data=data).text


def test_nothing_is_given_again_after_two_minutes(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    data = {**rp.consent_fields(rp.browser.get(rp.authorize().location)), "decision": "decline"}
    rp.browser.post("/consent", data=data)
    make_older(op, Interaction, timedelta(seconds=120))
    assert ANSWERED in rp.browser.post("/consent", data=data).text


def test_going_back_after_a_no_does_not_lead_on(rp: RelyingParty, signed_in: str) -> None:
    place = rp.authorize()
    rp.consent(place, "decline")
    assert ANSWERED in rp.browser.get(place.location).text


def test_the_code_stands_nowhere_in_the_open(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    code = answer_of(rp.consent(rp.authorize()))["code"]
    with op.app_context():
        row = store.session.query(AuthorizationCode).one()
        kept = [str(getattr(row, column.key)) for column in row.__table__.columns]
        assert not any(code in value for value in kept)
        assert row.sealed_code is not None
    rp.exchange(code)
    with op.app_context():
        assert store.session.query(AuthorizationCode).one().sealed_code is None


def test_the_record_tells_what_happened_and_names_nobody(op: Flask, rp: RelyingParty, signed_in: str) -> None:
    tokens = rp.tokens()
    assert set(events(op)) == {"consent.given", "code.issued", "token.issued", "signing_key.made"}
    with op.app_context():
        payloads = "".join(store.session.scalars(select(audit.event.c.payload)))
    for private in ("person@example.org", "strict-rp", subject_of(op, signed_in), tokens["access_token"], rp.state):
        assert private not in payloads


def test_the_portal_returns_to_its_own_origin(rp: RelyingParty, signed_in: str) -> None:
    found = rp.app.extensions["credential_service"].clients.find("qaams-portal").settings
    portal = RelyingParty(rp.app, rp.browser, settings=found, redirect_uri=PORTAL_RETURN, scope="openid")
    policy = rp.browser.get(portal.authorize().location).headers["Content-Security-Policy"]
    assert "form-action 'self' http://localhost:8000;" in policy
