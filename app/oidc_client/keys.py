"""A provider's public signing keys: reading a key set and choosing the key of a signature. Caching lives elsewhere.

Algorithms are pinned here and never taken from metadata or from a token (RFC 8725 §3.1).
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import base64_to_int

from app.oidc_client.faults import FaultKind, ProviderFault
from app.oidc_client.http import HttpClient
from app.oidc_client.private_keys import SMALLEST_RSA

ALGORITHMS = ("RS256", "ES256")

_KEY_LIMIT = 64

SigningKey = RSAKey | ECKey


@dataclass(frozen=True, eq=False)
class KeySet:
    """The keys of a set that can have made a signature we accept."""

    keys: tuple[SigningKey, ...]

    def choose(self, algorithm: str, kid: str | None) -> SigningKey | None:
        """The one key for `algorithm` and `kid`, or None.

        A token without `kid` is accepted only when exactly one key fits its algorithm; with several it is refused
        rather than tried against each (OpenID Connect Core 1.0 §10.1: then a `kid` must be given).
        """
        fitting = [key for key in self.keys if _fits(key, algorithm)]
        if kid is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.get("kid") == kid), None)


def fetch_keys(http: HttpClient, jwks_uri: str) -> KeySet:
    """Fetch and read a key set. Raises ProviderFault, also when no key in it can be used."""
    reply = http.get(jwks_uri, {"Accept": "application/jwk-set+json, application/json"})
    if reply.status != HTTPStatus.OK:
        raise ProviderFault(FaultKind.REFUSED, "no key set was given")
    return read_keys(reply.json_object())


def read_keys(document: dict[str, Any]) -> KeySet:
    """The usable keys of a JWK set (RFC 7517 §5: what is not understood is left out)."""
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise ProviderFault(FaultKind.GARBAGE, "the key set has no list of keys")
    keys = tuple(key for entry in entries[:_KEY_LIMIT] if (key := _read_key(entry)) is not None)
    if not keys:
        raise ProviderFault(FaultKind.GARBAGE, "the key set has no usable key")
    return KeySet(keys)


def _read_key(entry: Any) -> SigningKey | None:
    """A public RSA key of at least 2048 bits or a P-256 key, meant for signatures; None for anything else."""
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    try:
        if entry.get("kty") == "RSA":
            long_enough = base64_to_int(entry["n"]).bit_length() >= SMALLEST_RSA
            return RSAKey.import_key(entry) if long_enough else None
        if entry.get("kty") == "EC" and entry.get("crv") == "P-256":
            return ECKey.import_key(entry)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None


def _fits(key: SigningKey, algorithm: str) -> bool:
    made_for = {"RSA": "RS256", "EC": "ES256"}[key.key_type]
    return made_for == algorithm and key.get("alg", algorithm) == algorithm
