"""A relying party sends a browser here; it is sent back with an answer, or to the page that is needed for one."""

from urllib.parse import urlencode

from flask import Response, request

from app import clock
from app.credential_service.blueprints import journey
from app.credential_service.blueprints.authorize import blueprint
from app.credential_service.context import service
from app.credential_service.flows.authorize import check
from app.credential_service.flows.grants import Waiting, begin
from app.credential_service.flows.requests import RedirectedError
from app.credential_service.session import current
from app.credential_service.store.base import store
from app.storage.unit_of_work import unit_of_work
from app.web.browser import browser
from app.web.guard import Guard, guarded
from app.web.redirects import see_other

OPENS = Guard("protocol", reason="opens an interaction, which only the browser that brought it can go on with")
FORWARDS = Guard("protocol", csrf=False, reason="other sites post here; writes nothing, sends the browser to the GET")
LONGEST_QUERY = 3900
"""Bytes: servers refuse request lines above 4,094."""


@blueprint.get("/authorize")
@guarded(OPENS)
def authorize() -> Response:
    """Answer at once, or let the request wait for the person."""
    found, now = current(), clock.now()
    try:
        asked = check(service(), store.session(), request.args.to_dict(flat=False), now)
        with unit_of_work(store.session()) as work:
            result = begin(service(), work, asked, browser().key, found, now)
    except RedirectedError as refused:
        return see_other(refused.url(service().issuer))
    return journey.go_to_step(result) if isinstance(result, Waiting) else see_other(result)


@blueprint.post("/authorize")
@guarded(FORWARDS)
def authorize_by_post() -> Response:
    """The same as a GET, to which the browser is sent: a POST from another site comes without our cookie (SameSite)."""
    given = request.form.to_dict(flat=False)
    try:
        asked = check(service(), store.session(), given, clock.now())
    except RedirectedError as refused:
        return see_other(refused.url(service().issuer))
    query = urlencode(given, doseq=True)
    if len(query) <= LONGEST_QUERY:
        return see_other(f"/authorize?{query}")
    too_long = RedirectedError("invalid_request", "The request is too long.", asked.redirect_uri, asked.state)
    return see_other(too_long.url(service().issuer))
