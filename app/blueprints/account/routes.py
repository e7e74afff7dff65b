"""The account page."""

from flask import Response
from flask_login import current_user

from app.access.guards import SIGNED_IN
from app.access.portal import portal
from app.access.rows import rows
from app.blueprints.account import blueprint
from app.models.queries.receipts import identities_of, receipts_of
from app.web.guard import guarded
from app.web.htmx import page


@blueprint.get("/account")
@guarded(SIGNED_IN)
def account() -> Response:
    """Sign-in methods and e-mail receipts."""
    running = portal()
    return page(
        "account/account.html",
        signed_in=True,
        identities=identities_of(rows(), current_user.id),
        receipts=receipts_of(rows(), current_user.id),
        labels={key: party.config.label for key, party in running.parties.items()},
    )
