"""A delivery worker as a process of its own, which a test can let die at the worst moment."""

import os
import signal
import sys
from pathlib import Path

from app.delivery.fake import InboxPort, inbox_ports
from app.delivery.message import CHANNELS, Message
from app.delivery.worker import Worker, stop_on_signals
from app.storage.engine import make_engine
from app.storage.keyring import Keyring
from tests.delivery.office import TABLES


class DyingPort:
    """Takes the process with it, before or after the message has reached the inbox."""

    def __init__(self, inbox: InboxPort, *, delivers: bool) -> None:
        self.inbox = inbox
        self.delivers = delivers

    def send(self, message: Message) -> None:
        if self.delivers:
            self.inbox.send(message)
        os.kill(os.getpid(), signal.SIGKILL)


def say(what: object) -> None:
    """Tell the test, which reads line by line."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main(url: str, keys_file: str, mode: str) -> None:
    engine = make_engine(url)
    ports = inbox_ports(engine, TABLES)
    if mode.startswith("die"):
        dying = DyingPort(InboxPort(engine, TABLES), delivers=mode == "die_after")
        ports = dict.fromkeys(CHANNELS, dying)
    worker = Worker(engine, TABLES, Keyring.load(Path(keys_file)), ports)
    if mode == "run":
        stop = stop_on_signals()
        say("ready")
        worker.run(stop)
        say("stopped")
    else:
        say(worker.drain())


if __name__ == "__main__":
    main(*sys.argv[1:])
