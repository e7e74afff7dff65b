"""What a provider says about itself: reading and judging its discovery document. Keeping it is `directory.py`'s work.

OpenID Connect Discovery 1.0 §3 and §4, RFC 8414, RFC 9207 §3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from app.oidc_client.endpoints import is_loopback, is_safe
from app.oidc_client.faults import FaultKind, ProviderFault, Reason, SignInFault
from app.oidc_client.http import HttpClient

WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Metadata:
    """The checked part of a discovery document that we use."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    token_auth_methods: frozenset[str]
    prompt_values: frozenset[str]
    sends_issuer: bool


def discovery_url(issuer: str) -> str:
    """Where the document of `issuer` lives; one trailing slash is removed first (Discovery 1.0 §4.1)."""
    return issuer.removesuffix("/") + WELL_KNOWN


def fetch_metadata(http: HttpClient, issuer: str) -> Metadata:
    """Fetch and check the document. Raises ProviderFault, or SignInFault when it names another issuer."""
    reply = http.get(discovery_url(issuer), {"Accept": "application/json"})
    if reply.status != HTTPStatus.OK:
        raise ProviderFault(FaultKind.REFUSED, "no discovery document was given")
    return read_metadata(reply.json_object(), issuer)


def read_metadata(document: Mapping[str, Any], issuer: str) -> Metadata:
    """Check a document against the configured issuer, byte for byte (ASVS 10.5.3)."""
    if document.get("issuer") != issuer:
        raise SignInFault(Reason.DISCOVERY_MISMATCH, "the discovery document names another issuer")
    return Metadata(
        issuer=issuer,
        authorization_endpoint=_required(document, "authorization_endpoint", issuer),
        token_endpoint=_required(document, "token_endpoint", issuer),
        jwks_uri=_required(document, "jwks_uri", issuer),
        userinfo_endpoint=_optional(document, "userinfo_endpoint", issuer),
        end_session_endpoint=_optional(document, "end_session_endpoint", issuer),
        token_auth_methods=_words(document, "token_endpoint_auth_methods_supported"),
        prompt_values=_words(document, "prompt_values_supported"),
        sends_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _required(document: Mapping[str, Any], name: str, issuer: str) -> str:
    endpoint = _optional(document, name, issuer)
    if endpoint is None:
        raise ProviderFault(FaultKind.GARBAGE, f"the discovery document lacks {name}")
    return endpoint


def _optional(document: Mapping[str, Any], name: str, issuer: str) -> str | None:
    endpoint = document.get(name)
    if endpoint is None:
        return None
    if not isinstance(endpoint, str) or not is_safe(endpoint):
        raise ProviderFault(FaultKind.UNSAFE_ADDRESS, f"{name} is not a safe address")
    # A provider out there has no business on our machine: its document could aim codes at a local service.
    if is_loopback(endpoint) and not is_loopback(issuer):
        raise ProviderFault(FaultKind.UNSAFE_ADDRESS, f"{name} points to this machine")
    return endpoint


def _words(document: Mapping[str, Any], name: str) -> frozenset[str]:
    values = document.get(name)
    return frozenset(value for value in values if isinstance(value, str)) if isinstance(values, list) else frozenset()
