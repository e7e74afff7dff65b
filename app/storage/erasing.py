"""Erasing and blanking what is past its time, in the caller's unit of work. What that is, each service says."""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Update
from sqlalchemy.orm import Session


def erase(work: Session, statements: Iterable[Delete | Update]) -> int:
    """Carry out the statements in their order and say how many rows they touched."""
    return sum(cast("CursorResult[Any]", work.execute(statement)).rowcount for statement in statements)
