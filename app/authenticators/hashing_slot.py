"""One memory-hard hash at a time in a process, so that ten sign-ins at once need the memory of one.

The hashes themselves are in `passwords`, `imported_hashes` and `recovery_codes`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

_SLOT = BoundedSemaphore(1)


@contextmanager
def hashing_slot() -> Iterator[None]:
    """Hold the process's only place for a memory-hard hash; waits while another thread holds it.

    Not re-entrant: a holder that asks again waits for ever.
    """
    with _SLOT:
        yield
