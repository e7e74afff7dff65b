"""Signing in with an existing username, while usernames are offered."""

from flask import Response, request
from flask_babel import gettext

from app import clock
from app.access.guards import HOME
from app.access.portal import portal
from app.access.rows import rows
from app.access.session import current
from app.blueprints.sign_in import blueprint
from app.blueprints.sign_in.forms import UsernameForm
from app.domain.errors import USERNAMES_OFF, WRONG_PASSWORD, Outcome, Refusal, Refused
from app.flows.identity.sign_in_with_username import Attempt, sign_in_with_username
from app.models.queries.hash_timings import slowest_milliseconds
from app.models.session import PortalSession
from app.web.browser import browser, key_of, new_token
from app.web.guard import PUBLIC, guarded
from app.web.htmx import page
from app.web.redirects import local_path, see_other
from app.web.waiting import ROOM, floor_ms


@blueprint.get("/sign-in/username")
@guarded(PUBLIC)
def username() -> Response:
    """Ask for username and password."""
    _require_offered()
    going_to = local_path(request.args.get("next"), HOME)
    return see_other(going_to) if current() is not None else _show(UsernameForm(), going_to)


def _require_offered() -> None:
    if not portal().settings.offers_usernames:
        raise Refused(USERNAMES_OFF)


def _show(form: UsernameForm, going_to: str, refusal: Refusal | None = None) -> Response:
    status = 422 if form.errors else 200
    next_page = None if going_to == HOME else going_to
    return page("sign_in/username.html", status, form=form, next_page=next_page, refusal=refusal)


@blueprint.post("/sign-in/username")
@guarded(PUBLIC)
def sign_in() -> Response:
    """Check them and begin a session; a failure answers no sooner than the floor."""
    _require_offered()
    form, going_to, token = UsernameForm.of_request(), local_path(request.form.get("next"), HOME), new_token()
    if not form.validate():
        return _show(form, going_to)
    with ROOM.place() as place:
        floor = floor_ms(portal().settings.failure_floor_ms, slowest_milliseconds(rows()))
        outcome = _attempt(form, token)
        if outcome.refusal is WRONG_PASSWORD:
            place.hold(floor)
    if outcome.refusal is not None:
        return _refuse(form, going_to, outcome.refusal)
    browser().adopt(token)
    return see_other(going_to)


def _attempt(form: UsernameForm, token: str) -> Outcome[PortalSession]:
    attempt = Attempt(
        username=form.username.data,
        password=form.password.data,
        address=request.remote_addr,
        browser_key=key_of(token),
        old_key=browser().key,
    )
    return sign_in_with_username(rows(), portal().keyring, attempt, clock.now())


def _refuse(form: UsernameForm, going_to: str, refusal: Refusal) -> Response:
    if refusal is not WRONG_PASSWORD:
        raise Refused(refusal)
    form.refuse("password", gettext("The username and password do not match. Check both and try again"))
    return _show(form, going_to, refusal)
