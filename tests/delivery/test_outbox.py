"""Queueing with the transaction, what the outbox keeps, and what `/outbox.json` shows of the inbox."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.delivery.fake import FAILING, InboxPort
from app.delivery.message import Channel, Message
from app.delivery.outbox import Delivery, delivery, enqueue, seal, unseal
from app.delivery.ports import DeliveryError, PermanentError, Reason, TemporaryError
from app.storage.keyring import KeyringError
from tests.delivery.office import NOON, Office, code_by_text, notice_by_mail


def test_a_message_waits_only_once_its_transaction_commits(office: Office) -> None:
    message = code_by_text()
    with Session(office.engine) as session:
        enqueue(session, office.tables, office.keyring, message, NOON)
        session.rollback()
    assert office.worker().drain() == 0
    office.post(message)
    assert office.worker().drain() == 1


def test_nothing_personal_stands_in_clear_and_nothing_stays_once_sent(office: Office) -> None:
    message = Message("email", "ro@example.com", "Subject line", "Body text 012345", "012345", kind="code")
    office.post(message)
    row = office.row(message)
    stored = repr(tuple(row)).encode() + bytes(row.body)
    for personal in (b"ro@example.com", b"Subject line", b"Body text", b"012345"):
        assert personal not in stored
    office.worker().drain()
    row = office.row(message)
    assert (row.state, row.body, row.sent_at) == ("sent", None, NOON)


def test_a_sealed_body_opens_only_under_its_own_id(office: Office) -> None:
    message = notice_by_mail()
    body = seal(office.keyring, message)
    assert unseal(office.keyring, message.id, "email", "notice", body) == message
    with pytest.raises(KeyringError):
        unseal(office.keyring, notice_by_mail().id, "email", "notice", body)


def test_one_id_is_queued_once(office: Office) -> None:
    message = notice_by_mail()
    office.post(message)
    with pytest.raises(IntegrityError):
        office.post(message)


def test_a_page_can_ask_how_far_a_message_has_come(office: Office) -> None:
    sent, refused = code_by_text(), code_by_text("+46701740692")
    office.post(sent, refused)
    with Session(office.engine) as session:
        assert delivery(session, office.tables, sent.id) == Delivery("queued", None)
        session.rollback()
        office.worker().drain()
        assert delivery(session, office.tables, sent.id) == Delivery("sent", None)
        assert delivery(session, office.tables, refused.id) == Delivery("failed", Reason.LANDLINE)
        assert delivery(session, office.tables, "none") is None


def test_the_inbox_shows_exactly_what_the_contract_names(office: Office, inbox_port: InboxPort) -> None:
    message = code_by_text(code="000123")
    inbox_port.send(message)
    assert office.inbox() == [
        {
            "id": message.id,
            "channel": "sms",
            "to": "+12025550143",
            "subject": None,
            "text": "Your code is 000123",
            "code": "000123",
            "link": None,
            "sent_at": "2027-03-31T12:00:00.000Z",
        }
    ]
    inbox_port.send(notice_by_mail())
    shown = office.inbox()[0]
    assert (shown["subject"], shown["code"]) == ("You signed in", None)
    assert shown["link"] == "https://portal.example.com/account"


def test_the_inbox_is_newest_first_and_at_most_two_hundred(office: Office) -> None:
    codes = [f"{number:06}" for number in range(205)]
    office.post(*(code_by_text(code=code) for code in codes))
    assert office.worker().drain() == 205
    assert [shown["code"] for shown in office.inbox()] == codes[:4:-1]
    assert len(office.inbox(limit=1000)) == 200
    assert [shown["code"] for shown in office.inbox(limit=2)] == ["000204", "000203"]
    assert office.inbox(limit=0) == []


@pytest.mark.parametrize("to", ["+12025550143", " 12025550143"])
def test_the_inbox_of_one_number(office: Office, inbox_port: InboxPort, to: str) -> None:
    inbox_port.send(code_by_text("+12025550143", "111111"))
    inbox_port.send(code_by_text("+120255501431", "222222"))
    assert [shown["code"] for shown in office.inbox(to)] == ["111111"]


def test_the_inbox_of_one_address_in_any_case(office: Office, inbox_port: InboxPort) -> None:
    inbox_port.send(notice_by_mail("Ro@Example.com"))
    inbox_port.send(notice_by_mail("pro@example.com"))
    inbox_port.send(notice_by_mail("r_@example.com"))
    assert [shown["to"] for shown in office.inbox("ro@example.com")] == ["Ro@Example.com"]
    assert office.inbox("%@example.com") == []


def test_the_inbox_refuses_an_id_that_it_knows(office: Office, inbox_port: InboxPort) -> None:
    message = notice_by_mail()
    inbox_port.send(message)
    inbox_port.send(message)
    assert len(office.inbox()) == 1


@pytest.mark.parametrize(
    ("to", "channel", "kind", "reason"),
    [
        ("+46701740691", "sms", PermanentError, Reason.UNREACHABLE),
        ("+46701740691", "voice", PermanentError, Reason.UNREACHABLE),
        ("+46701740692", "sms", PermanentError, Reason.LANDLINE),
        ("+46701740693", "sms", PermanentError, Reason.OPTED_OUT),
        ("+46701740694", "sms", PermanentError, Reason.REGION_UNSUPPORTED),
        ("+46701740694", "voice", PermanentError, Reason.REGION_UNSUPPORTED),
        ("+46701740695", "voice", PermanentError, Reason.VOICE_UNSUPPORTED),
        ("+46701740696", "sms", TemporaryError, Reason.BUSY),
        ("undeliverable@example.com", "email", PermanentError, Reason.ADDRESS_REFUSED),
        ("busy@example.com", "email", TemporaryError, Reason.BUSY),
    ],
)
def test_numbers_that_fail_on_purpose(
    office: Office, inbox_port: InboxPort, to: str, channel: Channel, kind: type[DeliveryError], reason: Reason
) -> None:
    subject = "Hi" if channel == "email" else None
    with pytest.raises(kind) as failure:
        inbox_port.send(Message(channel, to, subject, "Hello", kind="notice"))
    assert failure.value.reason is reason
    assert to not in str(failure.value)
    assert office.inbox() == []


@pytest.mark.parametrize(
    ("to", "channel"), [("+46701740692", "voice"), ("+46701740693", "voice"), ("+46701740695", "sms")]
)
def test_the_other_way_to_such_a_number_works(office: Office, inbox_port: InboxPort, to: str, channel: Channel) -> None:
    inbox_port.send(Message(channel, to, None, "Hello", kind="notice"))
    assert len(office.inbox(to)) == 1


def test_failing_numbers_are_kept_for_fiction_and_real_in_form() -> None:
    numbers = [to for to in FAILING if to.startswith("+")]
    assert all(re.fullmatch(r"\+467017406\d\d", number) for number in numbers)


def test_a_body_is_there_exactly_as_long_as_it_is_needed(office: Office) -> None:
    message = notice_by_mail()
    office.post(message)
    outbox = office.tables.outbox
    with pytest.raises(IntegrityError), office.engine.begin() as connection:
        connection.execute(outbox.update().values(state="sent"))
    with office.engine.connect() as connection:
        assert connection.execute(select(outbox.c.state)).scalar_one() == "queued"
    assert office.worker(after=timedelta(minutes=1)).drain() == 1
