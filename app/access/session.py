"""The session of the current request, and how flask-login learns whose it is."""

from flask import Flask, Request, g
from flask_login import LoginManager, UserMixin

from app import clock
from app.domain.identity.assurance import Assurance
from app.models.base import db
from app.models.session import PortalSession
from app.storage.sessions import use
from app.web.browser import browser


class Person(UserMixin):  # type: ignore[misc]
    """The signed-in person, as flask-login and the pages know them."""

    def __init__(self, row: PortalSession) -> None:
        self.id = row.account_id
        self.session = row
        self.assurance = Assurance(row.assurance)


def install(app: Flask) -> None:
    """Let flask-login find the person by our own session; its cookies and session marks are not used."""
    manager = LoginManager()
    manager.session_protection = None
    manager.request_loader(_load)
    app.config["REMEMBER_COOKIE_REFRESH_EACH_REQUEST"] = False
    # Pages are told who is signed in by their views: an error page must not need the database to be written.
    manager.init_app(app, add_context_processor=False)


def _load(request: Request) -> Person | None:
    row = current()
    return Person(row) if row is not None else None


def current() -> PortalSession | None:
    """The live session of this request's browser, or None. Read once a request, touched at most once a minute."""
    if "portal_session" not in g:
        g.portal_session = _find()
    found: PortalSession | None = g.portal_session
    return found


def _find() -> PortalSession | None:
    if not browser().known:
        return None
    return use(db.session(), PortalSession, browser().key, clock.now())
