"""When a message is handed over, tried again or given up; what a crash means for it."""

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from app.delivery.claims import Claims
from app.delivery.message import Message
from app.delivery.ports import DeliveryError, PermanentError, Reason, TemporaryError, UncertainError
from app.storage.engine import make_engine
from app.storage.keyring import Keyring
from tests.delivery.office import NOON, Office, code_by_text, notice_by_mail

SECOND = timedelta(seconds=1)
LATER = timedelta(hours=3)


class FailingPort:
    """Raises what it was told to, as long as it was told to, and counts."""

    def __init__(self, error: Exception, times: int = 1_000) -> None:
        self.error = error
        self.times = times
        self.ids: list[str] = []

    def send(self, message: Message) -> None:
        self.ids.append(message.id)
        if len(self.ids) <= self.times:
            raise self.error


def test_messages_leave_in_the_order_they_were_queued(office: Office) -> None:
    codes = ["111111", "222222", "333333"]
    office.post(*(code_by_text(code=code) for code in codes))
    assert office.worker().drain() == 3
    assert [shown["code"] for shown in office.inbox()] == codes[::-1]
    assert office.worker().drain() == 0


def test_the_claim_is_committed_before_the_message_is_handed_over(office: Office) -> None:
    seen: list[tuple[object, object]] = []

    class Looking:
        def send(self, message: Message) -> None:
            row = office.row(message)
            seen.append((row.state, row.claimed_at))

    office.post(notice_by_mail())
    office.worker(Looking()).drain()
    assert seen == [("claimed", NOON)]


def test_a_temporary_failure_is_tried_again_with_growing_delay(office: Office) -> None:
    message, port = notice_by_mail(), FailingPort(TemporaryError(Reason.BUSY), times=2)
    office.post(message)
    worker = office.worker(port)
    assert worker.drain() == 1
    assert (office.row(message).state, office.row(message).reason) == ("queued", "busy")
    assert office.at(worker, SECOND).drain() == 0
    assert office.at(worker, 2 * SECOND).drain() == 1
    assert office.at(worker, 11 * SECOND).drain() == 0
    assert office.at(worker, 12 * SECOND).drain() == 1
    assert (office.row(message).state, office.row(message).reason) == ("sent", None)
    assert port.ids == [message.id] * 3


def test_attempts_end(office: Office) -> None:
    message, port = notice_by_mail(), FailingPort(TemporaryError(Reason.BUSY))
    office.post(message)
    worker = office.worker(port)
    for attempt in range(10):
        office.at(worker, attempt * LATER).drain()
    row = office.row(message)
    assert (len(port.ids), row.state, row.reason, row.body) == (7, "failed", "busy", None)


def test_a_permanent_failure_is_not_tried_again(office: Office) -> None:
    message, port = notice_by_mail(), FailingPort(PermanentError(Reason.ADDRESS_REFUSED))
    office.post(message)
    worker = office.worker(port)
    assert [worker.drain(), office.at(worker, LATER).drain()] == [1, 0]
    row = office.row(message)
    assert (row.state, row.reason, row.body) == ("failed", "address_refused", None)


def test_a_channel_without_a_port_fails_at_once(office: Office) -> None:
    message = code_by_text()
    office.post(message)
    assert replace(office.worker(), ports={}).drain() == 1
    assert (office.row(message).state, office.row(message).reason) == ("failed", "no_port")


@pytest.mark.parametrize(
    ("make", "error", "state"),
    [
        (code_by_text, UncertainError(Reason.UNAVAILABLE), "failed"),
        (notice_by_mail, UncertainError(Reason.UNAVAILABLE), "queued"),
        (code_by_text, TemporaryError(Reason.UNAVAILABLE), "queued"),
        (code_by_text, RuntimeError("about +12025550143"), "failed"),
        (notice_by_mail, RuntimeError("about ro@example.com"), "queued"),
    ],
)
def test_only_a_notice_goes_out_again_when_it_may_have_left(
    office: Office,
    caplog: pytest.LogCaptureFixture,
    make: Callable[[], Message],
    error: DeliveryError | RuntimeError,
    state: str,
) -> None:
    message = make()
    office.post(message)
    office.worker(FailingPort(error)).drain()
    assert office.row(message).state == state
    assert message.to not in caplog.text


def test_a_code_is_not_sent_after_ten_minutes(office: Office) -> None:
    fresh, stale = code_by_text(), code_by_text()
    office.post(fresh)
    office.worker(after=timedelta(minutes=10)).drain()
    assert office.row(fresh).state == "sent"
    office.post(stale)
    office.worker(after=timedelta(minutes=10, seconds=1)).drain()
    assert (office.row(stale).state, office.row(stale).reason) == ("failed", "expired")


def test_a_code_is_given_up_when_its_next_attempt_would_come_too_late(office: Office) -> None:
    message, port = code_by_text(), FailingPort(TemporaryError(Reason.BUSY))
    office.post(message)
    worker = office.worker(port)
    for seconds in (0, 2, 12, 72):
        assert office.at(worker, seconds * SECOND).drain() == 1
    assert office.row(message).state == "queued"
    assert office.at(worker, 372 * SECOND).drain() == 1
    assert (office.row(message).state, len(port.ids)) == ("failed", 5)


def test_a_message_waits_for_its_key(office: Office) -> None:
    message = notice_by_mail()
    office.post(message)
    stranger = Keyring.load(office.keys_file.with_name("others.json"), create=True)
    replace(office.worker(), keyring=stranger).drain()
    assert (office.row(message).state, office.row(message).reason) == ("queued", "unreadable")
    office.worker(after=LATER).drain()
    assert office.row(message).state == "sent"


def test_a_claim_is_respected_while_its_worker_may_live(office: Office) -> None:
    code, notice = code_by_text(), notice_by_mail()
    office.post(code, notice)
    claims = Claims(office.engine, office.tables)
    assert claims.take(NOON) is not None
    assert claims.take(NOON) is not None
    assert claims.take(NOON) is None
    assert office.worker(after=60 * SECOND).drain() == 0
    assert [office.row(message).state for message in (code, notice)] == ["claimed", "claimed"]
    assert office.worker(after=61 * SECOND).drain() == 1
    assert (office.row(code).state, office.row(code).reason) == ("failed", "interrupted")
    assert office.row(notice).state == "sent"


def test_a_slow_worker_cannot_undo_what_another_did_after_it(office: Office) -> None:
    notice = notice_by_mail()
    office.post(notice)
    claims = Claims(office.engine, office.tables)
    slow = claims.take(NOON)
    assert slow is not None
    office.worker(after=61 * SECOND).drain()
    claims.failed(slow, Reason.UNAVAILABLE)
    claims.later(slow, Reason.UNAVAILABLE, NOON)
    assert office.row(notice).state == "sent"


def test_what_a_slow_worker_did_send_is_marked_sent(office: Office) -> None:
    code = code_by_text()
    office.post(code)
    claims = Claims(office.engine, office.tables)
    slow = claims.take(NOON)
    assert slow is not None
    claims.release(NOON + 61 * SECOND, NOON + SECOND)
    claims.sent(slow, NOON)
    assert (office.row(code).state, office.row(code).body) == ("sent", None)


def test_a_waiting_message_is_out_within_half_a_second_and_a_stop_is_heard(office: Office) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=office.worker().run, args=(stop,))
    thread.start()
    waits = []
    try:
        for _ in range(5):
            message = code_by_text()
            office.post(message)
            started = time.monotonic()
            while office.row(message).state != "sent" and time.monotonic() < started + 5:
                time.sleep(0.01)
            waits.append(time.monotonic() - started)
    finally:
        stop.set()
        thread.join(2)
    assert not thread.is_alive()
    assert statistics.median(waits) < 0.5  # the median, since other tests may hold the processor for a moment


def test_a_stop_is_heard_between_two_messages(office: Office) -> None:
    stop = threading.Event()

    class Stopping:
        def send(self, message: Message) -> None:
            stop.set()

    messages = [notice_by_mail(), notice_by_mail()]
    office.post(*messages)
    assert office.worker(Stopping()).drain(stop) == 1
    assert [office.row(message).state for message in messages] == ["sent", "queued"]


def test_a_database_that_is_away_does_not_end_the_worker(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    away = make_engine("sqlite:////nowhere/at/all.sqlite")
    worker = replace(office.worker(), engine=away)
    with pytest.raises(OperationalError):
        worker.drain()
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop, 0.01))
    thread.start()
    deadline = time.monotonic() + 5
    while len(caplog.records) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert thread.is_alive()
    stop.set()
    thread.join(2)
    assert [record.message for record in caplog.records][:2] == ["the outbox cannot be read"] * 2
