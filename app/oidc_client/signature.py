"""Whether a signed token comes from the provider: header, key, signature. What it claims is judged elsewhere."""

import json
from dataclasses import dataclass, field
from typing import Any, Never

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, deserialize_compact
from joserfc.util import to_bytes, urlsafe_b64decode

from app.oidc_client.directory import Directory
from app.oidc_client.keys import ALGORITHMS, KeySet

_HEADER_LIMIT = 4096  # bytes; certificates in a header (x5c) are not read, but may be there

_REGISTRY = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)  # RFC 7515 §4: ignore unknown parameters
_REGISTRY.max_header_length = _HEADER_LIMIT


@dataclass(frozen=True)
class Verified:
    """A token whose signature holds: the algorithm that was used and the claims."""

    algorithm: str
    claims: dict[str, Any] = field(repr=False)


class TokenRejected(Exception):
    """The token is not a JWS of the provider's. `detail` is a fixed phrase."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def verify(token: str, directory: Directory) -> Verified:
    """Check the signature of `token`, a compact JWS, against the provider's keys, and return its claims.

    Keys are fetched anew once when the `kid` is unknown or the signature does not hold: the provider may have changed
    them a moment ago. Raises TokenRejected; ProviderFault or SignInFault when the keys cannot be had.
    """
    header = _read_header(token)
    used = directory.keys()
    payload = _payload(token, header, used)
    if payload is None:
        newer = directory.newer_keys(used)
        payload = _payload(token, header, newer) if newer is not None else None
    if payload is None:
        raise TokenRejected("no key of the provider's made the signature")
    return Verified(header.algorithm, _read_claims(payload))


@dataclass(frozen=True)
class _Header:
    algorithm: str
    kid: str | None


def _read_header(token: str) -> _Header:
    """The parts of the header that choose a key. Algorithms other than ours, and `crit`, are refused here."""
    header = _json_object(_decoded(token.partition(".")[0]), "header")
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise TokenRejected("the signature's algorithm is not accepted")
    if kid is not None and not isinstance(kid, str):
        raise TokenRejected("the key id is not text")
    if "crit" in header:
        raise TokenRejected("the header has critical extensions that are not understood")
    return _Header(algorithm, kid)


def _payload(token: str, header: _Header, keys: KeySet) -> bytes | None:
    """The signed bytes, or None when no key fits or the signature does not hold."""
    key = keys.choose(header.algorithm, header.kid)
    if key is None:
        return None
    try:
        return deserialize_compact(token, key, registry=_REGISTRY).payload
    except (JoseError, ValueError):
        return None


def _read_claims(payload: bytes) -> dict[str, Any]:
    return _json_object(payload, "payload")


def _decoded(segment: str) -> bytes:
    if len(segment) > _HEADER_LIMIT:
        raise TokenRejected("the header is too long")
    try:
        return urlsafe_b64decode(to_bytes(segment))
    except (ValueError, IndexError):
        raise TokenRejected("the token is not in compact form") from None


def _json_object(text: bytes, part: str) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise TokenRejected(f"the {part} is not JSON") from None
    if not isinstance(value, dict):
        raise TokenRejected(f"the {part} is not a JSON object")
    return value


def _refuse_constant(name: str) -> Never:
    raise ValueError(name)
