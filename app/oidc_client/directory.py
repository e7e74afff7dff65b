"""One provider's metadata and keys, kept for a while, per process and for all its threads.

Only what was read and found good is kept: a failure is told to whoever waited for it, and forgotten.
"""

import threading
from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from app.oidc_client.faults import ProviderFault, SignInFault
from app.oidc_client.http import HttpClient
from app.oidc_client.keys import KeySet, fetch_keys
from app.oidc_client.metadata import Metadata, fetch_metadata

TIME_TO_LIVE = timedelta(minutes=30)
RENEWAL_INTERVAL = timedelta(seconds=30)

T = TypeVar("T")


class Directory:
    """Where a provider's endpoints and keys are looked up. `now` returns the current aware time."""

    def __init__(self, http: HttpClient, issuer: str, now: Callable[[], datetime]) -> None:
        self._metadata = _Kept(lambda: fetch_metadata(http, issuer), now)
        self._keys = _Kept(lambda: fetch_keys(http, self.metadata().jwks_uri), now)

    def metadata(self) -> Metadata:
        """The provider's metadata, at most 30 minutes old. Raises ProviderFault or SignInFault."""
        return self._metadata.value()

    def known_metadata(self) -> Metadata | None:
        """What is held now, even when old, without asking the provider."""
        return self._metadata.held()

    def ask_again(self) -> Metadata:
        """The provider's metadata, asked for now. Raises ProviderFault or SignInFault."""
        return self._metadata.fetch()

    def keys(self) -> KeySet:
        """The provider's keys, at most 30 minutes old. Raises ProviderFault or SignInFault."""
        return self._keys.value()

    def newer_keys(self, used: KeySet) -> KeySet | None:
        """Keys fetched after `used` failed, or None when that was tried less than 30 seconds ago."""
        return self._keys.newer_than(used)


class _Kept(Generic[T]):
    """A fetched value with an age. One fetch runs at a time; those who waited for it share its outcome."""

    def __init__(self, fetch: Callable[[], T], now: Callable[[], datetime]) -> None:
        self._fetch, self._now = fetch, now
        self._lock = threading.Lock()
        self._fetches = 0
        self._held: tuple[T, datetime] | None = None
        self._failure: ProviderFault | SignInFault | None = None
        self._renewed_at: datetime | None = None

    def held(self) -> T | None:
        held = self._held
        return held[0] if held else None

    def value(self) -> T:
        seen = self._fetches
        held = self._held
        if held is not None and self._now() - held[1] < TIME_TO_LIVE:
            return held[0]
        with self._lock:
            return self._shared(seen)

    def fetch(self) -> T:
        seen = self._fetches
        with self._lock:
            return self._shared(seen)

    def newer_than(self, used: T) -> T | None:
        with self._lock:
            if self._held is not None and self._held[0] is not used:
                return self._held[0]
            now = self._now()
            if self._renewed_at is not None and now - self._renewed_at < RENEWAL_INTERVAL:
                return None
            self._renewed_at = now
            return self._shared(self._fetches)

    def _shared(self, seen: int) -> T:
        """Fetch, unless someone else finished a fetch since `seen` was read: then that outcome is ours too."""
        if self._fetches == seen:
            self._attempt()
        if self._failure is not None:
            raise copy(self._failure) from None
        assert self._held is not None  # noqa: S101 - a fetch without failure has set it
        return self._held[0]

    def _attempt(self) -> None:
        try:
            self._held = (self._fetch(), self._now())
            self._failure = None
        except (ProviderFault, SignInFault) as failure:
            self._failure = failure
        self._fetches += 1
