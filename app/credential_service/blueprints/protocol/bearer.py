"""Bearer tokens in requests (RFC 6750 §2) and the answer where there is none (§3)."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6750 import InvalidTokenError

from app.credential_service.provider import Answer

TOKEN: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*")


def bearer_token(header: str | None, in_body: Sequence[str]) -> str | None:
    """The token; None when the request brings none. Authlib's errors when it is malformed or comes twice."""
    scheme, _, given = (header or "").partition(" ")
    in_header = scheme.lower() == "bearer"
    if len(in_body) + in_header > 1:
        raise InvalidRequestError("The access token was given more than once.")
    token = given.strip() if in_header else in_body[0] if in_body else None
    if token is not None and not TOKEN.fullmatch(token):
        raise InvalidTokenError
    return token


def unauthenticated(realm: str) -> Answer:
    """401 without an error code: the request did not try (RFC 6750 §3.1)."""
    return Answer(HTTPStatus.UNAUTHORIZED, {}, [("WWW-Authenticate", f'Bearer realm="{realm}"')])
