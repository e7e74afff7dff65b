"""The signed-in session of this request's browser. What beginning and ending one writes is in `flows.sessions`."""

from flask import g

from app import clock
from app.credential_service.flows.sessions import Renewal, end_of_browser
from app.credential_service.store.accounts import AccountSession
from app.credential_service.store.base import store
from app.storage.sessions import use
from app.storage.unit_of_work import unit_of_work
from app.web.browser import browser, key_of, new_token


def current() -> AccountSession | None:
    """The live session of this request's browser, or None. Read once a request, touched at most once a minute."""
    if "account_session" not in g:
        g.account_session = _find()
    found: AccountSession | None = g.account_session
    return found


def _find() -> AccountSession | None:
    if not browser().known:
        return None
    return use(store.session(), AccountSession, browser().key, clock.now())


def renewal(proof: bytes) -> Renewal:
    """A new identifier for this browser, which it gets by `adopt` once a flow has stored a session under it."""
    token = new_token()
    return Renewal(browser().key, key_of(token), token, proof)


def adopt(renewed: Renewal, row: AccountSession) -> None:
    """Give the browser its new identifier: the session is stored."""
    browser().adopt(renewed.token)
    g.account_session = row


def end() -> None:
    """End this browser's session, if it has one, and give the browser a new identifier."""
    if browser().known:
        with unit_of_work(store.session()) as work:
            end_of_browser(work, browser().key, clock.now())
    browser().renew()
    g.account_session = None
