"""The account page, and signing out of this service."""

from flask import Response

from app import clock
from app.credential_service import session
from app.credential_service.blueprints.account import blueprint
from app.credential_service.context import service
from app.credential_service.flows.account_page import look
from app.credential_service.flows.consents import take_back
from app.credential_service.store.base import store
from app.storage.unit_of_work import unit_of_work
from app.web.guard import PUBLIC, Guard, guarded
from app.web.htmx import page
from app.web.redirects import see_other


def _to_sign_in() -> Response | None:
    return None if session.current() is not None else see_other("/sign-in")


SIGNED_IN = Guard("signed in", sends_on=_to_sign_in)


@blueprint.get("/")
@guarded(PUBLIC)
def home() -> Response:
    """This service has no other front page than the account."""
    return see_other("/account")


@blueprint.get("/account")
@guarded(SIGNED_IN)
def account() -> Response:
    """What the account holds."""
    found = session.current()
    names = {client.client_id: client.display_name for client in service().settings.registered_clients}
    view = look(store.session(), found.account_id if found is not None else "", names, clock.now())
    return page(
        "credential/account/account.html",
        signed_in=True,
        addresses=view.addresses,
        ways=view.ways,
        codes_left=view.codes_left,
        services=view.services,
    )


@blueprint.post("/account/services/<consent_id>/stop")
@guarded(SIGNED_IN)
def stop_sharing(consent_id: str) -> Response:
    """Take an agreement back. The person's own only; once it is taken back, the page just says so again."""
    found = session.current()
    with unit_of_work(store.session()) as work:
        take_back(work, found.account_id if found is not None else "", consent_id, clock.now())
    return see_other("/account")


@blueprint.post("/sign-out")
@guarded(PUBLIC)
def sign_out() -> Response:
    """End this browser's session here; relying parties end theirs themselves."""
    session.end()
    return see_other("/sign-in?signed_out=1")
