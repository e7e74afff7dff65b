"""Registration, from the address to the password, and in which order the pages open."""

import pytest

from app.credential_service.store.accounts import Account, AccountSession, Authenticator, EmailAddress, RecoveryCode
from app.credential_service.store.base import audit
from app.credential_service.store.registrations import Registration
from tests.credential_service.accounts.house import EMAIL, NUMBER, PASSWORD, House

STAGES = {
    "/register/confirm": "Confirm your e-mail address",
    "/register/password": "Choose a password",
    "/register/second-step": "Choose your second step",
}
LATER = ("/register/second-step/phone", "/register/second-step/app", "/register/second-step/passkey")


def test_a_person_registers_with_a_text_message(house: House) -> None:
    visitor = house.visitor()
    codes = house.register(visitor)
    assert len(codes) == 10
    assert house.count(Account) == house.count(EmailAddress) == house.count(Authenticator) == 1
    assert house.count(RecoveryCode) == 10
    (session,) = house.rows(AccountSession)
    assert (session.methods, session.assurance) == ("pwd sms mfa", "aal2")
    visitor.press()
    assert visitor.heading == "Your ID.me account"
    assert EMAIL in visitor.response.text and "ending in 05" in visitor.response.text
    assert house.count(Registration) == 0


def test_there_is_no_account_before_the_second_step_is_proved(house: House) -> None:
    house.to_phone_code(house.visitor())
    assert house.count(Account) == house.count(EmailAddress) == house.count(AccountSession) == 0


def test_the_owner_is_told_of_the_account(house: House) -> None:
    house.register(house.visitor())
    assert house.messages(EMAIL)[0]["subject"] == "Your account was created"


def test_nothing_that_names_the_person_is_kept_in_the_clear(house: House) -> None:
    house.to_phone_code(house.visitor())
    (row,) = house.rows(Registration)
    kept = b" ".join(value for value in vars(row).values() if isinstance(value, bytes))
    assert EMAIL.encode() not in kept and NUMBER.encode() not in kept
    assert PASSWORD not in str(vars(row)) and house.code(NUMBER) not in str(vars(row))


def test_the_record_tells_of_ids_only(house: House) -> None:
    house.register(house.visitor())
    with house.engine.connect() as connection:
        events = connection.execute(audit.event.select()).all()
    assert [event.kind for event in events][:4] == [
        "account.created", "authenticator.added", "recovery_codes.issued", "session.began",
    ]  # fmt: skip
    assert EMAIL not in str(events) and NUMBER not in str(events)


@pytest.mark.parametrize("typed", ["", "ada", "ada@", "ada@example", "a@b@example.test", f"{'a' * 300}@example.test"])
def test_what_is_no_address_is_refused(house: House, typed: str) -> None:
    visitor = house.visitor()
    visitor.open("/register")
    visitor.press(email=typed)
    assert visitor.response.status_code == 422
    assert visitor.errors[0].startswith("Enter ")
    assert "<title>Error: " in visitor.response.text
    assert house.messages() == []


def test_a_wrong_code_is_refused_and_the_right_one_accepted(house: House) -> None:
    visitor = house.visitor()
    house.to_confirm(visitor)
    code = house.code(EMAIL)
    visitor.press(code=f"{(int(code) + 1) % 10**6:06d}")
    assert visitor.response.status_code == 422 and visitor.errors == [
        "The code is not right. Check it and type it again"
    ]
    visitor.press(code=f"{code[:3]} {code[3:]}")
    assert visitor.heading == "Choose a password"


def test_what_is_no_code_is_told_so_and_not_counted(house: House) -> None:
    visitor = house.visitor()
    house.to_confirm(visitor)
    for _ in range(6):
        visitor.press(code="12345")
        assert visitor.errors == ["Enter the 6-digit code from the mail"]
    visitor.press(code=house.code(EMAIL))
    assert visitor.heading == "Choose a password"


def test_a_code_is_good_for_ten_minutes(house: House) -> None:
    visitor = house.visitor()
    house.to_confirm(visitor)
    code = house.code(EMAIL)
    house.later(minutes=10)
    visitor.press(code=code)
    assert visitor.errors == ["The code is too old. Ask for a new one"]


def test_a_code_is_worth_nothing_in_another_registration(house: House) -> None:
    first, second = house.visitor(), house.visitor()
    house.to_confirm(first)
    code = house.code(EMAIL)
    house.to_confirm(second, "eve@example.test")
    second.press(code=code)
    assert second.response.status_code == 422


def test_only_the_newest_code_is_good(house: House) -> None:
    visitor = house.visitor()
    house.to_confirm(visitor)
    old = house.code(EMAIL)
    visitor.press("/register/confirm/resend")
    assert "We sent the mail again" in visitor.response.text
    new = house.code(EMAIL)
    if old != new:
        visitor.press(code=old)
        assert visitor.response.status_code == 422
    visitor.press(code=new)
    assert visitor.heading == "Choose a password"


def test_the_same_form_sends_one_mail(house: House) -> None:
    visitor = house.visitor()
    house.to_confirm(visitor)
    visitor.post_again()
    assert visitor.heading == "Confirm your e-mail address"
    visitor.press("/register/confirm/resend")
    visitor.post_again()
    assert len(house.messages(EMAIL)) == 2


def test_another_address_can_be_given(house: House) -> None:
    visitor = house.visitor()
    house.to_confirm(visitor)
    old = house.code(EMAIL)
    house.to_confirm(visitor, "ada@other.test")
    visitor.press(code=old)
    assert visitor.response.status_code == 422
    visitor.press(code=house.code("ada@other.test"))
    assert "ada@other.test" in visitor.response.text and house.count(Registration) == 1


def test_a_registration_ends_after_a_day(house: House) -> None:
    visitor = house.visitor()
    house.to_password(visitor)
    house.later(hours=24)
    visitor.open("/register/password")
    assert visitor.heading == "Create an ID.me account"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short12", "Use 8 characters or more"),
        ("x9" * 70, "Use 128 characters or fewer"),
        ("password123", "This password is on the lists"),
        ("Example-Test1", "Choose a password that is not part of your e-mail address"),
        ("aaaaaaaaaa", "Choose a password that does not repeat"),
        ("abcdefghij", "Choose a password that is not a row"),
        ("", "Choose a password"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(house: House, password: str, reason: str) -> None:
    visitor = house.visitor()
    house.to_password(visitor)
    visitor.press(password=password)
    assert visitor.response.status_code == 422
    assert visitor.errors[0].startswith(reason)
    assert password == "" or password not in visitor.response.text


def test_pages_that_are_not_due_lead_to_the_one_that_is(house: House) -> None:
    visitor = house.visitor()
    for path in (*STAGES, *LATER, "/register/recovery-codes", "/register/elsewhere"):
        visitor.open(path)
        assert visitor.heading == "Create an ID.me account", path
    house.to_confirm(visitor)
    for path in ("/register/password", *LATER, "/register/recovery-codes"):
        visitor.open(path)
        assert visitor.heading == STAGES["/register/confirm"], path
    visitor.press(code=house.code(EMAIL))
    for path in ("/register/confirm", "/register/second-step", *LATER):
        visitor.open(path)
        assert visitor.heading == STAGES["/register/password"], path
    visitor.press(password=PASSWORD)
    for path in ("/register/confirm", "/register/password", "/register/recovery-codes"):
        visitor.open(path)
        assert visitor.heading == STAGES["/register/second-step"], path


@pytest.mark.parametrize("action", ["phone", "phone/send", "phone/code", "app", "passkey"])
def test_a_second_step_cannot_be_set_up_before_address_and_password(house: House, action: str) -> None:
    visitor = house.visitor()
    house.to_password(visitor)
    token = visitor._form(None)[1]
    visitor.post(f"/register/second-step/{action}", {**token, "number": NUMBER, "channel": "sms", "code": "123456"})
    assert visitor.heading == "Choose a password"
    assert house.count(Account) == 0 and house.messages(NUMBER) == []


def test_a_repeated_post_to_a_finished_stage_shows_the_current_one(house: House) -> None:
    visitor = house.visitor()
    house.to_confirm(visitor)
    visitor.press(code=house.code(EMAIL))
    visitor.post_again()
    assert visitor.heading == "Choose a password"
    visitor.press(password=PASSWORD)
    before = house.rows(Registration)[0].password_hash
    visitor.post_again()
    assert visitor.heading == "Choose your second step"
    assert house.rows(Registration)[0].password_hash == before


@pytest.mark.parametrize("path", ["/register", "/register/confirm", "/register/password", "/sign-in", "/sign-out"])
def test_a_form_without_our_token_is_refused(house: House, path: str) -> None:
    visitor = house.visitor()
    house.to_confirm(visitor)
    if path == "/register/password":
        visitor.press(code=house.code(EMAIL))
    response = visitor.client.post(path, data={"email": EMAIL, "code": "123456", "password": PASSWORD})
    assert response.status_code == 400 and "QA-122" in response.text


def test_the_waiting_request_is_kept_from_page_to_page(house: House) -> None:
    visitor = house.visitor()
    visitor.open("/register?i=abc123")
    assert visitor._form(None)[1]["i"] == "abc123"
    assert "/sign-in?i=abc123" in visitor.response.text
    visitor.press(email=EMAIL)
    assert visitor._form(None)[1]["i"] == "abc123"
    visitor.open("/sign-in?i=abc123")
    assert "/register?i=abc123" in visitor.response.text and visitor._form(None)[1]["i"] == "abc123"
