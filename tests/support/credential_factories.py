"""Accounts, signed-in browsers and relying parties of the credential service, made directly in its tables."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import inspect, select
from werkzeug.test import TestResponse

from app import clock
from app.credential_service import create_app
from app.credential_service.settings import ClientSettings, CredentialSettings
from app.credential_service.store.accounts import Account, AccountSession, EmailAddress
from app.credential_service.store.base import Base, audit, store
from app.storage.sessions import limits
from app.storage.unit_of_work import unit_of_work
from app.web.browser import key_of
from tests.support.client import LintingClient
from tests.support.ready_made import furnish

ISSUER = "http://localhost:8001"
COOKIE = "credential_session"
RETURN = "https://rp.example/callback"
SECRET = "a secret of the relying party"
STRICT = ClientSettings(
    client_id="strict-rp",
    client_secret=SECRET,
    redirect_uris=(RETURN, "https://rp.example/other?tenant=1"),
    post_logout_redirect_uris=("https://rp.example/bye", "https://rp.example/bye?from=op"),
    name="Strict relying party",
)
PUBLIC = ClientSettings(client_id="public-rp", redirect_uris=("https://app.example/cb",))
IDME_SCOPE = "openid http://idmanagement.gov/ns/assurance/ial/1/aal/2"
PORTAL = "qaams-portal"
PORTAL_RETURN = "http://localhost:8000/callback/idme"


def credential_app(folder: Path, *clients: ClientSettings, database: str | None = None) -> Flask:
    """A credential service with empty tables in `folder`, for the relying parties of the tests and `clients`."""
    settings = CredentialSettings.read(
        env="test",
        database_url=database or f"sqlite:///{folder / 'credential.sqlite3'}",
        keys_file=folder / "credential-keys.json",
        clients=(STRICT, PUBLIC, *clients),
    )
    app = create_app(settings)
    app.test_client_class = LintingClient
    furnish(app, settings.database_url)
    return app


def add_account(app: Flask, *addresses: str, given_name: str | None = None, family_name: str | None = None) -> str:
    """An account with these confirmed addresses; its id."""
    now = clock.now()
    with app.app_context(), unit_of_work(store.session()) as work:
        account = Account(password_hash="unused", given_name=given_name, family_name=family_name, created_at=now)
        account.name_changed_at = now if given_name else None
        work.add(account)
        work.flush()
        for minute, address in enumerate(addresses or ("person@example.org",)):
            confirmed = now + timedelta(minutes=minute)
            work.add(EmailAddress(account_id=account.id, address=address, folded=address, confirmed_at=confirmed))
        return account.id


def sign_in(app: Flask, client: FlaskClient, account_id: str, ago: timedelta = timedelta(0)) -> str:
    """Give the browser a session that began some time ago; the session's id. Requests that wait in it stay with it."""
    cookie = client.get_cookie(COOKIE)
    token = cookie.value if cookie is not None else secrets.token_urlsafe(32)
    begun = clock.now() - ago
    with app.app_context(), unit_of_work(store.session()) as work:
        for row in work.query(AccountSession).filter_by(key=key_of(token)):
            row.key, row.ended_at = f"ended-{row.id}", begun
        row = AccountSession(
            key=key_of(token), account_id=account_id, assurance="aal2", methods="pwd sms mfa", **limits(begun)
        )
        row.last_seen_at = clock.now()
        work.add(row)
        work.flush()
        session_id = row.id
    client.set_cookie(COOKIE, token)
    return session_id


def subject_of(app: Flask, account_id: str) -> str:
    """What relying parties know the account by."""
    with app.app_context():
        return store.session.get_one(Account, account_id).subject


@dataclass
class RelyingParty:
    """One request of a relying party from its start to its end, in a browser of Flask's test client."""

    app: Flask
    browser: FlaskClient
    settings: ClientSettings = STRICT
    redirect_uri: str = RETURN
    scope: str = "openid email profile"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(8))

    def parameters(self, **changed: str | None) -> dict[str, str]:
        """The parameters of a request that is in order; changed ones replace, None leaves one out."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        values: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changed,
        }
        return {name: value for name, value in values.items() if value is not None}

    def authorize(self, **changed: str | None) -> TestResponse:
        """Send the browser to the provider."""
        return self.browser.get("/authorize", query_string=self.parameters(**changed))

    def consent(self, page: TestResponse, decision: str = "agree", **changed: str) -> TestResponse:
        """Answer the consent page that a redirect led to, or that was answered at once."""
        shown = self.browser.get(page.location) if page.status_code == 303 else page
        fields = self.consent_fields(shown)
        return self.browser.post("/consent", data={**fields, "decision": decision, **changed})

    @staticmethod
    def consent_fields(shown: TestResponse) -> dict[str, str]:
        """The fields of the consent form as they stand on the page."""
        assert shown.status_code == 200, shown.status
        root = html5lib.parse(shown.text, namespaceHTMLElements=False)
        form = next(found for found in root.iter("form") if found.get("action") == "/consent")
        sent = [one for one in form.iter("input") if one.get("type") == "hidden" or "checked" in one.attrib]
        return {one.get("name", ""): one.get("value", "") for one in sent}

    def code(self, **changed: str | None) -> str:
        """A code, with the consent page agreed to if it is shown."""
        response = self.authorize(**changed)
        if response.location.startswith("/consent"):
            response = self.consent(response)
        return answer_of(response)["code"]

    def token_form(self, code: str, **changed: str | None) -> dict[str, str]:
        """The form of a token request that is in order, without client authentication."""
        values: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            **changed,
        }
        return {name: value for name, value in values.items() if value is not None}

    def exchange(self, code: str, **changed: str | None) -> TestResponse:
        """Exchange a code, authenticated by the secret in the header, or by nothing where there is none."""
        program = self.app.test_client()
        if self.settings.client_secret is None:
            return program.post("/token", data=self.token_form(code, client_id=self.settings.client_id, **changed))
        auth = (self.settings.client_id, self.settings.client_secret)
        return program.post("/token", data=self.token_form(code, **changed), auth=auth)

    def tokens(self, **changed: str | None) -> dict[str, Any]:
        """The token response of a whole sign-in."""
        response = self.exchange(self.code(**changed))
        assert response.status_code == 200, response.text
        return dict(response.get_json())

    def userinfo(self, access_token: str) -> TestResponse:
        """Ask userinfo, with the token in the header."""
        return self.app.test_client().get("/userinfo", headers={"Authorization": f"Bearer {access_token}"})

    def id_token(self, **changed: str | None) -> dict[str, Any]:
        """The claims of the ID token of a whole sign-in, its signature checked."""
        return verified(self.app, self.tokens(**changed)["id_token"])


def verified(app: Flask, token: str) -> dict[str, Any]:
    """The claims of a JWT of ours, its signature checked with the published keys."""
    keys = KeySet.import_key_set(app.test_client().get("/jwks").get_json())
    return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)


def answer_of(response: TestResponse) -> dict[str, str]:
    """The answer in the query of a redirect to a relying party."""
    assert response.status_code == 303, response.text
    assert not response.location.startswith("/"), response.location
    return dict(parse_qsl(urlsplit(response.location).query, keep_blank_values=True))


def make_older(app: Flask, table: type[Base], by: timedelta) -> None:
    """Let time pass for the rows of a table: all their moments go back."""
    with app.app_context(), unit_of_work(store.session()) as work:
        for row in work.scalars(select(table)):
            for column in inspect(table).columns:
                value = getattr(row, column.key)
                if isinstance(value, datetime):
                    setattr(row, column.key, value - by)


def events(app: Flask) -> list[str]:
    """The kinds of the audit events, in their order."""
    with app.app_context():
        return list(store.session.scalars(select(audit.event.c.kind).order_by(audit.event.c.serial)))
