"""What is past its time is erased again and again, whatever happened the last time."""

import threading
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.storage.engine import make_engine
from app.web import commands


@dataclass
class FailingOnce:
    """A service whose database is away when it is first asked."""

    stop: threading.Event
    rounds: list[datetime] = field(default_factory=list)

    def erase_expired(self, work: Session, now: datetime) -> int:
        self.rounds.append(now)
        if len(self.rounds) == 1:
            raise OperationalError("DELETE", {}, Exception("database is locked"))
        self.stop.set()
        return 0


def test_a_database_that_was_away_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "HOUSEKEEPING_SECONDS", 0.01)
    parts, engine = FailingOnce(threading.Event()), make_engine("sqlite://")
    commands._keep_house(parts, engine, parts.stop)  # type: ignore[arg-type]
    assert len(parts.rounds) == 2
    engine.dispose()
