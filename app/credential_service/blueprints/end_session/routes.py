"""A relying party wishes that the person be signed out here too."""

from urllib.parse import urlencode

from flask import Response, request

from app.credential_service import session as sessions
from app.credential_service.blueprints.end_session import blueprint
from app.credential_service.context import service
from app.credential_service.flows.end_session import PARAMETERS, Logout, check, needs_asking
from app.credential_service.store.base import store
from app.web.guard import PUBLIC, Guard, guarded
from app.web.htmx import page
from app.web.redirects import see_other

ENDS = Guard("protocol", reason="a relying party's hint that names the person who is signed in ends their session")
FORWARDS = Guard("protocol", csrf=False, reason="other sites post here; writes nothing, sends the browser to the GET")
CARRIED = ("client_id", "post_logout_redirect_uri", "state")
"""What the page that asks hands on. Not the hint: it did not name who is signed in."""


@blueprint.get("/end-session")
@guarded(ENDS)
def end_session() -> Response:
    """Sign out and go back, or ask first."""
    wish = check(service(), store.session(), request.args.to_dict(flat=False))
    if needs_asking(store.session(), wish, sessions.current()):
        carried = {name: request.args[name] for name in CARRIED if request.args.get(name)}
        return page("credential/end_session/ask.html", wish=wish, carried=carried)
    return _signed_out(wish)


@blueprint.post("/end-session")
@guarded(FORWARDS)
def end_session_by_post() -> Response:
    """The same as a GET, to which the browser is sent: a POST from another site comes without our cookie (SameSite)."""
    given = request.form.to_dict(flat=False)
    check(service(), store.session(), given)
    carried = {name: found for name, found in given.items() if name in PARAMETERS}
    return see_other(f"/end-session?{urlencode(carried, doseq=True)}")


@blueprint.post("/end-session/confirm")
@guarded(PUBLIC)
def confirm() -> Response:
    """The person wants it."""
    return _signed_out(check(service(), store.session(), request.form.to_dict(flat=False)))


def _signed_out(wish: Logout) -> Response:
    if sessions.current() is not None:
        sessions.end()
    if wish.subject is not None and wish.returns_to is not None:
        return see_other(wish.returns_to)
    return page("credential/end_session/signed_out.html", wish=wish)
