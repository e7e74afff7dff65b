"""One request: bounded in time and size, no redirect followed, nothing unsafe called, nothing repeated in errors."""

import socket
import threading
import time
from pathlib import Path

import pytest

from app.oidc_client.endpoints import is_loopback, is_safe, origin
from app.oidc_client.faults import FaultKind
from app.oidc_client.http import HttpClient, Reply, _Call
from tests.oidc_client.expectations import faulty
from tests.support.hostile_provider import Fault, HostileProvider

LIMIT = 0.4


@pytest.fixture
def http() -> HttpClient:
    return HttpClient(LIMIT)


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def test_an_answer_is_read(http: HttpClient, provider: HostileProvider) -> None:
    reply = http.get(f"{provider.issuer}/jwks", {})
    assert (reply.status, reply.media_type) == (200, "application/json")
    assert reply.json_object() == provider.jwks()


@pytest.mark.parametrize("fault", [Fault.DRIPPING_BODY, Fault.DRIPPING_HEADERS])
def test_time_limit_is_for_the_whole_request(http: HttpClient, provider: HostileProvider, fault: Fault) -> None:
    provider.faults = {fault}
    started = time.monotonic()
    faulty(FaultKind.SLOW, http.get, f"{provider.issuer}/jwks", {})
    assert time.monotonic() - started < LIMIT + 0.5
    for thread in threading.enumerate():
        if thread.name == "provider-call":  # the peer drips on; the request is over all the same
            thread.join(1)
            assert not thread.is_alive()


def test_an_abandoned_request_hangs_up(http: HttpClient) -> None:
    """The peer never answers; it sees the connection end soon after the limit."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        faulty(FaultKind.SLOW, http.get, f"http://127.0.0.1:{server.getsockname()[1]}/", {})
        connection, _ = server.accept()
        with connection:
            connection.settimeout(2)
            received = connection.recv(65536)
            assert received.startswith(b"GET / ")
            assert connection.recv(65536) == b""


def test_a_connection_that_comes_about_too_late_is_not_used(provider: HostileProvider) -> None:
    """A resolver that takes longer than the limit: nothing is sent any more when it is done."""
    call = _Call("POST", f"{provider.issuer}/token", {}, "code=c", LIMIT)
    call.abandon()
    call.run()
    faulty(FaultKind.UNREACHABLE, call.outcome)
    assert provider.seen == []


def test_connection_refused(http: HttpClient) -> None:
    fault = faulty(FaultKind.UNREACHABLE, http.get, f"http://127.0.0.1:{closed_port()}/secret-path", {})
    assert "127.0.0.1" not in str(fault)
    assert "secret-path" not in str(fault)
    assert fault.__cause__ is None


def test_body_shorter_than_announced(http: HttpClient, provider: HostileProvider) -> None:
    provider.faults = {Fault.SHORT_BODY}
    faulty(FaultKind.UNREACHABLE, http.get, f"{provider.issuer}/jwks", {})


def test_huge_body(http: HttpClient, provider: HostileProvider) -> None:
    provider.faults = {Fault.HUGE_METADATA}
    faulty(FaultKind.TOO_LARGE, http.get, f"{provider.issuer}/jwks", {})


def test_largest_body_is_read(http: HttpClient, provider: HostileProvider) -> None:
    provider.replies["/jwks"] = (200, "text/plain", b"x" * 256 * 1024)
    assert len(http.get(f"{provider.issuer}/jwks", {}).body) == 256 * 1024


def test_compressed_body_that_was_not_asked_for(http: HttpClient, provider: HostileProvider) -> None:
    provider.faults = {Fault.COMPRESSED}
    faulty(FaultKind.GARBAGE, http.get, f"{provider.issuer}/jwks", {})
    assert provider.seen[0].headers["Accept-Encoding"] == "identity"


def test_redirect_is_not_followed(http: HttpClient, provider: HostileProvider) -> None:
    provider.faults = {Fault.TOKEN_REDIRECT}
    faulty(FaultKind.REDIRECTED, http.post, f"{provider.issuer}/token", "code=c", {})
    assert [request.path for request in provider.seen] == ["/token"]


def test_certificate_of_nobody_known(
    http: HttpClient, provider: HostileProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused, until the operator's own bundle (an office's intercepting proxy, say) knows it."""
    bundle = provider.use_tls(tmp_path)
    url = provider.issuer.replace("http://", "https://") + "/jwks"
    faulty(FaultKind.CERTIFICATE, http.get, url, {})
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    assert http.get(url, {}).status == 200


def test_handshake_that_never_ends(http: HttpClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        faulty(FaultKind.SLOW, http.get, f"https://127.0.0.1:{server.getsockname()[1]}/", {})


def test_netrc_is_not_read(
    http: HttpClient, provider: HostileProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    http.get(f"{provider.issuer}/jwks", {})
    assert "Authorization" not in provider.seen[0].headers


def test_proxy_is_used_for_the_world_but_not_for_this_machine(
    http: HttpClient, provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    assert http.get(f"{provider.issuer}/jwks", {}).status == 200
    faulty(FaultKind.UNREACHABLE, http.get, "https://provider.invalid/", {})
    monkeypatch.setenv("https_proxy", provider.issuer)
    faulty(FaultKind.UNREACHABLE, http.get, "https://provider.invalid/", {})  # asked for a tunnel, and refused it
    assert provider.asked("/jwks") == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"NaN", b'{"a": Infinity}', b"[" * 100_000, b"\xff\xfe", b"1" * 5000])
def test_what_is_no_json(body: bytes) -> None:
    faulty(FaultKind.GARBAGE, Reply(200, "application/json", body).json_object)


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"7"])
def test_what_is_json_but_no_object(body: bytes) -> None:
    faulty(FaultKind.GARBAGE, Reply(200, "application/json", body).json_object)


SAFE = [
    "https://api.id.me/oidc",
    "https://secure.login.gov/",
    "http://localhost:8001",
    "http://127.0.0.9",
    "http://[::1]:1",
]
UNSAFE = [
    "http://api.id.me", "ftp://localhost", "https://", "//api.id.me", "https://user:pw@api.id.me", "https://u@api.id.me",
    "https://api.id.me/#f", "https://api.id.me:port", "http://localhost.example", "https://a b", "https://a\\b", "",
    "http://127.0.0.1.example", "https://a\n.example", "https://[::1", "http://2130706433",
]  # fmt: skip


@pytest.mark.parametrize("url", SAFE)
def test_safe_addresses(url: str) -> None:
    assert is_safe(url)


@pytest.mark.parametrize("url", UNSAFE)
def test_unsafe_addresses_are_not_called(http: HttpClient, url: str) -> None:
    assert not is_safe(url)
    faulty(FaultKind.UNSAFE_ADDRESS, http.get, url, {})


def test_loopback_and_origin() -> None:
    assert is_loopback("http://localhost:1/x")
    assert not is_loopback("https://api.id.me")
    assert not is_loopback("nonsense")
    assert origin("https://api.id.me:8443/oidc?x=1") == "https://api.id.me:8443"
