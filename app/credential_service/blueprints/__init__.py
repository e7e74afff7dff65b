"""The pages of the credential service, one folder a part of it. A route is thin: guard, form, flow, presenter."""

from flask import Flask

from app.credential_service.context import CredentialService
from app.credential_service.store.all import MIGRATIONS
from app.credential_service.store.base import outbox, store
from app.delivery.outbox import newest
from app.web.health import health_blueprint
from app.web.outbox_page import outbox_blueprint


def register_all(app: Flask, running: CredentialService) -> None:
    """Register every part. The outbox page exists outside production only."""
    from app.credential_service.blueprints import account, authorize, consent, end_session, protocol, register, sign_in

    for part in (protocol, authorize, register, sign_in, consent, end_session, account):
        app.register_blueprint(part.blueprint)
    checks = {"database and migrations": lambda: MIGRATIONS.is_current(store.engine)}
    app.register_blueprint(health_blueprint(checks, dict))
    if running.settings.shows_outbox:
        app.register_blueprint(outbox_blueprint(lambda to, limit: newest(store.session(), outbox, to, limit)))
