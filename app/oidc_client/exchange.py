"""Trading a code for tokens: the request, the client's proof of itself, and the shape of the reply.

RFC 6749 §2.3.1 and §4.1.3, RFC 7523 §2.2, RFC 7636 §4.5. What the ID token claims is judged in `id_token.py`.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.rfc7523 import private_key_jwt_sign
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE

from app.oidc_client.faults import FaultKind, ProviderFault, Reason, SignInFault
from app.oidc_client.http import HttpClient, Reply
from app.oidc_client.metadata import Metadata
from app.oidc_client.private_keys import signing_key
from app.oidc_client.provider import AuthMethod, ProviderConfig

ASSERTION_LIFETIME = 120  # seconds

_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}")  # what RFC 6749 appendix A.12 allows, and no header can be broken with

# RFC 6749 §5.2. Any other text (Login.gov sends sentences) is not repeated.
_ERRORS = frozenset(
    (
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    )
)


@dataclass(frozen=True)
class Tokens:
    """What a provider gave for a code, unchecked but for its shape."""

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)


def exchange_code(
    http: HttpClient, config: ProviderConfig, metadata: Metadata, grant: Mapping[str, str], now: datetime
) -> Tokens:
    """Redeem `grant` (`code`, `redirect_uri`, `code_verifier`), once. Raises SignInFault or ProviderFault."""
    form = {"grant_type": "authorization_code", **grant}
    headers = {"Accept": "application/json"}
    method = config.chosen_auth_method(metadata.token_auth_methods)
    if method is AuthMethod.CLIENT_SECRET_BASIC:
        headers["Authorization"] = _basic(config)
    elif method is AuthMethod.CLIENT_SECRET_POST:
        form |= {"client_id": config.client_id, "client_secret": config.client_secret or ""}
    elif method is AuthMethod.PRIVATE_KEY_JWT:
        form |= _assertion(config, metadata.token_endpoint, now)
    else:
        form["client_id"] = config.client_id
    return _read_reply(http.post(metadata.token_endpoint, urlencode(form), headers))


def _basic(config: ProviderConfig) -> str:
    """Id and secret are form-encoded before they are joined; a colon or a non-ASCII letter breaks Basic otherwise."""
    pair = f"{quote_plus(config.client_id)}:{quote_plus(config.client_secret or '')}"
    return "Basic " + b64encode(pair.encode("ascii")).decode("ascii")


def _assertion(config: ProviderConfig, token_endpoint: str, now: datetime) -> dict[str, str]:
    """A signed statement of who we are, for this endpoint only and for two minutes (RFC 7523 §3)."""
    algorithm, key = signing_key(config.private_key or "")
    header = {"kid": config.private_key_id} if config.private_key_id else {}
    assertion: str = private_key_jwt_sign(
        key,
        client_id=config.client_id,
        token_endpoint=token_endpoint,
        alg=algorithm,
        header=header,
        issued_at=int(now.timestamp()),
        expires_in=ASSERTION_LIFETIME,
    )
    return {"client_id": config.client_id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


def _read_reply(reply: Reply) -> Tokens:
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ProviderFault(FaultKind.REFUSED, "the token endpoint is out of order")
    if reply.status != HTTPStatus.OK:
        raise SignInFault(Reason.TOKEN_REFUSED, _error_in(reply))
    document = reply.json_object()
    if "error" in document:
        raise SignInFault(Reason.TOKEN_REFUSED, _error_in(reply))
    if str(document.get("token_type")).lower() != "bearer":
        raise ProviderFault(FaultKind.GARBAGE, "the token is no bearer token")
    return Tokens(access_token=_token(document, "access_token"), id_token=_token(document, "id_token"))


def _error_in(reply: Reply) -> str:
    """The registered error code of a refusal, or a phrase that says there was none."""
    try:
        error = reply.json_object().get("error")
    except ProviderFault:
        return "refused without a reason"
    return error if isinstance(error, str) and error in _ERRORS else "refused with an unregistered reason"


def _token(document: Mapping[str, Any], name: str) -> str:
    token = document.get(name)
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise ProviderFault(FaultKind.GARBAGE, f"the reply has no {name}")
    return token
