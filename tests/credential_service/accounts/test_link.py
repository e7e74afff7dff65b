"""The link in the mail: it shows a button, and the registration goes on where the button is pressed."""

from app.credential_service.store.registrations import Registration
from tests.credential_service.accounts.house import EMAIL, House


def test_the_link_alone_confirms_nothing(house: House) -> None:
    visitor = house.visitor()
    house.to_confirm(visitor)
    house.visitor().open(house.link(EMAIL))
    visitor.open(house.link(EMAIL))
    assert visitor.heading == "Confirm your e-mail address"
    assert house.rows(Registration)[0].confirmed_at is None


def test_in_the_browser_that_began_it_leads_to_the_password(house: House) -> None:
    visitor = house.visitor()
    house.to_confirm(visitor)
    visitor.open(house.link(EMAIL))
    visitor.press()
    assert visitor.heading == "Choose a password"
    visitor.post_again()
    assert visitor.heading == "Choose a password"


def test_in_another_browser_the_registration_moves_there(house: House) -> None:
    first, second = house.visitor(), house.visitor()
    house.to_confirm(first)
    code = house.code(EMAIL)
    second.open(house.link(EMAIL))
    assert second.heading == "Continue in this browser?" and EMAIL in second.response.text
    second.press()
    assert second.heading == "Choose a password"
    first.open("/register/confirm")
    assert first.heading == "You went on in another browser"
    first.open("/register/password")
    assert first.heading == "You went on in another browser"
    first.open("/register")
    first.post("/register/confirm", {**first._form(None)[1], "code": code})
    assert first.heading == "You went on in another browser"


def test_a_strangers_press_confirms_nothing_in_the_browser_that_began(house: House) -> None:
    attacker, victim = house.visitor(), house.visitor()
    house.to_confirm(attacker, "victim@example.test")
    victim.open(house.link("victim@example.test"))
    victim.press()
    for path in ("/register/password", "/register/second-step", "/register/second-step/app"):
        attacker.open(path)
        assert attacker.heading == "You went on in another browser"


def test_the_code_can_be_typed_in_the_first_browser_instead(house: House) -> None:
    first, second = house.visitor(), house.visitor()
    house.to_confirm(first)
    second.open(house.link(EMAIL))
    first.press(code=house.code(EMAIL))
    assert first.heading == "Choose a password"
    second.press()
    assert second.response.status_code == 410
    assert second.heading == "This link does not work any more"


def test_a_used_link_moves_nothing_any_more(house: House) -> None:
    first, second = house.visitor(), house.visitor()
    house.to_confirm(first)
    first.open(house.link(EMAIL))
    first.press()
    second.open(house.link(EMAIL))
    assert second.response.status_code == 410
    first.open("/register/password")
    assert first.heading == "Choose a password"


def test_a_link_is_good_for_a_day(house: House) -> None:
    visitor = house.visitor()
    house.to_confirm(visitor)
    link = house.link(EMAIL)
    house.later(hours=23, minutes=59)
    visitor.open(link)
    assert visitor.response.status_code == 200
    house.later(minutes=1)
    visitor.open(link)
    assert visitor.response.status_code == 410


def test_every_mail_of_a_registration_carries_the_same_link(house: House) -> None:
    visitor = house.visitor()
    house.to_confirm(visitor)
    first = house.link(EMAIL)
    visitor.press("/register/confirm/resend")
    assert house.link(EMAIL) == first


def test_a_changed_link_is_refused(house: House) -> None:
    visitor = house.visitor()
    house.to_confirm(visitor)
    path = house.link(EMAIL)
    changed = path[:-1] + ("A" if path[-1] != "A" else "B")
    for link in (changed, path[:40], "/register/confirm/x", "/register/confirm/%C3%A9%20", path + "AAAA"):
        visitor.open(link)
        assert visitor.response.status_code == 410, link
