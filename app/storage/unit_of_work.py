"""One transaction for one flow: everything a flow writes, its audit events and its messages, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session, scoped_session

from app.storage.engine import WRITE_OPTION


@contextmanager
def unit_of_work(session: Session | scoped_session[Session]) -> Iterator[Session]:
    """Begin a writing transaction on `session`, commit at the end, roll back when anything is raised.

    What was read before is read again inside: a decision is made on rows that nobody else changes meanwhile.
    Units do not nest (RuntimeError), since an inner commit would publish half of the outer one.
    """
    inner = session() if isinstance(session, scoped_session) else session
    if inner.info.get("unit_of_work"):
        raise RuntimeError("a unit of work is open already")
    inner.rollback()
    inner.connection(execution_options={WRITE_OPTION: True})
    inner.info["unit_of_work"] = True
    try:
        yield inner
        inner.commit()
    except BaseException:
        inner.rollback()
        raise
    finally:
        inner.info.pop("unit_of_work", None)
