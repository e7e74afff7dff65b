"""The supervisor, with real processes that do nothing but live and die."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# A process of its own, since signals are for whole processes.
BEGIN = """
import os, sys
from pathlib import Path
from app.cli import supervisor
from app.cli.supervisor import Program, Supervisor

supervisor.PATIENCE = supervisor.LONGEST_START = 1.0
LIVE = "import time; time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"

def say(text):
    print(text, flush=True)

def python(name, code):
    return Program(name, (sys.executable, "-c", code))

made = Supervisor(Path("."), os.environ, say)
made.listen()

def tell_pids():
    say(" ".join(str(process.pid) for process in made._running.values()))
"""

Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a supervisor that runs the lines given to it."""
    started: list[subprocess.Popen[str]] = []

    def begin(code: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", BEGIN + code], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_and_ends_well(start: Start, number: signal.Signals) -> None:
    process = start("sys.exit(made.run([python('One', LIVE), python('Two', LIVE)], lambda: True, tell_pids))")
    pids = [int(pid) for pid in first_line(process).split()]
    assert len(alive(pids)) == 2
    process.send_signal(number)
    assert process.wait(10) == 0
    assert alive(pids) == []


def test_one_that_does_not_listen_is_killed(start: Start) -> None:
    process = start("sys.exit(made.run([python('One', DEAF)], lambda: False, tell_pids))")
    assert first_line(process) == "deaf"
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_one_that_ends_is_named_and_the_rest_stopped(start: Start) -> None:
    short = "import time; time.sleep(0.5); raise SystemExit(3)"
    process = start(f"sys.exit(made.run([python('One', LIVE), python('Two', {short!r})], lambda: True, tell_pids))")
    pids = [int(pid) for pid in first_line(process).split()]
    assert first_line(process) == "Two ended by itself (exit code 3); stopping the rest."
    assert process.wait(10) == 1
    assert alive(pids) == []


def test_what_never_answers_is_given_up(start: Start) -> None:
    process = start("sys.exit(made.run([python('One', LIVE)], lambda: False, tell_pids))")
    assert first_line(process) == "Not everything answers after 1 seconds; stopping."
    assert process.wait(10) == 1


def test_preparations_run_one_after_the_other(start: Start) -> None:
    process = start("sys.exit(made.prepare([python('One', 'print(1)'), python('Two', 'print(2)')]))")
    assert process.communicate(timeout=10)[0] == "1\n2\n"
    assert process.returncode == 0


def test_a_preparation_that_fails_ends_it(start: Start) -> None:
    process = start("sys.exit(made.prepare([python('One', 'raise SystemExit(4)'), python('Two', 'print(2)')]))")
    assert process.communicate(timeout=10)[0] == "One failed (exit code 4).\n"
    assert process.returncode == 1


def test_a_signal_during_preparations_ends_well(start: Start) -> None:
    wait = "import time; print('waiting', flush=True); time.sleep(60)"
    process = start(f"sys.exit(made.prepare([python('One', {wait!r})]))")
    assert first_line(process) == "waiting"
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
