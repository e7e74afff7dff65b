"""What the consent page shows."""

from dataclasses import dataclass
from datetime import datetime

from flask import Response

from app import clock
from app.credential_service.blueprints.consent.forms import ConsentForm
from app.credential_service.claims import full_name
from app.credential_service.clients import shown_origin
from app.credential_service.context import service
from app.credential_service.errors import UNKNOWN_CLIENT
from app.credential_service.flows.consents import addresses, sharable
from app.credential_service.flows.interactions import AskConsent
from app.credential_service.profiles import Item
from app.credential_service.store.accounts import Account
from app.credential_service.store.base import store
from app.domain.errors import Refused
from app.domain.identity.consent import LIFETIME
from app.web.htmx import page


@dataclass(frozen=True)
class ConsentPage:
    """Who would get what, until when. `email` is the only address there is; with several the form asks which."""

    interaction_id: str
    client: str
    origin: str
    shares_email: bool
    email: str | None
    name: str | None
    asked_before: bool
    until: datetime


def show(interaction_id: str, step: AskConsent, form: ConsentForm | None = None) -> Response:
    """The page; with a form that was refused, 422."""
    form, session = form or ConsentForm(), store.session()
    account = session.get_one(Account, step.session.account_id)
    client = service().clients.find(step.request.client_id)
    if client is None:
        raise Refused(UNKNOWN_CLIENT)
    listed, shared = addresses(session, account.id), sharable(account, step.request.items)
    form.offer(listed, step.before.email_id if step.before is not None else None)
    shown = ConsentPage(
        interaction_id=interaction_id,
        client=client.settings.display_name,
        origin=shown_origin(step.request.redirect_uri),
        shares_email=Item.EMAIL in shared,
        email=listed[0].address if len(listed) == 1 else None,
        name=full_name(account) if Item.NAME in shared else None,
        asked_before=step.before is not None,
        until=clock.now() + LIFETIME,
    )
    return page("credential/consent/consent.html", 422 if form.errors else 200, shown=shown, form=form)
