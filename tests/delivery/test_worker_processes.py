"""Workers as processes: dying at the worst moment, two at once on one database, and a clean stop."""

import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from app.delivery.message import Message
from tests.delivery.office import Office, code_by_text, notice_by_mail

AFTER_THE_CLAIM = timedelta(seconds=62)


def start(office: Office, mode: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.delivery.worker_process", office.url, str(office.keys_file), mode]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def crash_over(office: Office, message: Message, mode: str) -> None:
    office.post(message, now=clock.now())
    process = start(office, mode)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    assert office.row(message).state == "claimed"


def next_worker(office: Office) -> int:
    later = clock.now() + AFTER_THE_CLAIM
    worker = office.worker()
    return office.at(worker, later - worker.now()).drain()


@pytest.mark.parametrize(("mode", "in_inbox"), [("die_before", 0), ("die_after", 1)])
def test_a_code_is_not_sent_again_after_a_crash(office: Office, mode: str, in_inbox: int) -> None:
    code = code_by_text()
    crash_over(office, code, mode)
    assert next_worker(office) == 0
    row = office.row(code)
    assert (row.state, row.reason, row.body, row.attempts) == ("failed", "interrupted", None, 1)
    assert len(office.inbox()) == in_inbox


@pytest.mark.parametrize("mode", ["die_before", "die_after"])
def test_a_notice_is_sent_again_under_the_same_id_after_a_crash(office: Office, mode: str) -> None:
    notice = notice_by_mail()
    crash_over(office, notice, mode)
    assert next_worker(office) == 1
    assert (office.row(notice).state, office.row(notice).attempts) == ("sent", 2)
    assert [shown["id"] for shown in office.inbox()] == [notice.id]


def test_two_workers_deliver_each_message_once(office: Office) -> None:
    running = [start(office, "run") for _ in range(2)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    messages = [code_by_text(code=f"{number:06}") for number in range(50)]
    office.post(*messages, now=clock.now())
    wait_until_sent(office, 50)
    for process in running:
        process.send_signal(signal.SIGTERM)
    assert [process.communicate(timeout=5)[0] for process in running] == ["stopped\n"] * 2
    assert [process.returncode for process in running] == [0, 0]
    assert sorted(str(shown["id"]) for shown in office.inbox()) == sorted(message.id for message in messages)
    assert {office.row(message).attempts for message in messages} == {1}


def wait_until_sent(office: Office, count: int) -> None:
    outbox = office.tables.outbox
    query = select(func.count()).select_from(outbox).where(outbox.c.state == "sent")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with office.engine.connect() as connection:
            if connection.execute(query).scalar_one() == count:
                return
        time.sleep(0.05)
    raise AssertionError("the workers did not send everything in time")


def test_ctrl_c_stops_an_idle_worker_at_once(office: Office) -> None:
    process = start(office, "run")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=5)[0] == "stopped\n"
    assert process.returncode == 0
    assert time.monotonic() - started < 1
