"""Failures answer no sooner than a floor, in a bounded number of places, so that time tells nobody what exists.

Which failures wait, and what the slowest check takes, is for the pages to say.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Final

from app.domain.errors import BUSY, Refused

PLACES: Final = 4
"""Sign-ins that a process looks at or lets wait at the same time; its other threads answer other pages meanwhile."""

DEFAULT_FLOOR_MS: Final = 250
"""Well above one Argon2id verification, which a failure costs at least."""

LONGEST_FLOOR_MS: Final = 400
RETRY_AFTER_SECONDS: Final = 2


def floor_ms(configured: int | None, slowest: int | None) -> int:
    """Milliseconds: as configured, else the slowest imported hash's, but not above 400 nor below the default."""
    if configured is not None:
        return configured
    return min(LONGEST_FLOOR_MS, max(DEFAULT_FLOOR_MS, slowest or 0))


@dataclass(frozen=True)
class Place:
    """A place that one request holds, since `started` (seconds of the room's clock)."""

    started: float
    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def hold(self, milliseconds: int) -> None:
        """Return when this much time has passed since the place was taken; at once when it has already."""
        left = self.started + milliseconds / 1000 - self.clock()
        if left > 0:
            self.sleep(left)


class WaitingRoom:
    """The places of one process. Clock and sleep are arguments, so that a test need not wait."""

    def __init__(
        self,
        places: int = PLACES,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._places = BoundedSemaphore(places)
        self._clock = clock
        self._sleep = sleep

    @contextmanager
    def place(self) -> Iterator[Place]:
        """Take a place before anything is looked up or checked; Refused (BUSY) when there is none.

        Taken before, so that a full room says nothing about the check, and timed from here, where the body has been
        read: who sends a body slowly would otherwise have used up the floor before the work begins.
        """
        if not self._places.acquire(blocking=False):
            raise Refused(BUSY, retry_after=RETRY_AFTER_SECONDS)
        try:
            yield Place(self._clock(), self._clock, self._sleep)
        finally:
            self._places.release()


ROOM: Final = WaitingRoom()
"""This process's."""
