"""Signing out: here at once, and at the provider where it offers that."""

import secrets

from flask import Response, request

from app import clock
from app.access.guards import SIGNED_IN_AAL1
from app.access.portal import portal
from app.access.rows import rows
from app.access.session import current
from app.blueprints.sign_in import blueprint
from app.flows.identity.keep_session import end_session
from app.flows.identity.return_from_provider import id_token_of
from app.web.browser import browser
from app.web.guard import PUBLIC, guarded
from app.web.htmx import page
from app.web.redirects import see_other

SIGNED_OUT = "/signed-out"


@blueprint.post("/sign-out")
@guarded(SIGNED_IN_AAL1)
def sign_out() -> Response:
    """End the session here, then go on to the provider's own sign-out."""
    row = current()
    assert row is not None  # noqa: S101 - the guard let nobody else through
    running = portal()
    id_token = id_token_of(running.keyring, row)
    end_session(rows(), row.id, clock.now())
    browser().renew()
    party = running.parties.get(row.via)
    if party is None:
        return see_other(SIGNED_OUT)
    url = party.end_session_url(id_token, secrets.token_urlsafe(24))
    return see_other(url or f"{SIGNED_OUT}?still={row.via}")


@blueprint.get("/signed-out")
@guarded(PUBLIC)
def signed_out() -> Response:
    """Where everyone ends who signed out, also coming back from the provider."""
    party = portal().parties.get(request.args.get("still", ""))
    return page("sign_in/signed_out.html", still=party.config.label if party else None)
