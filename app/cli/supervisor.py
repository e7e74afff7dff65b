"""Keeps a few processes running together until a signal comes or one of them ends. What they do is not known here."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PAUSE = 0.05  # seconds between two looks
PATIENCE = 10.0  # seconds a process has to end by itself before it is killed
LONGEST_START = 60.0  # seconds until everything has to answer


@dataclass(frozen=True)
class Program:
    """A process to run. `name` is what people are told."""

    name: str
    command: tuple[str, ...]


class Supervisor:
    """Runs programs in one folder with one environment. Says what happened through `say`."""

    def __init__(self, folder: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._say = say
        self._running: dict[Program, subprocess.Popen[bytes]] = {}
        self._stop_asked = False

    def listen(self) -> None:
        """From here on SIGINT, SIGTERM and SIGHUP mean: stop everything and end well."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_asked = True

    def prepare(self, programs: Sequence[Program]) -> int | None:
        """Run programs to their end, one after the other. None when all went well, otherwise the code to exit with."""
        for program in programs:
            self._start(program)
            while (code := self._running[program].poll()) is None and not self._stop_asked:
                time.sleep(PAUSE)
            if self._stop_asked:
                return self._stop()
            del self._running[program]
            if code != 0:
                self._say(f"{program.name} failed (exit code {code}).")
                return 1
        return None

    def run(self, programs: Sequence[Program], is_ready: Callable[[], bool], announce: Callable[[], None]) -> int:
        """Run programs side by side; `announce` once `is_ready`. The code to exit with: 0 after a signal, else 1."""
        for program in programs:
            self._start(program)
        deadline: float | None = time.monotonic() + LONGEST_START
        while not self._stop_asked:
            if (ended := self._first_ended()) is not None:
                self._say(
                    f"{ended.name} ended by itself (exit code {self._running[ended].returncode}); stopping the rest."
                )
                self._stop()
                return 1
            if deadline is not None and is_ready():
                announce()
                deadline = None
            if deadline is not None and time.monotonic() > deadline:
                self._say(f"Not everything answers after {LONGEST_START:.0f} seconds; stopping.")
                self._stop()
                return 1
            time.sleep(PAUSE)
        return self._stop()

    def _start(self, program: Program) -> None:
        # A terminal's Ctrl-C reaches the whole group. Only this process is to act on it, and then tells the others in
        # order: they inherit that SIGINT is ignored, unless they set a handler of their own, as gunicorn does.
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._running[program] = subprocess.Popen(  # noqa: S603 - our own programs, no shell
                program.command, cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL
            )
        finally:
            signal.signal(signal.SIGINT, handler)

    def _first_ended(self) -> Program | None:
        return next((program for program, process in self._running.items() if process.poll() is not None), None)

    def _stop(self) -> int:
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + PATIENCE
        for process in self._running.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        return 0
