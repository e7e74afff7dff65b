"""The registry of guards: each view declares who may reach it, and a view that declares nothing does not start."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue

from app.domain.errors import BAD_REQUEST, FORM_NOT_OURS, TOO_LARGE, Refused
from app.web import csrf

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
URLENCODED = "application/x-www-form-urlencoded"
UNREADABLE = ("\ufffd", "\0")

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Guard:
    """Who may reach a view. `check` answers instead of the view when they may not; None lets them through.

    `sends_on` is asked before the token against forgery is: it may only send people to where they should be, and
    change nothing. So a POST that a reload repeats after the cookie was renewed leads on instead of being refused.
    `csrf=False` is for protocol endpoints that other programs call; `reason` says why, and stands in the route table.
    `readable=False` is for those that refuse unreadable values themselves, since they answer by JSON and not by a page.
    """

    name: str
    check: Callable[[], ResponseReturnValue | None] | None = None
    sends_on: Callable[[], ResponseReturnValue | None] | None = None
    csrf: bool = True
    readable: bool = True
    reason: str = ""


PUBLIC = Guard("public")


def guarded(guard: Guard) -> Callable[[View], View]:
    """Declare the guard of a view."""

    def declare(view: View) -> View:
        view.guard = guard  # type: ignore[attr-defined]
        return view

    return declare


class Unguarded(Exception):
    """A view was registered without a guard."""


def install(app: Flask) -> None:
    """Enforce the guards before every request."""
    app.before_request(_enforce)


def require_all(app: Flask) -> None:
    """Refuse to start when a view has no guard; called when every blueprint is registered."""
    missing = [endpoint for endpoint, view in app.view_functions.items() if not hasattr(view, "guard")]
    if missing:
        raise Unguarded(", ".join(sorted(missing)))


def _enforce() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # no such page, or not with this method: the error pages answer
    _require_whole_body()
    guard = guard_of(current_app, request.endpoint)
    if guard.readable:
        _require_readable()
    if guard.sends_on is not None and (elsewhere := guard.sends_on()) is not None:
        return elsewhere
    if guard.csrf and request.method not in SAFE_METHODS and not csrf.is_valid():
        raise Refused(FORM_NOT_OURS)
    return guard.check() if guard.check is not None else None


def _require_whole_body() -> None:
    # Of a chunked body werkzeug gives as much as is allowed and says nothing; asked for more, it refuses (413).
    if request.mimetype == URLENCODED:
        request.get_data()
        request.stream.read(1)


def _require_readable() -> None:
    # NUL cannot be stored as text, and bytes that are no UTF-8 mean nothing. Both are refused here, once, so that no
    # flow meets them; in a multipart body the latter arrive as replacement characters. A body that is announced as too
    # large is refused unread when its form is asked for (413), whatever kind of body it is.
    try:
        for part in _raw_parts():
            part.decode()
    except UnicodeDecodeError:
        raise Refused(BAD_REQUEST) from None
    fields = [*request.args.items(multi=True), *request.form.items(multi=True)]
    if len(fields) > (request.max_form_parts or len(fields)):
        raise Refused(TOO_LARGE)
    # A part of a multipart body may come without a name.
    texts: list[str | None] = [request.path, *(text for field in fields for text in field)]
    if any(text is None or mark in text for text in texts for mark in UNREADABLE):
        raise Refused(BAD_REQUEST)


def _raw_parts() -> Iterator[bytes]:
    """The percent-decoded bytes of path, query and form: werkzeug would leave broken ones encoded and pass them on."""
    yield str(request.environ.get("PATH_INFO", "")).encode("latin-1")
    yield unquote_to_bytes(request.query_string)
    if request.mimetype == URLENCODED:
        yield unquote_to_bytes(request.get_data())


def guard_of(app: Flask, endpoint: str) -> Guard:
    """The guard a view declared. Unguarded when it declared none."""
    found: Guard | None = getattr(app.view_functions[endpoint], "guard", None)
    if found is None:
        raise Unguarded(endpoint)
    return found


def route_table(app: Flask) -> list[str]:
    """One line a route: methods, path, endpoint, guard, and the reason where a rule is set aside. Tab-separated."""
    lines = []
    for rule in app.url_map.iter_rules():
        guard = guard_of(app, rule.endpoint)
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        lines.append("\t".join((rule.rule, methods, rule.endpoint, guard.name, guard.reason)).rstrip())
    return sorted(lines)
