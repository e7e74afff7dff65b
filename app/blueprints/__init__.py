"""The portal's pages, one blueprint a place. A route is thin: guard, form, flow, presenter."""

from flask import Flask

from app.access.portal import Portal
from app.delivery.outbox import newest
from app.models.all import MIGRATIONS
from app.models.base import db
from app.models.outbox import outbox
from app.web.health import health_blueprint
from app.web.outbox_page import outbox_blueprint


def register(app: Flask, running: Portal) -> None:
    """Register every place of the portal. The outbox page exists outside production only."""
    from app.blueprints import account, consent, home, sign_in

    for place in (sign_in, consent, home, account):
        app.register_blueprint(place.blueprint)
    app.register_blueprint(
        health_blueprint(
            {"database and migrations": lambda: MIGRATIONS.is_current(db.engine)},
            lambda: {key: "ok" if party.probe().well else "failed" for key, party in running.parties.items()},
        )
    )
    if running.settings.shows_outbox:
        app.register_blueprint(outbox_blueprint(lambda to, limit: newest(db.session(), outbox, to, limit)))
