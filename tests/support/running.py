"""Both services as `make run` runs them, on free ports and in a folder of their own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_START = 60.0
LONGEST_DELIVERY = 5.0


@dataclass(frozen=True)
class Services:
    """Where the two services are."""

    portal: str
    credential: str
    folder: Path

    def messages(self, to: str, service: str = "credential") -> list[dict[str, Any]]:
        """What a recipient was sent, newest first."""
        address = getattr(self, service)
        with urllib.request.urlopen(f"{address}/outbox.json?to={quote(to)}", timeout=5) as answer:  # noqa: S310
            found: list[dict[str, Any]] = json.load(answer)
        return found

    def next_message(self, to: str, *, after: int = 0, service: str = "credential") -> dict[str, Any]:
        """The newest message to a recipient, once there are more than `after`."""
        deadline = time.monotonic() + LONGEST_DELIVERY
        while len(found := self.messages(to, service)) <= after:
            assert time.monotonic() < deadline, f"no message came; there are {len(found)}"
            time.sleep(0.05)
        return found[0]


@contextlib.contextmanager
def running(folder: Path, credential_host: str = "localhost", **variables: str) -> Iterator[Services]:
    """Start both services and stop them by their own id. `variables` are `QAAMS_*` settings for both."""
    port, credential_port = free_ports(2)
    credential = f"http://{credential_host}:{credential_port}"
    variables = {"QAAMS_CREDENTIAL_PUBLIC_URL": credential, **variables}
    command = [sys.executable, "-m", "app.cli.local", "--port", str(port), "--credential-port", str(credential_port)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QAAMS_")} | variables
    with (folder / "services.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--instance", str(folder)], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            services = Services(f"http://localhost:{port}", credential, folder)
            _wait_for(process, folder / "services.log", port, credential_port)
            yield services
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def free_ports(number: int) -> list[int]:
    """Ports nobody listens on at this moment."""
    probes = [socket.socket() for _ in range(number)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _wait_for(process: subprocess.Popen[bytes], log: Path, *ports: int) -> None:
    deadline = time.monotonic() + LONGEST_START
    for port in ports:
        while not _answers(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
