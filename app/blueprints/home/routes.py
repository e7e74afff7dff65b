"""Home: what a person can do next."""

from flask import Response
from flask_login import current_user

from app.access.guards import SIGNED_IN_AAL1
from app.access.portal import portal
from app.access.rows import rows
from app.blueprints.home import blueprint
from app.domain.identity.assurance import Assurance
from app.models.queries.people import name_of
from app.web.guard import guarded
from app.web.htmx import page


@blueprint.get("/")
@guarded(SIGNED_IN_AAL1)
def home() -> Response:
    """Home of a person who is connected to no entity yet."""
    running = portal()
    party = running.parties.get(current_user.session.via)
    return page(
        "home/home.html",
        signed_in=True,
        name=name_of(rows(), current_user.id),
        via=party.config.label if party else None,
        full=current_user.assurance.meets(Assurance.AAL2),
    )
