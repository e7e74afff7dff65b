"""What every page of a journey keeps: the relying party's request that waits (`i`), in its links and in its forms."""

import re
from typing import Any

from flask import Response, request

from app import clock
from app.credential_service.blueprints import journey
from app.credential_service.flows.interactions import find, newest
from app.credential_service.store.base import store
from app.domain.errors import Refused
from app.web.browser import browser
from app.web.htmx import page
from app.web.redirects import see_other

FIELD = "i"
WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{1,64}")


def interaction_id() -> str | None:
    """The waiting request that this page belongs to, as the browser says; None without one or with nonsense."""
    value = request.values.get(FIELD, "")
    return value if WELL_FORMED.fullmatch(value) else None


def login_hint() -> str:
    """The address that the relying party believes the person to have; empty without one."""
    waiting = interaction_id()
    if waiting is None or not browser().known:
        return ""
    try:
        row = find(store.session(), waiting, browser().key, clock.now())
    except Refused:
        return ""
    return row.request.get("login_hint") or ""


def at(path: str, **arguments: str) -> str:
    """A path of this service that keeps the waiting request. Arguments are ids and words of ours, nothing typed."""
    given = [(name, value) for name, value in arguments.items() if value]
    kept = interaction_id()
    given += [(FIELD, kept)] if kept else []
    return f"{path}?{'&'.join(f'{name}={value}' for name, value in given)}" if given else path


def newest_interaction_id() -> str | None:
    """The request that waits in this browser, for a page that was not reached from it: a mail's link knows none."""
    return newest(store.session(), browser().key, clock.now()) if browser().known else None


def show(template: str, status: int = 200, waiting: str | None = None, **context: Any) -> Response:
    """A page of the journey, whose forms may end at the relying party that waits."""
    waiting = waiting or interaction_id()
    journey.allow_return(waiting)
    return page(f"credential/{template}.html", status, i=waiting, at=at, **context)


def go(path: str) -> Response:
    """303 to a path of this service, keeping the waiting request."""
    return see_other(at(path))
