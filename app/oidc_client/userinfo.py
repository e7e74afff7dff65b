"""The claims of the userinfo endpoint in the forms providers send them: JSON, a signed token, an encrypted one.

OpenID Connect Core 1.0 §5.3. Reading names and addresses out of the claims is the adapters' work.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwe import decrypt_compact

from app.oidc_client.directory import Directory
from app.oidc_client.faults import FaultKind, ProviderFault, Reason, SignInFault
from app.oidc_client.http import HttpClient, Reply
from app.oidc_client.id_token import is_same_text
from app.oidc_client.private_keys import decryption_key
from app.oidc_client.provider import ProviderConfig
from app.oidc_client.signature import TokenRejected, verify

_COMPACT = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){2,4}")
_JWE_DOTS = 4  # RFC 7516 §7.1
_JWE_ALGORITHMS = ("RSA-OAEP", "RSA-OAEP-256", "A256CBC-HS512", "A256GCM")  # no compression: "zip" is refused with it

Claims = Mapping[str, Any]


def fetch_userinfo(
    http: HttpClient, config: ProviderConfig, directory: Directory, access_token: str, subject: str
) -> Claims:
    """The claims about `subject`, or none where the provider has no such endpoint.

    Raises SignInFault (USERINFO_MISMATCH for anybody else's claims, USERINFO_INVALID for a token that does not hold)
    or ProviderFault.
    """
    endpoint = directory.metadata().userinfo_endpoint
    if endpoint is None:
        return {}
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json, application/jwt"}
    reply = http.get(endpoint, headers)
    if reply.status != HTTPStatus.OK:
        raise ProviderFault(FaultKind.REFUSED, "userinfo was refused")
    claims = _read(reply, config, directory)
    # Core §5.3.2: without this an access token of someone else's could be slipped in.
    if not is_same_text(claims.get("sub"), subject):
        raise SignInFault(Reason.USERINFO_MISMATCH, "userinfo is about somebody else")
    return claims


def _read(reply: Reply, config: ProviderConfig, directory: Directory) -> Claims:
    """Judged by what the body is, not by its label: ID.me puts a token into a JSON string."""
    token = _token_in(reply)
    if token is None:
        return reply.json_object()
    if token.count(".") == _JWE_DOTS:
        token = _decrypted(token, config)
    try:
        claims = verify(token, directory).claims
    except TokenRejected as rejected:
        raise _invalid(rejected.detail) from None
    _check_addressed_to_us(claims, config)
    return claims


def _token_in(reply: Reply) -> str | None:
    text = reply.body.decode("utf-8", "replace").strip()
    if text.startswith('"'):
        value = reply.json()
        if not isinstance(value, str) or not _COMPACT.fullmatch(value):
            raise ProviderFault(FaultKind.GARBAGE, "userinfo is a JSON string that holds no token")
        return value
    if _COMPACT.fullmatch(text):
        return text
    if reply.media_type == "application/jwt":
        raise ProviderFault(FaultKind.GARBAGE, "userinfo is labelled a token and is none")
    return None


def _decrypted(token: str, config: ProviderConfig) -> str:
    """What was encrypted to us. It must be a signed token, as `verify` will see: anyone can encrypt to us."""
    if config.decryption_key is None:
        raise _invalid("userinfo is encrypted and no key is configured")
    try:
        plaintext = decrypt_compact(token, decryption_key(config.decryption_key), _JWE_ALGORITHMS).plaintext
        return (plaintext or b"").decode("ascii")
    except (JoseError, ValueError):
        raise _invalid("userinfo cannot be decrypted") from None


def _check_addressed_to_us(claims: Claims, config: ProviderConfig) -> None:
    """A signed userinfo that names an issuer or an audience must name the right ones (Core §5.3.2)."""
    if "iss" in claims and claims["iss"] != config.issuer:
        raise _invalid("userinfo names another issuer")
    audience = claims.get("aud", config.client_id)
    if config.client_id not in (audience if isinstance(audience, list) else [audience]):
        raise _invalid("userinfo is for another client")


def _invalid(detail: str) -> SignInFault:
    return SignInFault(Reason.USERINFO_INVALID, detail)
