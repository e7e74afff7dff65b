"""What this request gives a flow to work with."""

from flask import request

from app import clock
from app.authenticators.throttle import network
from app.credential_service.context import service
from app.credential_service.flows.means import Means
from app.credential_service.messages import compose
from app.credential_service.store.base import store


def means() -> Means:
    """The means of the flows, for the request that is being answered."""
    running = service()
    return Means(
        session=store.session(),
        keyring=running.keyring,
        compose=compose,
        public_url=running.settings.public_url,
        address=network(request.remote_addr or ""),
        now=clock.now(),
    )
