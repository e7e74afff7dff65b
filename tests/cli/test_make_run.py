"""`make run` as a person runs it, but for the installing: real processes, real ports, an empty folder."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Running:
    """The supervisor's process and the two ports."""

    process: "subprocess.Popen[str]"
    port: int
    credential_port: int

    def lines_until(self, end: str) -> list[str]:
        """What it says, up to the line that holds `end`."""
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line.rstrip())
            if end in line:
                return lines
        pytest.fail("it ended:\n" + "\n".join(lines))

    def get(self, port: int, path: str, host: str = "127.0.0.1") -> tuple[int, str]:
        """Status and body of a GET."""
        connection = http.client.HTTPConnection(host, port, timeout=10)
        try:
            connection.request("GET", path, headers={"Host": f"localhost:{port}"})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Everything, started."""
    port, credential_port = free_ports()
    command = [sys.executable, "-m", "app.cli.local", f"--port={port}", f"--credential-port={credential_port}"]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = subprocess.Popen(
        [*command, f"--instance={tmp_path / 'data'}"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    yield Running(process, port, credential_port)
    process.terminate()
    try:
        process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def children_of(pid: int) -> dict[int, str]:
    """The processes that this one started, with their commands."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(child): Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ") for child in listed}


def test_both_services_run_and_stop(running: Running, tmp_path: Path) -> None:
    told = running.lines_until("An existing user?")
    assert any(f"http://localhost:{running.port}" in line for line in told)
    status, body = running.get(running.port, "/readyz")
    assert (status, json.loads(body)["reported"]) == (200, {"idme": "ok"}), "the portal finds the stand-in"
    _, discovery = running.get(running.credential_port, "/.well-known/openid-configuration")
    assert json.loads(discovery)["issuer"] == f"http://localhost:{running.credential_port}"
    assert running.get(running.credential_port, "/register")[0] == 200
    assert {path.name for path in (tmp_path / "data").iterdir()} >= {"portal.sqlite3", "credential-keys.json"}
    children = children_of(running.process.pid)
    assert len(children) == 4

    os.killpg(running.process.pid, signal.SIGINT)  # as a terminal's Ctrl-C does
    assert running.process.wait(20) == 0
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def test_a_worker_that_ends_is_named_and_all_is_stopped(running: Running) -> None:
    running.lines_until("An existing user?")
    children = children_of(running.process.pid)
    (worker,) = [pid for pid, command in children.items() if "--app app outbox work" in command]
    os.kill(worker, signal.SIGKILL)
    running.lines_until("The portal's delivery worker ended by itself (exit code -9)")
    assert running.process.wait(20) == 1
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []
