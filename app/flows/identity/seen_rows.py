"""Which usernames a file has named so far, and in which line.

Kept in a file of SQLite's own that goes away when it is closed, so that a million rows need no memory.
"""

import sqlite3
from hashlib import blake2b

DIGEST_BYTES = 16


class SeenRows:
    """The rows of one import that were in order. Digests only: no name is left behind in a temporary file."""

    def __init__(self) -> None:
        # The empty name is a private database on disk, deleted when it is closed.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE seen (username BLOB PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID")

    def earlier_line(self, folded: str, line: int) -> int | None:
        """The line that named this username first, or None when it is this one, which is then noted."""
        digest = blake2b(folded.encode(), digest_size=DIGEST_BYTES).digest()
        noted = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (digest, line))
        if noted.rowcount:
            return None
        found: tuple[int] = self._database.execute("SELECT line FROM seen WHERE username = ?", (digest,)).fetchone()
        return found[0]

    def close(self) -> None:
        """Give the file back."""
        self._database.close()
