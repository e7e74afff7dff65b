"""The registry of guards: each view declares who may reach it, and a view that declares nothing does not start."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, request
from flask.typing import ResponseReturnValue

from app.domain.errors import BAD_REQUEST, FORM_NOT_OURS, Refused
from app.web import csrf

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UNREADABLE = ("\ufffd", "\0")

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Guard:
    """Who may reach a view. `check` answers instead of the view when they may not; None lets them through.

    `csrf=False` is for protocol endpoints that other programs call; `reason` says why, and stands in the route table.
    """

    name: str
    check: Callable[[], ResponseReturnValue | None] | None = None
    csrf: bool = True
    reason: str = ""


PUBLIC = Guard("public")


def guarded(guard: Guard) -> Callable[[View], View]:
    """Declare the guard of a view."""

    def declare(view: View) -> View:
        view.guard = guard  # type: ignore[attr-defined]
        return view

    return declare


class Unguarded(Exception):  # noqa: N818 - names what is wrong with the view
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
    _require_readable()
    guard: Guard = request_view().guard
    if guard.csrf and request.method not in SAFE_METHODS and not csrf.is_valid():
        raise Refused(FORM_NOT_OURS)
    return guard.check() if guard.check is not None else None


def _require_readable() -> None:
    # Bytes that are no UTF-8 arrive as replacement characters; NUL cannot be stored as text. Both are refused here,
    # once, so that no flow meets them.
    values = [*request.args.values(), *request.form.values(), *request.form.keys()]
    if any(mark in value for value in values for mark in UNREADABLE):
        raise Refused(BAD_REQUEST)


def request_view() -> Any:
    """The view function of the current request."""
    from flask import current_app

    return current_app.view_functions[str(request.endpoint)]


def route_table(app: Flask) -> list[str]:
    """One line a route: methods, path, endpoint, guard, and the reason where a rule is set aside. Tab-separated."""
    lines = []
    for rule in app.url_map.iter_rules():
        guard: Guard = app.view_functions[rule.endpoint].guard  # type: ignore[attr-defined]
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        lines.append("\t".join((rule.rule, methods, rule.endpoint, guard.name, guard.reason)).rstrip())
    return sorted(lines)
