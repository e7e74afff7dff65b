"""The only place where time is read. Everything else takes it from here or as an argument."""

from datetime import UTC, date, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The present date in UTC; deadlines in other zones are computed by their own rules."""
    return now().date()
