"""The chooser, and the trip to a provider and back."""

from flask import Response, abort, request

from app import clock
from app.access.guards import CALLBACK, HOME
from app.access.portal import portal
from app.access.rows import rows
from app.access.session import current
from app.blueprints.sign_in import blueprint
from app.blueprints.sign_in.presenters import form_origins, ways
from app.domain.errors import PROVIDER_UNREACHABLE, Refused
from app.domain.identity.arrival import Stage
from app.flows.identity.return_from_provider import Browser, return_from_provider
from app.flows.identity.start_at_provider import Intent, start_at_provider
from app.oidc_client.client import RelyingParty
from app.web.browser import browser, key_of, new_token
from app.web.guard import PUBLIC, guarded
from app.web.htmx import page
from app.web.redirects import see_other
from app.web.security import allow_form_origins, host_name

CONSENT = "/consent/email"


@blueprint.get("/sign-in")
@guarded(PUBLIC)
def chooser() -> Response:
    """Ways to sign in. No script runs here; the scripts of later pages are fetched ahead."""
    if current() is not None:
        return see_other(HOME)
    running = portal()
    allow_form_origins(form_origins(running))
    return page(
        "sign_in/chooser.html",
        ways=ways(running, clock.now()),
        usernames=running.settings.offers_usernames,
        until=running.settings.username_sign_in_until,
        runs_scripts=False,
    )


def _party(provider: str) -> RelyingParty:
    found = portal().parties.get(provider)
    return found if found is not None else abort(404)


@blueprint.post("/sign-in/<provider>")
@guarded(PUBLIC)
def start(provider: str) -> Response:
    """Leave for the provider."""
    party = _party(provider)
    running = portal()
    if host_name(request.host) != host_name(running.settings.public_url.partition("://")[2]):
        # The provider sends people back to the public address only, where this browser's cookie would be missing.
        return see_other(f"{running.settings.public_url}/sign-in")
    intent: Intent = "register" if request.form.get("intent") == "register" else "sign-in"
    outcome = start_at_provider(rows(), running.keyring, party, browser().key, intent, clock.now())
    if outcome.value is None:
        # Ask once more for its health, so that the chooser can say that it is down.
        party.probe()
        raise Refused(outcome.refusal or PROVIDER_UNREACHABLE)
    return see_other(outcome.value)


@blueprint.get("/callback/<provider>")
@guarded(CALLBACK)
def callback(provider: str) -> Response:
    """Come back from the provider."""
    party, token, running = _party(provider), new_token(), portal()
    arguments, who = request.args.to_dict(flat=False), Browser(browser().key, key_of(token))
    outcome = return_from_provider(rows(), running.keyring, party, arguments, who, clock.now())
    if outcome.refusal is not None:
        raise Refused(outcome.refusal)
    if outcome.value is Stage.CONSENT:
        return see_other(CONSENT)
    browser().adopt(token)
    return see_other(HOME)
