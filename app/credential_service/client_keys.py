"""The public keys of relying parties that sign their assertions: from the settings, or fetched from their `jwks_uri`.

A fetch is bounded in time and size, follows no redirect, and is repeated for an unknown key at most now and then.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from app.credential_service.settings import ClientSettings

KEPT_SECONDS: Final = 300.0
RETRY_SECONDS: Final = 15.0
"""An unknown key is looked for no sooner than this after the last look, so that nobody makes us fetch and fetch."""
TIME_LIMIT: Final = 3.0
SIZE_LIMIT: Final = 64 * 1024
KINDS: Final[dict[str, type[RSAKey] | type[ECKey]]] = {"RSA": RSAKey, "EC": ECKey}
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class _Fetched:
    keys: KeySet
    at: float


class ClientKeys:
    """The keys of all clients of one process. `monotonic` gives seconds, `fetch` a document; arguments for tests."""

    def __init__(
        self, fetch: Callable[[str], bytes | None] | None = None, monotonic: Callable[[], float] | None = None
    ) -> None:
        import time

        self._fetch = fetch or fetch_document
        self._monotonic = monotonic or time.monotonic
        self._fetched: dict[str, _Fetched] = {}
        self._lock = threading.Lock()

    def of(self, client: ClientSettings, kid: str | None) -> KeySet:
        """The client's keys; empty when there are none, or they cannot be had now. `kid` is the one that is needed."""
        if client.jwks is not None:
            return read_keys(client.jwks)
        return self._remembered(client.jwks_uri, kid) if client.jwks_uri else KeySet([])

    def _remembered(self, uri: str, kid: str | None) -> KeySet:
        with self._lock:
            known = self._fetched.get(uri)
            age = self._monotonic() - known.at if known is not None else KEPT_SECONDS
            usable = known is not None and (age < RETRY_SECONDS or (age < KEPT_SECONDS and _holds(known.keys, kid)))
            if known is not None and usable:
                return known.keys
            found = self._fetch(uri)
            # A failure is remembered too, with the keys that were known: they are still the client's.
            keys = read_keys(_parsed(found)) if found is not None else (known.keys if known else KeySet([]))
            self._fetched[uri] = _Fetched(keys, self._monotonic())
            return keys


def _holds(keys: KeySet, kid: str | None) -> bool:
    return kid is None or any(key.kid == kid for key in keys.keys)


def _parsed(document: bytes) -> Any:
    try:
        return json.loads(document)
    except (ValueError, RecursionError):
        return None


def read_keys(document: Any) -> KeySet:
    """The RSA and EC keys of a key set (RFC 7517 §5: what is not understood is left out)."""
    listed = document.get("keys") if isinstance(document, dict) else None
    keys: list[Any] = []
    for jwk in listed if isinstance(listed, list) else []:
        kind: type[RSAKey | ECKey] | None = KINDS.get(str(jwk.get("kty"))) if isinstance(jwk, dict) else None
        try:
            keys += [kind.import_key(jwk)] if kind is not None else []
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return KeySet(keys)


def fetch_document(uri: str) -> bytes | None:
    """The document at `uri`, or None when it cannot be had whole within the limits."""
    parts = urlsplit(uri)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        return None
    result: list[bytes] = []
    # In a thread, because a peer that drips a byte a second restarts every timeout that could be set on the socket.
    worker = threading.Thread(target=_read, args=(uri, result), name="client-keys", daemon=True)
    worker.start()
    worker.join(TIME_LIMIT)
    return result[0] if result else None


def _read(uri: str, result: list[bytes]) -> None:
    try:
        with requests.get(
            uri, timeout=TIME_LIMIT, allow_redirects=False, stream=True, headers={"Accept-Encoding": "identity"}
        ) as response:
            body = response.raw.read(SIZE_LIMIT + 1, decode_content=False) if response.status_code == 200 else None
    except (requests.RequestException, OSError, ValueError):
        return
    if body is not None and len(body) <= SIZE_LIMIT:
        result.append(body)
