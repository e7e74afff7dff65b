"""The list of common passwords: whether a password is on it.

The list is a sorted file (see data/README.md) searched in place, so that no process holds it in memory. The rule
that uses it is in `passwords`.
"""

from pathlib import Path
from typing import BinaryIO, Final

COMMON_PASSWORDS: Final = Path(__file__).with_name("data") / "common_passwords.txt"
"""UTF-8, one casefolded password a line, in the order of their bytes."""


def is_common(password: str, path: Path = COMMON_PASSWORDS) -> bool:
    """Whether the whole password, whatever its capitals, is on the list (SP 800-63B-4 §3.1.1.2).

    About eighteen reads of one line; raises OSError when the list is missing, since a service without it must not
    accept passwords in silence.
    """
    wanted = password.casefold().encode("utf-8", "surrogatepass")
    if not wanted or b"\n" in wanted:
        return False
    with path.open("rb") as lines:
        return _contains(lines, wanted)


def _contains(lines: BinaryIO, wanted: bytes) -> bool:
    """Binary search over byte offsets: the wanted line, if there, begins at or after `low` and before `high`."""
    low, high = 0, lines.seek(0, 2)
    while low < high:
        middle = (low + high) // 2
        _go_to_line_at_or_after(lines, middle)
        start, line = lines.tell(), lines.readline()
        found = line.rstrip(b"\n")
        if found == wanted:
            return True
        if line and found < wanted:
            low = start + len(line)
        else:
            high = middle
    return False


def _go_to_line_at_or_after(lines: BinaryIO, offset: int) -> None:
    lines.seek(max(offset - 1, 0))
    if offset:
        lines.readline()
