"""The token endpoint (RFC 6749 §3.2) and the userinfo endpoint (OIDC Core §5.3), without the web around them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError
from authlib.oauth2.rfc6750 import InvalidTokenError
from joserfc import jwt
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.credential_service.claims import userinfo
from app.credential_service.client_authentication import (
    Assertion,
    Credentials,
    identified,
    presented,
    unverified,
    verified,
)
from app.credential_service.clients import GRANT_TYPE, PRIVATE_KEY, Client
from app.credential_service.context import CredentialService
from app.credential_service.flows.codes import TOKEN_LIFE, valid_token
from app.credential_service.provider import Answer, ProtocolRequest, Provider
from app.credential_service.signing_keys import ALGORITHM, signing_key
from app.credential_service.store.accounts import Account, EmailAddress
from app.credential_service.store.consents import Consent
from app.credential_service.store.tokens import AccessToken, UsedAssertion, hash_of
from app.storage.unit_of_work import unit_of_work

UNREADABLE: Final = ("\ufffd", "\0")
NO_STORE: Final = [("Cache-Control", "no-store"), ("Pragma", "no-cache")]
TOKEN_PATH: Final = "/token"  # noqa: S105 - a path


def exchange(
    running: CredentialService,
    session: Session,
    form: Mapping[str, Sequence[str]],
    authorization: str | None,
    now: datetime,
) -> Answer:
    """The answer to a token request. Whatever is wrong with it is an error of RFC 6749 §5.2."""
    try:
        values = _single(form)
        _check_grant_type(values.get("grant_type"))
        credentials = presented(authorization, values)
        client = identified(credentials, running.clients)
        # Before the transaction: it may fetch the client's keys.
        assertion = _assertion(running, credentials, client, now)
    except OAuth2Error as error:
        return error_answer(error)
    with unit_of_work(session) as work:
        if assertion is not None and not _first_use(work, client, assertion):
            return error_answer(InvalidClientError("The client assertion was used before.", status_code=401))
        provider = Provider(running, work, now, (client, credentials.method))
        answer: Answer = provider.create_token_response(ProtocolRequest("POST", values))
    return answer


def _single(form: Mapping[str, Sequence[str]]) -> dict[str, str]:
    repeated = any(len(found) != 1 for found in form.values())
    values = {name: found[0] for name, found in form.items() if found}
    if repeated or any(mark in text for item in values.items() for text in item for mark in UNREADABLE):
        raise InvalidRequestError("A parameter was given more than once, or cannot be read.")
    return values


def _check_grant_type(grant_type: str | None) -> None:
    if not grant_type:
        raise InvalidRequestError("The grant_type is missing. Send the parameters form-encoded.")
    if grant_type != GRANT_TYPE:
        # Not by Authlib's class for it, which repeats the value where not every character is allowed.
        raise OAuth2Error("The only grant_type is authorization_code.", error="unsupported_grant_type")


def _assertion(running: CredentialService, credentials: Credentials, client: Client, now: datetime) -> Assertion | None:
    if credentials.method != PRIVATE_KEY:
        return None
    token = credentials.secrets[0]
    kid = unverified(token, 0).get("kid")
    keys = running.client_keys.of(client.settings, kid if isinstance(kid, str) else None)
    return verified(token, client, keys, (running.issuer, f"{running.issuer}{TOKEN_PATH}"), now)


def _first_use(work: Session, client: Client, assertion: Assertion) -> bool:
    row = UsedAssertion(client_id=client.client_id, jti_hash=hash_of(assertion.jti), expires_at=assertion.expires_at)
    known = select(UsedAssertion.jti_hash).where(
        UsedAssertion.client_id == row.client_id, UsedAssertion.jti_hash == row.jti_hash
    )
    if work.scalars(known).first() is not None:
        return False
    try:
        with work.begin_nested():
            work.add(row)
    except IntegrityError:
        return False  # somebody else used it at the same moment
    return True


def error_answer(error: OAuth2Error) -> Answer:
    """An error as JSON (RFC 6749 §5.2, RFC 6750 §3)."""
    status, body, headers = error()
    return Answer(status, body, list(headers))


def tell(running: CredentialService, session: Session, token: str, now: datetime) -> Answer:
    """The userinfo that an access token opens: JSON, or a signed JWT where the client's profile says so."""
    row = valid_token(session, token, now)
    client = running.clients.find(row.client_id) if row is not None else None
    account = session.get(Account, row.account_id) if row is not None else None
    if row is None or client is None or account is None:
        return error_answer(InvalidTokenError(realm=running.issuer))
    claims = userinfo(client.profile, account, _address(session, row), frozenset(row.items.split()))
    if not client.profile.signs_userinfo:
        return Answer(200, claims, [("Content-Type", "application/json"), *NO_STORE])
    signed = _signed(running, session, client, claims, now)
    return Answer(200, signed, [("Content-Type", "application/jwt"), *NO_STORE])


def _address(session: Session, token: AccessToken) -> str | None:
    chosen = select(EmailAddress.address).join(Consent, Consent.email_id == EmailAddress.id)
    return session.scalars(chosen.where(Consent.id == token.consent_id)).one_or_none()


def _signed(running: CredentialService, session: Session, client: Client, claims: dict[str, Any], now: datetime) -> str:
    """OIDC Core §5.3.2; `exp` and `iat` as ID.me sends them."""
    issued = int(now.timestamp())
    about = {
        "iss": running.issuer,
        "aud": client.client_id,
        "iat": issued,
        "exp": issued + int(TOKEN_LIFE.total_seconds()),
    }
    key = signing_key(session, running.keyring, now)
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, {**about, **claims}, key, [ALGORITHM])
