"""Fetching a client's key set from a real server: bounded in time and size, no redirect followed."""

import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from app.credential_service import client_keys
from app.credential_service.client_keys import SIZE_LIMIT, fetch_document

DOCUMENT = b'{"keys": []}'


class Handler(BaseHTTPRequestHandler):
    """One path a way to answer."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self._send(302, b"", Location="/well")
        elif self.path == "/missing":
            self._send(404, b"")
        elif self.path == "/huge":
            self._send(200, b"x" * (SIZE_LIMIT + 1))
        elif self.path == "/dripping":
            self._drip()
        else:
            self._send(200, DOCUMENT)

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        try:
            for _ in range(30):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server names it
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Callable[[str], str]]:
    running = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield lambda path: f"http://127.0.0.1:{running.server_port}{path}"
    running.shutdown()
    thread.join()
    running.server_close()


def test_a_document_is_fetched(server: Callable[[str], str]) -> None:
    assert fetch_document(server("/well")) == DOCUMENT


@pytest.mark.parametrize("path", ["/moved", "/missing", "/huge"])
def test_anything_else_is_nothing(server: Callable[[str], str], path: str) -> None:
    assert fetch_document(server(path)) is None


def test_a_server_that_drips_is_not_waited_for(server: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_keys, "TIME_LIMIT", 0.3)
    started = time.monotonic()
    assert fetch_document(server("/dripping")) is None
    assert time.monotonic() - started < 1


def test_nobody_there_is_nothing() -> None:
    assert fetch_document("http://127.0.0.1:9/jwks") is None


@pytest.mark.parametrize("uri", ["http://rp.example/jwks", "file:///etc/passwd", "ftp://127.0.0.1:1/", "nonsense"])
def test_only_tls_or_this_machine(uri: str) -> None:
    assert fetch_document(uri) is None
