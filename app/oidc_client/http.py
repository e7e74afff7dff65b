"""One HTTP request to a provider, bounded in time and size. What is asked and what the answer means live elsewhere.

No redirect is followed (a code or a secret would travel with it), no netrc is read, nothing is decompressed.
"""

import json
import os
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Never

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection

from app.oidc_client.endpoints import is_loopback, is_safe
from app.oidc_client.faults import FaultKind, ProviderFault

SIZE_LIMIT = 256 * 1024
_PART = 64 * 1024


@dataclass(frozen=True)
class Reply:
    """A whole answer: status, media type without parameters (lower case), and body."""

    status: int
    media_type: str
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON. Raises ProviderFault(GARBAGE) when it is not, or holds NaN or an infinity."""
        try:
            return json.loads(self.body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise ProviderFault(FaultKind.GARBAGE, "the answer is not JSON") from None

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises ProviderFault(GARBAGE) when it is anything else."""
        value = self.json()
        if not isinstance(value, dict):
            raise ProviderFault(FaultKind.GARBAGE, "the answer is not a JSON object")
        return value


class HttpClient:
    """Sends single requests; `time_limit` is in seconds and covers resolving, connecting, sending and reading."""

    def __init__(self, time_limit: float = 5.0) -> None:
        self._time_limit = time_limit

    def get(self, url: str, headers: Mapping[str, str]) -> Reply:
        """The answer to a GET, whatever its status below 300 or above 399. Raises ProviderFault."""
        return self._send("GET", url, headers, None)

    def post(self, url: str, form: str, headers: Mapping[str, str]) -> Reply:
        """The answer to a POST of an urlencoded form. Raises ProviderFault."""
        return self._send("POST", url, {**headers, "Content-Type": "application/x-www-form-urlencoded"}, form)

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: str | None) -> Reply:
        if not is_safe(url):
            raise ProviderFault(FaultKind.UNSAFE_ADDRESS, "neither https nor this machine")
        call = _Call(method, url, headers, body, self._time_limit)
        # In a thread of its own, because neither a resolver, nor a handshake, nor a peer that drips one byte a second
        # can be bounded from inside: requests' timeouts restart with every byte.
        thread = threading.Thread(target=call.run, name="provider-call", daemon=True)
        thread.start()
        thread.join(self._time_limit)
        if thread.is_alive():
            call.abandon()
            raise ProviderFault(FaultKind.SLOW, "no whole answer within the time limit")
        return call.outcome()


class _Call:
    """A request under way. `abandon` shuts its connection, so that the thread it runs in ends too."""

    def __init__(self, method: str, url: str, headers: Mapping[str, str], body: str | None, limit: float) -> None:
        self._method, self._url, self._body, self._limit = method, url, body, limit
        # "identity": what counts against the size limit is then what is read.
        self._headers = {"Accept-Encoding": "identity", "User-Agent": "qaams-portal", **headers}
        self._handles: list[socket.socket] = []
        self._abandoned = False
        self._lock = threading.Lock()
        self._reply: Reply | None = None
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._reply = self._exchange()
        except Exception as error:  # noqa: BLE001 - carried to the waiting thread, which sorts it
            self._error = error
        finally:
            self._release()

    def _exchange(self) -> Reply:
        with requests.Session() as session:
            session.trust_env = False  # it would read netrc; proxies and CA bundle are taken from the environment below
            for scheme in ("https://", "http://"):
                session.mount(scheme, _WatchedAdapter(self))
            with session.request(
                self._method,
                self._url,
                headers=self._headers,
                data=self._body,
                timeout=self._limit,
                allow_redirects=False,
                stream=True,
                proxies={} if is_loopback(self._url) else get_environ_proxies(self._url),
                verify=os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True,
            ) as response:
                return _read(response)

    def watch(self, connected: socket.socket) -> None:
        """Keep a second handle on a new connection; TLS takes the first one away from whoever opened it."""
        with self._lock:
            if self._abandoned:
                connected.close()
                raise OSError("too late")  # read by nobody: the caller has left
            self._handles.append(connected.dup())

    def abandon(self) -> None:
        """Shut the connection; the thread's next read ends at once."""
        with self._lock:
            self._abandoned = True
            for handle in self._handles:
                try:
                    handle.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the peer was faster

    def _release(self) -> None:
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()

    def outcome(self) -> Reply:
        """The reply, or the error as a ProviderFault; an error that is no failure of the line is raised as it is."""
        if self._reply is not None:
            return self._reply
        assert self._error is not None  # noqa: S101 - run() sets one of the two
        raise _as_fault(self._error) from None


def _read(response: requests.Response) -> Reply:
    if HTTPStatus.MULTIPLE_CHOICES <= response.status_code < HTTPStatus.BAD_REQUEST:
        raise ProviderFault(FaultKind.REDIRECTED, "a redirect where an answer belongs")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ProviderFault(FaultKind.GARBAGE, "a compressed answer that was not asked for")
    body = bytearray()
    # To the very end: only the read after the last byte notices that less came than was announced.
    while part := response.raw.read(_PART, decode_content=False):
        body += part
        if len(body) > SIZE_LIMIT:
            raise ProviderFault(FaultKind.TOO_LARGE, "the answer is larger than 256 kB")
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Reply(response.status_code, media_type, bytes(body))


def _as_fault(error: Exception) -> Exception:
    """`error` as a ProviderFault, without the original, whose text may hold addresses; a bug of ours as it is."""
    for types, kind, detail in _FAULTS:
        if isinstance(error, types):
            return ProviderFault(kind, detail)
    return error


# First match wins: the later ones are parents of the earlier.
_FAULTS: tuple[tuple[tuple[type[Exception], ...], FaultKind, str], ...] = (
    ((requests.exceptions.SSLError, urllib3.exceptions.SSLError), FaultKind.CERTIFICATE, "no trusted certificate"),
    ((requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError), FaultKind.SLOW, "timed out"),
    ((requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError), FaultKind.UNREACHABLE, "no answer"),
)


def _refuse_constant(name: str) -> Never:
    raise ValueError(name)


class _WatchedAdapter(HTTPAdapter):
    """requests' adapter, with connections that report themselves to a call."""

    def __init__(self, call: _Call) -> None:
        self._pools = _watched_pools(call)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _watched_pools(call: _Call) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    class WatchedHttp(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            connected = super()._new_conn()
            call.watch(connected)
            return connected

    class WatchedHttps(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            connected = super()._new_conn()
            call.watch(connected)
            return connected

    class HttpPool(urllib3.HTTPConnectionPool):
        ConnectionCls = WatchedHttp

    class HttpsPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = WatchedHttps

    return {"http": HttpPool, "https": HttpsPool}
