"""How a client proves who it is at the token endpoint (RFC 6749 §2.3, OIDC Core §9). Authlib's errors say why not.

Nothing is written here: that an assertion is good once is for the caller to note, in its transaction.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.credential_service.clients import BASIC, NONE, POST, PRIVATE_KEY, Client, Clients

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS: Final = ("RS256", "ES256")
LEEWAY: Final = timedelta(seconds=60)
LONGEST_ASSERTION_LIFE: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Credentials:
    """What a client presented: the method, who it says it is, and the secret or the assertion."""

    method: str
    client_id: str
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Assertion:
    """An assertion that holds, if it was not used before."""

    jti: str
    expires_at: datetime


def presented(authorization: str | None, form: Mapping[str, str]) -> Credentials:
    """Read the credentials. `invalid_request` when there is more than one kind of them (RFC 6749 §2.3)."""
    kinds = (authorization is not None, "client_secret" in form, "client_assertion" in form)
    if sum(kinds) > 1:
        raise InvalidRequestError("More than one way of client authentication was used.")
    client_id = form.get("client_id")
    if authorization is not None:
        return _basic(authorization, client_id)
    if "client_assertion" in form:
        return _assertion(form, client_id)
    if client_id is None:
        raise _refused("No client authentication was included.")
    return Credentials(POST, client_id, (form["client_secret"],)) if kinds[1] else Credentials(NONE, client_id)


def _basic(header: str, named: str | None) -> Credentials:
    scheme, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded.strip().encode("ascii"), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeError):
        text = ""
    raw_id, colon, raw_secret = text.partition(":")
    client_id = unquote_plus(raw_id)
    if scheme.lower() != "basic" or not colon or named not in (None, client_id):
        raise _refused("The Authorization header does not hold Basic credentials of this client.")
    # Both parts are form-encoded (RFC 6749 §2.3.1), but many clients send the secret as it is.
    return Credentials(BASIC, client_id, (unquote_plus(raw_secret), raw_secret))


def _assertion(form: Mapping[str, str], named: str | None) -> Credentials:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise _refused("The client_assertion_type is not supported.")
    subject = unverified(form["client_assertion"], 1).get("sub")
    if not isinstance(subject, str) or named not in (None, subject):
        raise _refused("The client assertion does not name its client.")
    return Credentials(PRIVATE_KEY, subject, (form["client_assertion"],))


def unverified(token: str, part: int) -> dict[str, Any]:
    """Header (0) or claims (1) of a JWT before its signature is looked at; empty when they cannot be read."""
    pieces = token.split(".")
    try:
        padded = pieces[part] + "=" * (-len(pieces[part]) % 4)
        found = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (IndexError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def identified(credentials: Credentials, clients: Clients) -> Client:
    """The client that the credentials name, if it may use this method and a secret is right."""
    client = clients.find(credentials.client_id)
    if client is None or credentials.method not in client.methods:
        raise _refused("The client is unknown or may not authenticate in this way.")
    if credentials.method in (BASIC, POST):
        # All are compared, whichever is right, so that the time does not tell.
        right = [client.check_client_secret(secret) for secret in credentials.secrets]
        if not any(right):
            raise _refused("The client secret is wrong.")
    return client


def verified(token: str, client: Client, keys: KeySet, audiences: tuple[str, ...], now: datetime) -> Assertion:
    """The client's assertion, if signature and claims hold (RFC 7523 §3). `audiences`: any one of them is enough."""
    try:
        claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise _refused("The client assertion's signature does not hold.") from None
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise _refused("The client assertion does not name its client.")
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    if not any(one in audiences for one in named):
        raise _refused("The client assertion is for somebody else.")
    return Assertion(_jti(claims), _expiry(claims, now))


def _jti(claims: dict[str, Any]) -> str:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise _refused("The client assertion has no jti.")
    return jti


def _expiry(claims: dict[str, Any], now: datetime) -> datetime:
    expires, issued, begins = (_moment(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or expires + LEEWAY <= now or expires > now + LONGEST_ASSERTION_LIFE:
        raise _refused("The client assertion has expired, or lives too long.")
    if any(moment is not None and moment > now + LEEWAY for moment in (issued, begins)):
        raise _refused("The client assertion is not valid yet.")
    if issued is not None and issued < now - LONGEST_ASSERTION_LIFE:
        raise _refused("The client assertion is too old.")
    return expires + LEEWAY


def _moment(claims: dict[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    not_a_time = _refused(f"The client assertion's {name} is not a time.")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise not_a_time
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise not_a_time from None


def _refused(why: str) -> InvalidClientError:
    error: InvalidClientError = InvalidClientError(status_code=401, description=why)
    return error
