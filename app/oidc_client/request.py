"""The authorization request: its address, and the secrets that must be kept until the answer comes.

Keeping them, once and bound to a browser, is the caller's work; which parameters a provider wants is its adapter's.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from app.oidc_client.adapters.base import Adapter, Ask
from app.oidc_client.metadata import Metadata
from app.oidc_client.proofing import asks_for_proofing
from app.oidc_client.provider import ProviderConfig

_SECRET_BYTES = 32  # 43 characters: RFC 7636 §4.1 wants 43 of a verifier, Login.gov 22 of a state and a nonce


@dataclass(frozen=True)
class PendingAttempt:
    """What must be remembered of one attempt. The secrets are good for one callback; store them sealed.

    `issuer_promised`: the provider's callbacks carry `iss`. `max_age` is seconds; it and the next two are the demands
    of `Ask`.
    """

    provider: str
    issuer: str
    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    issuer_promised: bool = False
    max_age: int | None = None
    minimum_aal: int | None = None
    phishing_resistant: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, secrets included."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "PendingAttempt":
        """The attempt that `as_dict` wrote."""
        return cls(**values)


@dataclass(frozen=True)
class AuthorizationRequest:
    """Where to send the browser, and what to keep."""

    url: str = field(repr=False)
    pending: PendingAttempt


def build_request(config: ProviderConfig, metadata: Metadata, adapter: Adapter, ask: Ask) -> AuthorizationRequest:
    """A fresh request: code flow, S256 (RFC 7636), state and nonce of its own.

    Raises ValueError when the parameters would ask for identity proofing, whatever configured or asked it.
    """
    parameters = {**_common_parameters(ask), **adapter.request_parameters(config, metadata, ask)}
    proofing = asks_for_proofing(parameters["scope"], parameters.get("acr_values", ""))
    if proofing is not None:
        raise ValueError(f"the request asks for identity proofing: {proofing}")
    pending = PendingAttempt(
        provider=config.key,
        issuer=config.issuer,
        redirect_uri=config.redirect_uri,
        state=secrets.token_urlsafe(_SECRET_BYTES),
        nonce=secrets.token_urlsafe(_SECRET_BYTES),
        code_verifier=secrets.token_urlsafe(_SECRET_BYTES),
        issuer_promised=metadata.sends_issuer,
        max_age=ask.max_age,
        minimum_aal=ask.minimum_aal,
        phishing_resistant=ask.phishing_resistant,
    )
    return AuthorizationRequest(_address(config, metadata, pending, parameters), pending)


def _common_parameters(ask: Ask) -> dict[str, str]:
    wanted: dict[str, str | Literal[False] | None] = {
        "max_age": ask.max_age is not None and str(ask.max_age),
        "login_hint": ask.login_hint,
        "prompt": ask.prompt,
        "ui_locales": ask.ui_locales,
    }
    return {name: value for name, value in wanted.items() if value}


def _address(config: ProviderConfig, metadata: Metadata, pending: PendingAttempt, parameters: dict[str, str]) -> str:
    address: str = prepare_grant_uri(
        metadata.authorization_endpoint,
        client_id=config.client_id,
        response_type="code",
        redirect_uri=pending.redirect_uri,
        state=pending.state,
        nonce=pending.nonce,
        code_challenge=create_s256_code_challenge(pending.code_verifier),
        code_challenge_method="S256",
        **parameters,
    )
    return address
