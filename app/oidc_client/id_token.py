"""What an ID token must claim before it is believed (OpenID Connect Core 1.0 §3.1.3.7). Signatures: `signature.py`."""

import hmac
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from authlib.oidc.core.util import create_half_hash

from app.oidc_client.faults import Reason, SignInFault
from app.oidc_client.signature import Verified

_SUBJECT = re.compile(r"[\x20-\x7e]{1,255}")

Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Expectation:
    """What the token is measured against. `max_age` and `leeway` are seconds; `max_age` None: not asked for."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    leeway: int = 60
    max_age: int | None = None
    trusted_audiences: frozenset[str] = frozenset()


def check_id_token(token: Verified, expected: Expectation, access_token: str, now: datetime) -> Claims:
    """The claims of a token that passes every rule. Raises SignInFault; its reason tells which kind of rule failed."""
    claims, seconds = token.claims, now.timestamp()
    if claims.get("iss") != expected.issuer:
        raise SignInFault(Reason.ISSUER_MISMATCH, "the ID token names another issuer")
    _check_audience(claims, expected)
    _check_times(claims, expected.leeway, seconds)
    if not is_same_text(claims.get("nonce"), expected.nonce):
        raise SignInFault(Reason.NONCE, "the ID token does not belong to this attempt")
    _check_subject(claims)
    _check_access_token(token, access_token)
    _check_authentication_age(claims, expected, seconds)
    return claims


def _check_audience(claims: Claims, expected: Expectation) -> None:
    """`aud` names us and nobody who is not trusted; with several, `azp` must be there; if there, it must be us."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.client_id not in audiences:
        raise _invalid("the audience is another client")
    if any(name != expected.client_id and name not in expected.trusted_audiences for name in map(str, audiences)):
        raise _invalid("the audience names an untrusted party beside this client")
    if len(audiences) > 1 and "azp" not in claims:
        raise _invalid("several audiences without an authorized party")
    if "azp" in claims and claims["azp"] != expected.client_id:
        raise _invalid("the authorized party is another client")


def _check_times(claims: Claims, leeway: int, now: float) -> None:
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if expires is None or issued is None:
        raise _invalid("exp or iat is missing")
    if now >= expires + leeway:
        raise SignInFault(Reason.EXPIRED_TOKEN, "the ID token has expired")
    starts = _seconds(claims, "nbf")
    if issued > now + leeway or (starts is not None and starts > now + leeway):
        raise SignInFault(Reason.CLOCK_SKEW, "the ID token is from the future")


def _check_subject(claims: Claims) -> None:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise _invalid("the subject is missing or malformed")


def _check_access_token(token: Verified, access_token: str) -> None:
    """`at_hash`, where given, must be of the access token that came with the ID token (Core §3.1.3.8)."""
    if "at_hash" not in token.claims:
        return
    expected = create_half_hash(access_token, token.algorithm).decode("ascii")
    if not is_same_text(token.claims["at_hash"], expected):
        raise _invalid("the access token is not the one the ID token was issued with")


def _check_authentication_age(claims: Claims, expected: Expectation, now: float) -> None:
    """With `max_age` asked for, `auth_time` must be there and recent enough (Core §2, §3.1.2.1)."""
    authenticated = _seconds(claims, "auth_time")
    if authenticated is not None and authenticated > now + expected.leeway:
        raise SignInFault(Reason.CLOCK_SKEW, "the authentication is from the future")
    if expected.max_age is None:
        return
    if authenticated is None:
        raise SignInFault(Reason.ASSURANCE_NOT_MET, "the provider does not say when the person authenticated")
    if now - authenticated > expected.max_age + expected.leeway:
        raise SignInFault(Reason.ASSURANCE_NOT_MET, "the authentication is older than asked for")


def is_same_text(received: Any, expected: str) -> bool:
    """Compare in constant time; anything but text is different."""
    if not isinstance(received, str):
        return False
    # JSON can spell lone surrogates, which plain UTF-8 cannot.
    return hmac.compare_digest(received.encode(errors="surrogatepass"), expected.encode(errors="surrogatepass"))


def _seconds(claims: Claims, name: str) -> float | None:
    """A NumericDate, or None where the claim is absent. Raises SignInFault for anything else."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _invalid(f"{name} is not a time")
    return value


def _invalid(detail: str) -> SignInFault:
    return SignInFault(Reason.ID_TOKEN_INVALID, detail)
