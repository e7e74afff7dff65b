"""What a person sees next on the way from a relying party and back to it. Every page of the journey goes on here."""

from urllib.parse import urlencode

from flask import Response

from app import clock
from app.credential_service.clients import form_origin
from app.credential_service.context import service
from app.credential_service.flows.grants import Waiting, finish, given_again
from app.credential_service.flows.interactions import AskConsent, Authenticate, Ready, find, next_step
from app.credential_service.flows.requests import AuthorizationRequest, RedirectedError
from app.credential_service.session import current
from app.credential_service.store.base import store
from app.domain.errors import Refused
from app.storage.unit_of_work import unit_of_work
from app.web.browser import browser
from app.web.redirects import see_other
from app.web.security import allow_form_origins

SCREENS = {"sign_in": "/sign-in", "register": "/register"}
CONSENT = "/consent"
HOME = "/account"


def proceed(interaction_id: str | None) -> Response:
    """Go on: to the account where nothing waits, back to the relying party, or with the page that is still needed.

    The consent page is answered as it is, not by a redirect. A request that was just answered is answered again, since
    the answer may have been lost. Refused when nothing (any more) waits under this id in this browser.
    """
    # The consent pages call this module, so they cannot be loaded before it.
    from app.credential_service.blueprints.consent.presenters import show

    if not interaction_id:
        return see_other(HOME)
    try:
        step = _next(interaction_id)
    except RedirectedError as refused:
        return see_other(refused.url(service().issuer))
    if isinstance(step, str):
        return see_other(step)
    if isinstance(step, AskConsent):
        allow_return(interaction_id)
        return show(interaction_id, step)
    return go_to_step(Waiting(interaction_id, step))


def _next(interaction_id: str) -> str | Authenticate | AskConsent:
    found, key, now = current(), browser().key, clock.now()
    with unit_of_work(store.session()) as work:
        again = given_again(service(), work, interaction_id, key, found, now)
        if again is not None:
            return again
        step = next_step(work, interaction_id, key, found, now)
        return finish(service(), work, interaction_id, key, step, now) if isinstance(step, Ready) else step


def go_to_step(waiting: Waiting) -> Response:
    """Send the browser to the page that a request waits for."""
    step = waiting.step
    path = SCREENS[step.screen] if isinstance(step, Authenticate) else CONSENT
    return see_other(f"{path}?{urlencode({'i': waiting.interaction_id})}")


def allow_return(interaction_id: str | None) -> None:
    """Let the forms of this page end at the relying party that waits, if one does."""
    if not interaction_id:
        return
    try:
        row = find(store.session(), interaction_id, browser().key, clock.now())
    except Refused:
        return
    allow_form_origins([form_origin(AuthorizationRequest.of(row.request).redirect_uri)])
